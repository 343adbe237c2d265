#include "services/common/rpc/dispatcher.h"

#include <cstdio>
#include <cstdlib>

#include "services/common/rpc/validate.h"
#include "services/common/telemetry/trace.h"

namespace fairlead::rpc {

// Counts the call in for as long as it lives. The count goes up before the limits are looked at:
// so no call can slip in between BeginDrain and Idle.
class Dispatcher::Admission {
 public:
  Admission(Dispatcher& dispatcher, const auth::Actor& actor, bool nested)
      : dispatcher_(dispatcher),
        before_(dispatcher.in_flight_.fetch_add(1)),
        room_(Room(dispatcher.options_, actor)),
        nested_(nested) {}
  // The last touch of the dispatcher: whoever sees it idle may destroy it.
  ~Admission() { dispatcher_.in_flight_.fetch_sub(1); }
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  Result<void> Check() const {
    // Nested calls are bounded by the outer ones; refusing them would fail all that is in flight
    // instead of the excess.
    if (nested_) return {};
    if (before_ >= room_) {
      return Fail(Code::kResourceExhausted, "TOO_MANY_CALLS",
                  "Too many calls at once. Try again shortly.");
    }
    if (dispatcher_.draining_) {
      return Fail(Code::kUnavailable, "SHUTTING_DOWN", "The hub is shutting down.");
    }
    return {};
  }

 private:
  static int Room(const DispatcherOptions& options, const auth::Actor& actor) {
    if (options.reserve_one_in <= 0) return options.max_in_flight;
    const int reserve = options.max_in_flight / options.reserve_one_in;
    if (actor.Has(auth::Role::kHotlineOperator)) return options.max_in_flight;
    if (actor.kind == auth::ActorKind::kService) return options.max_in_flight - reserve / 2;
    return options.max_in_flight - reserve;
  }

  Dispatcher& dispatcher_;
  const int before_;
  const int room_;
  const bool nested_;
};

Dispatcher::Dispatcher(const Registry& registry, const Clock& clock, DispatcherOptions options)
    : registry_(registry), clock_(clock), options_(options) {}

void Dispatcher::CheckPolicies() const {
  int missing = 0;
  for (const auto& [name, method] : registry_.methods()) {
    if (options_.find_policy(name) != nullptr) continue;
    std::fprintf(stderr, "no policy row for %s\n", name.c_str());
    ++missing;
  }
  if (missing == 0) return;
  std::fprintf(stderr, "%d methods without a policy row: not starting\n", missing);
  std::abort();
}

Result<int64_t> Dispatcher::CheckDeadline(int64_t deadline_steady_ms) const {
  if (deadline_steady_ms == 0) {
    return Fail(Code::kInvalidArgument, "DEADLINE_REQUIRED", "Every call needs a deadline.");
  }
  const int64_t now_ms = clock_.SteadyMs();
  if (deadline_steady_ms <= now_ms) {
    return Fail(Code::kDeadlineExceeded, "DEADLINE_EXCEEDED", "The deadline has passed.");
  }
  return std::min(deadline_steady_ms, now_ms + options_.max_deadline_ms);
}

Task<Reply> Dispatcher::Dispatch(IncomingCall call, const Message& request) {
  if (!options_.on_call) co_return co_await Run(std::move(call), request);
  const int64_t start_ms = clock_.SteadyMs();
  const std::string method = call.method;
  Reply reply = co_await Run(std::move(call), request);
  options_.on_call(method, reply ? nullptr : &reply.error(), clock_.SteadyMs() - start_ms);
  co_return reply;
}

Task<Reply> Dispatcher::Run(IncomingCall call, const Message& request) {
  const Method* method = registry_.Find(call.method);
  if (method == nullptr) {
    co_return Fail(Code::kUnimplemented, "UNKNOWN_METHOD", "There is no such method here.");
  }
  Result<void> allowed =
      auth::Authorise(options_.find_policy(call.method), call.actor, call.calling_service);
  if (!allowed) {
    if (options_.on_denied) options_.on_denied(call.actor, call.method, allowed.error());
    co_return Fail(std::move(allowed.error()));
  }
  Result<int64_t> deadline = CheckDeadline(call.deadline_steady_ms);
  if (!deadline) co_return Fail(std::move(deadline.error()));
  if (request.GetDescriptor() != method->request_prototype->GetDescriptor()) {
    co_return Fail(Code::kInternal, "WRONG_MESSAGE", "This method takes another message.");
  }
  Result<void> valid = Validate(request);
  if (!valid) co_return Fail(std::move(valid.error()));
  const Admission admission(*this, call.actor, call.nested);
  Result<void> admitted = admission.Check();
  if (!admitted) co_return Fail(std::move(admitted.error()));

  CallContext context;
  context.actor = std::move(call.actor);
  context.method = std::move(call.method);
  context.deadline_steady_ms = *deadline;
  context.traceparent = std::move(call.traceparent);
  context.calling_service = std::move(call.calling_service);
  if (!telemetry::ParseTraceparent(context.traceparent)) {
    Random& random = options_.random ? *options_.random : SystemRandom();
    context.traceparent = telemetry::FormatTraceparent(telemetry::NewTrace(random));
  }
  Task<Reply> task = method->handler(std::move(context), request);
  co_return co_await std::move(task);
}

void Dispatcher::BeginDrain() { draining_ = true; }

bool Dispatcher::Idle() const { return in_flight_ == 0; }

// Looks every millisecond, so that the end of a call need touch nothing but the count.
bool Dispatcher::WaitIdle(int64_t at_most_ms) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(at_most_ms);
  while (!Idle()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace fairlead::rpc
