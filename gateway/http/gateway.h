// The gateway: the one part of the hub that faces people. HTTP in, calls of our services out.
//
//   gateway::GatewayOptions options{.listen = "127.0.0.1:7420"};
//   gateway::GatewayEnvironment environment{.services = channel, .clock = SystemClock(), …};
//   auto started = gateway::StartGateway(options, environment);
//   … (*started)->Shutdown(5'000);
//
// Serves: POST (and GET) /package.Service/Method, GET /events, /openapi.json, /healthz, /readyz,
// the pages of gateway/web; and on the admin listener /metrics, /healthz and /readyz.
#ifndef GATEWAY_HTTP_GATEWAY_H_
#define GATEWAY_HTTP_GATEWAY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "fairlead/events/v1/events.pb.h"
#include "gateway/http/server.h"
#include "gateway/limits/call_limits.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/base/result.h"
#include "services/common/rpc/channel.h"

namespace fairlead::gateway {

struct GatewayOptions {
  std::string listen = "127.0.0.1:7420";  // port 0: any free one
  std::string admin_listen;               // "127.0.0.1:0"; empty: none. Never a public address
  std::string tls_certificate_file;       // both empty: plain HTTP
  std::string tls_key_file;
  std::string tls_client_ca_file;         // PEM: who signs machine clients' certificates; or empty
  // The origin that browsers see when a front proxy ends TLS: "https://hub.example.org". Cookies
  // are then Secure, and a cookie's request must come from it.
  std::string public_origin;
  int io_threads = 1;
  HttpLimits limits;
  CallRates rates;
  TrustedProxies trusted_proxies;
  size_t event_ring = 8192;
  size_t max_streams = 2000;  // and never more than half of the connections
  size_t max_streams_per_session = 6;
  std::string app_folder;  // the built browser app (gateway/web/app_files.h); empty: none
};

// Whatever follows the event streams; destroying it stops it.
class EventSource {
 public:
  virtual ~EventSource() = default;
};
using OnEvent = std::function<void(const fairlead::events::v1::EventEnvelope&)>;
// Starts following: `on_event` in order from one thread at a time, `on_gap` when events may have
// been missed. See RedisEvents in gateway/events/redis_events.h.
using StartEvents =
    std::function<std::unique_ptr<EventSource>(OnEvent on_event, std::function<void()> on_gap)>;

// What the gateway is given. References outlive it.
struct GatewayEnvironment {
  rpc::Channel& services;
  const Clock& clock;
  Random& random;
  IdGenerator& ids;
  StartEvents start_events;                   // empty: /events stays silent
  std::function<bool()> is_ready;             // empty: always. Must not block
  std::function<std::string()> metrics_text;  // Prometheus text; empty: 404. Must not block
  std::function<void(const RequestRecord&)> on_request;  // on an I/O thread
  std::string version = "0.1.0";
};

class Gateway {
 public:
  virtual ~Gateway() = default;  // Shutdown(0) if it was not called
  virtual int port() const = 0;
  virtual int admin_port() const = 0;   // 0: none
  virtual std::string url() const = 0;  // "http://127.0.0.1:7420"
  virtual size_t event_streams() const = 0;
  virtual int connections() const = 0;
  // Refuses new connections, ends event streams, lets the answers under way finish for up to
  // `grace_ms`, then closes. Blocks. Call it before the services drain.
  virtual void Shutdown(int64_t grace_ms) = 0;
};

// Errors: LISTEN_INVALID, LISTEN_FAILED, TLS_FILES_INVALID.
Result<std::unique_ptr<Gateway>> StartGateway(const GatewayOptions& options,
                                              const GatewayEnvironment& environment);

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_GATEWAY_H_
