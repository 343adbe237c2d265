// Connect calls (https://connectrpc.com/docs/protocol) over libcurl: unary, protobuf bodies.
//
//   Client client({.url = "http://127.0.0.1:7420", .token = token, .timeout_ms = 10'000});
//   auto me = client.Call<identity::v1::GetMeResponse>(
//       "fairlead.identity.v1.IdentityService/GetMe", identity::v1::GetMeRequest());
//
// No redirect is followed, no proxy is used for loopback addresses, TLS certificates are checked.
// A machine client signs each request instead (gateway/signature), with a nonce of its own.
// A session token is not sent in clear to another machine: http:// is for loopback only, unless
// `allow_plain_http`.
#ifndef GATEWAY_CLI_CLIENT_H_
#define GATEWAY_CLI_CLIENT_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "services/common/base/result.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {

struct ClientOptions {
  std::string url;
  std::string token;  // empty: not signed in
  std::shared_ptr<const seal::PrivateKey> machine_key = {};  // instead of a token
  int64_t timeout_ms = 10'000;
  bool allow_plain_http = false;
  std::string ca_file;  // empty: the system's authorities
  // Asked when the hub answers STEP_UP_REQUIRED; when it succeeds, the call is made once more.
  // Empty: the refusal is the answer.
  std::function<Result<void>()> step_up = {};
  // How to wait so many seconds, when the hub answers RATE_LIMITED. Empty: asleep.
  std::function<void(int64_t wait_s)> wait = {};
};

struct Answer {
  int status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case
};

// "http://127.0.0.1:7420": scheme, host and optional port only, without a trailing slash.
// Errors: USAGE, INSECURE_URL.
Result<std::string> CheckUrl(std::string_view url, bool allow_plain_http);

// The same hub as a browser has to open it: http://localhost:7420 for http://127.0.0.1:7420 and
// http://[::1]:7420. A passkey belongs to a name, never to a number (WebAuthn, section 5.1.3, step
// 8; "localhost" is a secure context, W3C Secure Contexts, section 3.1).
std::string BrowserUrl(const std::string& url);

class Client {
 public:
  static constexpr size_t kMaxAnswerBytes = 16 * 1024 * 1024;

  explicit Client(ClientOptions options) : options_(std::move(options)) {}

  const ClientOptions& options() const { return options_; }
  void set_token(std::string token) { options_.token = std::move(token); }
  // `url`: of CheckUrl. The token of another hub does not go there.
  void set_url(std::string url) {
    options_.url = std::move(url);
    options_.token.clear();
  }
  void set_step_up(std::function<Result<void>()> step_up) { options_.step_up = std::move(step_up); }

  // `method`: "package.Service/Method". A call that the hub refuses as one too many in a short time
  // (RATE_LIMITED) has changed nothing, and is made again after the wait that the hub asks for, a
  // minute in all at most. Errors: the hub's own, with metadata "request" (the id its log has), or
  // UNAVAILABLE HUB_UNREACHABLE (nothing was sent) or ANSWER_LOST, DEADLINE_EXCEEDED, INTERNAL
  // UNEXPECTED_ANSWER.
  template <class Response>
  Result<Response> Call(std::string_view method, const google::protobuf::Message& request) {
    auto bytes = CallBytes(method, request.SerializeAsString());
    if (!bytes) return Fail(bytes.error());
    Response response;
    if (!response.ParseFromString(*bytes)) return Unexpected("the answer cannot be read");
    return response;
  }

  // A plain GET of at most kMaxAnswerBytes, whatever its status.
  Result<Answer> Get(std::string_view path);

  // Reads GET `path` as it comes, until `on_bytes` returns false (an empty Result then), the
  // connection ends (UNAVAILABLE STREAM_ENDED) or `timeout_ms` have passed (DEADLINE_EXCEEDED).
  // `on_bytes` is also called with nothing at least once a second.
  Result<void> Stream(std::string_view path, const std::map<std::string, std::string>& headers,
                      int64_t timeout_ms, const std::function<bool(std::string_view)>& on_bytes);

 private:
  Result<std::string> CallBytes(std::string_view method, const std::string& body);
  Result<std::string> CallInTime(std::string_view method, const std::string& body);
  Result<std::string> CallOnce(std::string_view method, const std::string& body);
  static tl::unexpected<Error> Unexpected(const std::string& what);

  ClientOptions options_;
  bool stepping_up_ = false;
};

// Whether the hub may have done what was asked, although this is what came of it: an answer that
// was lost or cannot be read, or a refusal of the second try (metadata tries) after a first one of
// which no answer came.
bool MayHaveHappened(const Error& error);

// The error of a Connect answer that is not 200.
Error ErrorFromAnswer(const Answer& answer);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_CLIENT_H_
