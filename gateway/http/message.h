// Requests and answers as the rest of the gateway sees them: nothing of Beast or Asio.
#ifndef GATEWAY_HTTP_MESSAGE_H_
#define GATEWAY_HTTP_MESSAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/base/task.h"

namespace fairlead::gateway {

using Headers = std::vector<std::pair<std::string, std::string>>;

// One request that has passed the strict checks of head.h. Header names are lower case.
struct Request {
  std::string method;  // "POST"
  std::string path;    // what stands before '?', as sent: no decoding, no normalising
  std::string query;   // what stands after '?', as sent
  Headers headers;
  std::string body;  // decoded from chunks; empty until the whole of it has been read
  std::string peer;    // the IP address at the other end of the connection
  std::string client;  // whose requests are counted together (gateway/limits/client_network.h)
  bool tls = false;
  // base64url SHA-256 of the client certificate's DER (RFC 8705, x5t#S256), which our own TLS has
  // verified and which is still good; empty: none. Never from a header.
  std::string client_certificate_sha256;
  std::string id;                  // ours, UUIDv7; answered as x-request-id
  int64_t deadline_steady_ms = 0;  // by then the server has answered, with 504 if need be

  // The first value of a header given in lower case; empty when it is absent.
  std::string_view Header(std::string_view name) const;
};

// A body that comes in pieces while things happen. The server calls one function at a time.
class BodyStream {
 public:
  struct Piece {
    std::string data;
    bool end = false;  // nothing comes after `data`
  };
  virtual ~BodyStream() = default;  // the client has gone, or the end was sent
  // What waits to be sent, at most 64 KiB and whole events; empty when nothing does.
  virtual Piece Take() = 0;
  // `wake` is called, on any thread, whenever Take may have more to give. Called once, before Take.
  virtual void OnReady(std::function<void()> wake) = 0;
  // Every heartbeat: what to send so that the connection lives, or the end.
  virtual Task<Piece> Heartbeat() = 0;
};

struct Response {
  int status = 200;
  Headers headers;  // the server adds date, length, request id and the security headers
  std::string body;
  std::shared_ptr<BodyStream> stream;  // when set, follows `body`
  bool close = false;                  // end the connection after this answer
  bool is_hotline = false;  // to a hotline operator, whose connection keeps its place (HttpLimits)

  void Set(std::string_view name, std::string_view value);
};

// What the server asks before it reads a body: cheap, and never blocking.
struct Admission {
  bool refused = false;
  Response refusal;                // sent at once when refused; the body is not read
  size_t max_body_bytes = 0;       // beyond: 413
  int64_t time_limit_ms = 10'000;  // for the handler; beyond: 504
};

// What a server serves.
class Application {
 public:
  virtual ~Application() = default;
  virtual Admission Admit(const Request& head) = 0;  // no body yet
  // Asked before a large body is read: what to answer instead. The request has no body yet, and
  // lives as long as the returned Task or longer.
  virtual Task<std::optional<Response>> RefuseUpload(std::shared_ptr<const Request> head) = 0;
  // The request lives as long as the returned Task or longer.
  virtual Task<Response> Handle(std::shared_ptr<const Request> request) = 0;
  // A label from a fixed set, for metrics: never what the client wrote.
  virtual std::string_view RouteLabel(const Request& request) const = 0;
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_MESSAGE_H_
