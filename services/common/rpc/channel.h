// How one part of the hub calls a method of another: typed, asynchronous, with a deadline.
//
//   IssueCustodyKeysRequest request; …
//   rpc::CallOptions options{.actor = context.actor, .deadline_steady_ms = …};
//   auto reply = co_await rpc::Call<IssueCustodyKeysResponse>(
//       consent, "/fairlead.consent.v1.ConsentService/IssueCustodyKeys", request, options);
#ifndef SERVICES_COMMON_RPC_CHANNEL_H_
#define SERVICES_COMMON_RPC_CHANNEL_H_

#include <memory>
#include <string>
#include <string_view>

#include "services/common/rpc/method.h"

namespace fairlead::rpc {

struct CallOptions {
  // For whom. Between services: the actor of the outer call, so that the callee's checks still
  // see the person; `on_behalf_of_service` names the calling service, which services-only
  // methods demand.
  auth::Actor actor;
  std::string on_behalf_of_service;
  int64_t deadline_steady_ms = 0;  // required
  std::string traceparent;
  // Made by Onward: part of a call that this process has admitted already. Such a call is let in
  // while the process drains or is full, else what was admitted could not be finished.
  bool nested = false;
};

// What a callee's answer leaves to the caller, to answer in its turn.
inline constexpr int64_t kOnwardMarginMs = 50;

// The outer call's options, less the margin, said by service `name`.
CallOptions Onward(const CallContext& context, std::string name);

class Channel {
 public:
  virtual ~Channel() = default;
  // `request` is serialised or used before the first suspension ends; keep it alive until then.
  // `response_prototype` says what to make of the answer. Errors: those of the method, and
  // UNAVAILABLE SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED DEADLINE_EXCEEDED.
  virtual Task<Reply> Call(std::string method, const Message& request,
                           const Message& response_prototype, CallOptions options) = 0;
};

template <class Response>
Task<Result<Response>> Call(Channel& channel, std::string method, const Message& request,
                            CallOptions options) {
  Task<Reply> task = channel.Call(std::move(method), request, Response::default_instance(),
                                  std::move(options));
  Reply reply = co_await std::move(task);
  if (!reply) co_return Fail(std::move(reply.error()));
  co_return std::move(static_cast<Response&>(**reply));
}

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_CHANNEL_H_
