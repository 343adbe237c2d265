#include "services/common/host/routing.h"

namespace fairlead::host {
namespace {

std::string_view WithoutSlash(std::string_view name) {
  if (name.starts_with('/')) name.remove_prefix(1);
  return name;
}

Task<rpc::Reply> NoRoute() {
  co_return Fail(Code::kUnavailable, "SERVICE_UNAVAILABLE", "That service does not run here.");
}

}  // namespace

void RoutingChannel::Route(std::string prefix, rpc::Channel& channel) {
  routes_[std::string(WithoutSlash(prefix))] = &channel;
}

rpc::Channel* RoutingChannel::Find(std::string_view method) const {
  method = WithoutSlash(method);
  // The longest prefix that fits sorts last among those that are not greater than the method; a
  // shorter one may lie further back, with others between.
  for (auto at = routes_.upper_bound(method); at != routes_.begin();) {
    --at;
    if (method.starts_with(at->first)) return at->second;
  }
  return nullptr;
}

Task<rpc::Reply> RoutingChannel::Call(std::string method, const rpc::Message& request,
                                      const rpc::Message& response_prototype,
                                      rpc::CallOptions options) {
  rpc::Channel* channel = Find(method);
  if (channel == nullptr) return NoRoute();
  return channel->Call(std::move(method), request, response_prototype, std::move(options));
}

}  // namespace fairlead::host
