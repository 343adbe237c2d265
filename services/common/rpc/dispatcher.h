// The pipeline in front of every method, and the channel that reaches methods of this process.
#ifndef SERVICES_COMMON_RPC_DISPATCHER_H_
#define SERVICES_COMMON_RPC_DISPATCHER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "services/common/auth/policy.h"
#include "services/common/base/clock.h"
#include "services/common/base/random.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/method.h"

namespace fairlead::rpc {

struct DispatcherOptions {
  int max_in_flight = 1024;  // beyond: RESOURCE_EXHAUSTED TOO_MANY_CALLS
  // Of these, one in so many is kept for hotline operators: when everybody else's share is full,
  // they still get in. Half of it also serves our own services' calls, such as the gateway's
  // question whose session a token is: without that, no operator would be known for one. 0: none.
  int reserve_one_in = 8;
  int64_t max_deadline_ms = 60'000;
  // The policy table; tests with methods of their own bring their own.
  const auth::PolicyRow* (*find_policy)(std::string_view method) = &auth::FindPolicy;
  Random* random = nullptr;  // for trace ids; nullptr: the system's
  // Told of every call when it has ended, answered or refused (`error` is then not null). For
  // counting and the log; on the thread that ended the call: must not block.
  std::function<void(std::string_view method, const Error* error, int64_t took_ms)> on_call = {};
  // Told of every call that the policy denied, for the audit trail. Must not block.
  std::function<void(const auth::Actor& actor, std::string_view method, const Error& error)>
      on_denied = {};
};

// One call, authenticated by whatever carried it.
struct IncomingCall {
  std::string method;
  auth::Actor actor;
  std::string calling_service;     // proven, or empty
  int64_t deadline_steady_ms = 0;  // 0: none given → INVALID_ARGUMENT DEADLINE_REQUIRED
  std::string traceparent;
  bool nested = false;  // see CallOptions: only a caller in this process can say so
};

class Dispatcher {
 public:
  // All three outlive it. The registry may still be filled until the first call.
  Dispatcher(const Registry& registry, const Clock& clock, DispatcherOptions options = {});
  // Stops the process (with a list) when a method has no policy row.
  void CheckPolicies() const;
  // authorise → validate → admit → method. Refusals, in this order: UNIMPLEMENTED UNKNOWN_METHOD,
  // Authorise's, DEADLINE_REQUIRED / DEADLINE_EXCEEDED, Validate's, TOO_MANY_CALLS, SHUTTING_DOWN.
  // `request` outlives the Task and is of the method's request type (else INTERNAL WRONG_MESSAGE).
  Task<Reply> Dispatch(IncomingCall call, const Message& request);
  // Refuses new calls from here on; Idle() is true when the last one has ended.
  void BeginDrain();
  bool Idle() const;
  // Blocks until Idle, at most so long; says whether it is. After BeginDrain.
  bool WaitIdle(int64_t at_most_ms) const;
  const Registry& registry() const { return registry_; }

 private:
  class Admission;  // one call's place among those in flight
  Task<Reply> Run(IncomingCall call, const Message& request);
  Result<int64_t> CheckDeadline(int64_t deadline_steady_ms) const;

  const Registry& registry_;
  const Clock& clock_;
  const DispatcherOptions options_;
  std::atomic<int> in_flight_{0};
  std::atomic<bool> draining_{false};
};

// Calls methods of this process directly: no socket, no copy, the same checks.
std::unique_ptr<Channel> MakeLocalChannel(Dispatcher& dispatcher);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_DISPATCHER_H_
