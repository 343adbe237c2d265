// A strict HTTP/1.1 server for people's side of the hub: keep-alive, limits on everything, TLS when
// certificates are given. It knows no route: an Application (message.h) does.
//
//   Result<std::unique_ptr<HttpServer>> server =
//       HttpServer::Start(context, {.listen = "127.0.0.1:0"}, application, clock, ids);
//   Connect((*server)->port());
#ifndef GATEWAY_HTTP_SERVER_H_
#define GATEWAY_HTTP_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/message.h"
#include "gateway/limits/client_network.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/result.h"

namespace fairlead::gateway {

struct HttpLimits {
  // When they are taken, one gives way that asks nothing: the longest waiting of the client that
  // has the most. Is there none: 503 with Retry-After. One in eight is kept: for connections that
  // have carried a hotline operator's session, which never give way, and for new ones of their
  // networks.
  int max_connections = 1024;
  // Client: an IPv4 address or an IPv6 /64 (twice as many for a /48); but for a trusted proxy,
  // which has many people's. It may be a whole office: a browser has six at most.
  int max_connections_per_client = 256;
  int max_requests_per_connection = 100'000;
  int64_t header_ms = 10'000;  // from the first byte of a head to its last
  int64_t body_ms = 30'000;
  int64_t idle_ms = 60'000;       // between requests
  int64_t write_ms = 30'000;      // for one answer, or one piece of a stream
  int64_t heartbeat_ms = 15'000;  // of a stream
};

// What is said about a request when it has been answered; nothing of what the client wrote.
struct RequestRecord {
  std::string_view route;  // RouteLabel of the application
  int status = 0;
  int64_t duration_ms = 0;
  size_t request_bytes = 0;
  size_t response_bytes = 0;
};

struct HttpServerOptions {
  std::string listen = "127.0.0.1:7420";  // "127.0.0.1:7420", "[::1]:7420", "localhost:0"
  std::string tls_certificate_file;       // PEM chain; empty: plain HTTP
  std::string tls_key_file;               // PEM
  // PEM: who may have signed clients' certificates. A client need not have one; one that it shows
  // is verified, or the handshake fails. Empty: none are asked for.
  std::string tls_client_ca_file;
  HttpLimits limits;
  TrustedProxies trusted_proxies;  // believed when they say for whom they ask
  std::function<void(const RequestRecord&)> on_request;  // on an I/O thread: must not block
};

// The threads that all servers of a gateway share. Boost's io_context, out of sight.
class IoThreads {
 public:
  explicit IoThreads(int threads);
  ~IoThreads();  // stops and joins
  void Stop();
  struct Impl;
  std::shared_ptr<Impl> impl() const { return impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;  // Shutdown(0) if it was not called
  // Errors: LISTEN_INVALID, LISTEN_FAILED, TLS_FILES_INVALID. `threads` outlives the server;
  // `clock` and `ids` outlive the threads.
  static Result<std::unique_ptr<HttpServer>> Start(IoThreads& threads, HttpServerOptions options,
                                                   std::shared_ptr<Application> application,
                                                   const Clock& clock, IdGenerator& ids);
  virtual int port() const = 0;
  virtual int connections() const = 0;
  // Stops accepting, closes idle connections, ends streams, waits up to `grace_ms` for the answers
  // under way, then closes what is left. Blocks; never on an I/O thread.
  virtual void Shutdown(int64_t grace_ms) = 0;
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_SERVER_H_
