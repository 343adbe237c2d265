// One channel that reaches every service's methods, wherever they run: each call goes by the
// prefix of its method to the channel that was given for it.
//
//   host::RoutingChannel services;
//   services.Route("/fairlead.consent.v1.", *local);
//   services.Route("/fairlead.directory.v1.", *grpc);
#ifndef SERVICES_COMMON_HOST_ROUTING_H_
#define SERVICES_COMMON_HOST_ROUTING_H_

#include <map>
#include <string>
#include <string_view>

#include "services/common/rpc/channel.h"

namespace fairlead::host {

// Filled before the first call, then read-only: calls may come from any thread.
class RoutingChannel final : public rpc::Channel {
 public:
  // `prefix`: a package as methods name it, "/fairlead.consent.v1." (the leading "/" may be left
  // out). A prefix given twice goes to the later channel. `channel` outlives this.
  void Route(std::string prefix, rpc::Channel& channel);

  // On top of the channel's errors: UNAVAILABLE SERVICE_UNAVAILABLE when no prefix fits.
  Task<rpc::Reply> Call(std::string method, const rpc::Message& request,
                        const rpc::Message& response_prototype,
                        rpc::CallOptions options) override;

 private:
  rpc::Channel* Find(std::string_view method) const;

  std::map<std::string, rpc::Channel*, std::less<>> routes_;  // by prefix, without the "/"
};

}  // namespace fairlead::host

#endif  // SERVICES_COMMON_HOST_ROUTING_H_
