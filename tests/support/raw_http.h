// An HTTP client that sends any bytes, also wrong ones, and shows what comes back.
//
//   RawHttp http(gateway.port());
//   http.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
//   EXPECT_EQ(http.Read().status, 200);
#ifndef TESTS_SUPPORT_RAW_HTTP_H_
#define TESTS_SUPPORT_RAW_HTTP_H_

#include <map>
#include <string>
#include <string_view>

namespace fairlead::testing {

struct RawAnswer {
  int status = 0;  // 0: none came, or not a whole one
  std::map<std::string, std::string> headers;
  std::string body;
  // The reason in a Connect error's debug part; empty when there is none.
  std::string reason() const;
};

class RawHttp {
 public:
  // To 127.0.0.1, from `ip` (any 127.x.y.z; empty: as it comes); connected() says whether.
  explicit RawHttp(int port, const std::string& ip = "");
  ~RawHttp();
  RawHttp(const RawHttp&) = delete;
  RawHttp& operator=(const RawHttp&) = delete;

  bool connected() const { return fd_ >= 0; }
  bool Send(std::string_view bytes);
  // One answer with its body (length or chunks). Waits up to 10 s.
  RawAnswer Read(bool head_only = false);
  // Everything until `text` has been seen; what came, with or without it, after `timeout_ms`.
  std::string ReadUntil(std::string_view text, int timeout_ms = 10'000);
  // The server has closed: nothing more to read but the end. Waits up to `timeout_ms`.
  bool Closed(int timeout_ms = 10'000);

  // A whole request with Host, and Content-Length when there is a body.
  RawAnswer Ask(const std::string& method, const std::string& target,
                const std::string& headers = "", const std::string& body = "");
  // POST of JSON.
  RawAnswer Call(const std::string& path, const std::string& json, const std::string& headers = "");

 private:
  bool Fill(int timeout_ms);
  int fd_ = -1;
  int port_ = 0;
  std::string buffer_;
};

}  // namespace fairlead::testing

#endif  // TESTS_SUPPORT_RAW_HTTP_H_
