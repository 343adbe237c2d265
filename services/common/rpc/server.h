// gRPC from sockets to the dispatcher, and the channel that goes the other way. Callback API;
// nothing here blocks. gRPC's own headers stay in the .cc files.
#ifndef SERVICES_COMMON_RPC_SERVER_H_
#define SERVICES_COMMON_RPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "services/common/auth/assertion.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/dispatcher.h"

namespace fairlead::rpc {

struct ServerOptions {
  // "unix:/run/fairlead/hub.sock" or "127.0.0.1:0" (loopback; mTLS across machines comes with the
  // identity work). Never public: this gRPC has open CVEs.
  std::string listen;
  int max_receive_bytes = 6 * 1024 * 1024;
  int max_metadata_bytes = 16 * 1024;
  int max_concurrent_streams = 256;
  bool reflection = false;
};

class Server {
 public:
  virtual ~Server() = default;  // shuts down at once if Shutdown was not called
  virtual int port() const = 0;  // for a TCP listener
  // NOT_SERVING → refuse new calls → wait for those in flight up to the grace → close. Blocks.
  virtual void Shutdown(int64_t grace_ms) = 0;
};

// Serves every method of the dispatcher's registry, and grpc.health.v1.Health. Errors:
// LISTEN_FAILED.
Result<std::unique_ptr<Server>> StartServer(const ServerOptions& options, Dispatcher& dispatcher,
                                            auth::AssertionVerifier& verifier,
                                            const Clock& clock);

// A channel to a server elsewhere. Retries UNAVAILABLE only, at most 3 times within the deadline.
// `signer` signs the actor of each call.
std::unique_ptr<Channel> MakeGrpcChannel(const std::string& target,
                                         const auth::AssertionSigner& signer, const Clock& clock);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_SERVER_H_
