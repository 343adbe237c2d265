// Every service in one process, with the gateway in front: the embedded default. Also hosts one
// service alone (`fairlead serve`).
#ifndef SERVICES_HUB_HUB_H_
#define SERVICES_HUB_HUB_H_

#include <memory>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/config/config.h"
#include "services/common/rpc/channel.h"

namespace fairlead::hub {

struct HubOptions {
  config::HubConfig config;
  std::vector<std::string> services;  // names; empty: all of them
  bool gateway = true;
  bool gateway_only = false;  // no service here: all of them are elsewhere
  bool demo = false;
};

// Started by Start, running until Stop. Starting order: data folder and its lock, Redis, keys,
// services, gRPC socket, gateway. Stopping goes the other way round; see hub.cc.
class Hub {
 public:
  virtual ~Hub() = default;
  // Errors: DATA_FOLDER_IN_USE (another process has it; metadata pid), those of the parts.
  static Result<std::unique_ptr<Hub>> Start(const HubOptions& options);
  // As people open it: public_url, or "http://localhost:7420" (see config::PublicUrl), so that
  // links made from it can make passkeys; empty without a gateway.
  virtual std::string url() const = 0;
  virtual std::string rpc_address() const = 0;
  // Not ready → no new calls → those in flight end → services stop → Redis stops. Blocks; once.
  virtual void Stop() = 0;
};

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_HUB_H_
