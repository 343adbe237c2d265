// A hub of a few lines for tests of the command line: HTTP/1.1 on a loopback port, one connection
// at a time, answers by path.
//
//   FakeHub hub;
//   hub.OnCall(kGetMe, [](const FakeRequest&) { return Protobuf(me); });
//   hub.url();   // "http://127.0.0.1:40123"
#ifndef GATEWAY_CLI_TESTING_FAKE_HUB_H_
#define GATEWAY_CLI_TESTING_FAKE_HUB_H_

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::cli {

struct FakeRequest {
  std::string method;  // "POST"
  std::string path;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct FakeAnswer {
  int status = 200;
  std::string content_type = "application/proto";
  std::string body;
  std::string extra_headers;  // "x-request-id: 1\r\n"
  bool hang_up = false;       // no answer at all
};

FakeAnswer Protobuf(const google::protobuf::Message& message);
// As the gateway answers it, with an ErrorInfo.
FakeAnswer Refusal(int status, const Error& error);

class FakeHub {
 public:
  using Handler = std::function<FakeAnswer(const FakeRequest&)>;

  FakeHub();
  ~FakeHub();
  FakeHub(const FakeHub&) = delete;
  FakeHub& operator=(const FakeHub&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // "package.Service/Method", or a path such as "/readyz".
  void OnCall(std::string_view method, Handler handler);
  template <class Response>
  void Answer(std::string_view method, const Response& response) {
    OnCall(method, [response](const FakeRequest&) { return Protobuf(response); });
  }
  std::vector<FakeRequest> requests() const;

 private:
  void Serve();
  void Handle(int fd);

  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, Handler> handlers_;
  std::vector<FakeRequest> requests_;
  std::thread thread_;
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_TESTING_FAKE_HUB_H_
