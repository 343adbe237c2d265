// gRPC from sockets to the dispatcher, and the channel that goes the other way. Callback API;
// nothing here blocks. gRPC's own headers stay in the .cc files.
//
//   auto server = rpc::StartServer({.listen = "unix:/run/fairlead/hub.sock"}, dispatcher, verifier,
//                                  SystemClock());
//   …
//   (*server)->Shutdown(5'000);
#ifndef SERVICES_COMMON_RPC_SERVER_H_
#define SERVICES_COMMON_RPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "services/common/auth/assertion.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/tls.h"

namespace fairlead::rpc {

struct ServerOptions {
  // "unix:/run/fairlead/hub.sock" (mode 0600; a dead server's socket is replaced, a living one's
  // is not; only our own user and root are let in) or a loopback address, "127.0.0.1:0". With
  // `tls`, an address of a private network. Never public: this gRPC has open CVEs.
  std::string listen = {};
  TlsFiles tls = {};  // for TCP: mutual TLS
  int max_receive_bytes = 6 * 1024 * 1024;
  int max_send_bytes = 6 * 1024 * 1024;
  int max_metadata_bytes = 16 * 1024;
  int max_concurrent_streams = 256;  // on one connection
  int max_buffer_bytes = 256 * 1024 * 1024;  // of all connections together
  int64_t keepalive_ms = 30'000;
  int64_t keepalive_timeout_ms = 10'000;
  // Connections are closed after so long (gRPC adds a jitter), calls on them may end first.
  int64_t max_connection_age_ms = 30 * 60 * 1000;
  int64_t max_connection_age_grace_ms = 60'000;
  bool reflection = false;
};

class Server {
 public:
  virtual ~Server() = default;  // shuts down at once if Shutdown was not called
  virtual int port() const = 0;  // for a TCP listener; 0 for a Unix socket
  // NOT_SERVING → refuse new calls (of the whole dispatcher) → wait for those in flight up to the
  // grace → close. Blocks. What is still in flight after the grace is cancelled for its caller,
  // and waited for: a method ends, it is not torn off.
  virtual void Shutdown(int64_t grace_ms) = 0;
};

// Serves every method of the dispatcher's registry (filled by now), and grpc.health.v1.Health.
// A call brings its actor in metadata `fairlead-actor` (auth/assertion.h; none: anonymous) and may
// bring `traceparent`. On top of the dispatcher's errors a caller may see UNAUTHENTICATED
// ACTOR_ASSERTION_*, INVALID_ARGUMENT INVALID_MESSAGE and INVALID_UTF8, and gRPC's own
// RESOURCE_EXHAUSTED for a message that is too large; with TLS UNAUTHENTICATED PEER_MISMATCH when
// the certificate does not name the service that calls. Errors: UNAVAILABLE LISTEN_FAILED, those of
// CheckTls.
Result<std::unique_ptr<Server>> StartServer(const ServerOptions& options, Dispatcher& dispatcher,
                                            auth::AssertionVerifier& verifier,
                                            const Clock& clock);

// A channel to a server elsewhere. Retries UNAVAILABLE only, at most 3 times within the deadline,
// after 20, 40 and 80 ms (each give or take half). `signer` signs the actor of each call. The
// channel must outlive its calls. With `tls` both sides show certificates, and the server's must be
// for `service` (pki::DnsName).
std::unique_ptr<Channel> MakeGrpcChannel(const std::string& target,
                                         const auth::AssertionSigner& signer, const Clock& clock,
                                         const TlsFiles& tls = {},
                                         const std::string& service = {});

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_SERVER_H_
