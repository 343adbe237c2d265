#include "services/common/rpc/channel.h"
#include "services/common/rpc/dispatcher.h"

namespace fairlead::rpc {
namespace {

class LocalChannel final : public Channel {
 public:
  explicit LocalChannel(Dispatcher& dispatcher) : dispatcher_(dispatcher) {}

  Task<Reply> Call(std::string method, const Message& request, const Message& response_prototype,
                   CallOptions options) override {
    IncomingCall call;
    call.method = std::move(method);
    call.actor = std::move(options.actor);
    // Said by code of this very process: nothing to prove.
    call.calling_service = call.actor.kind == auth::ActorKind::kService
                               ? call.actor.staff_id
                               : std::move(options.on_behalf_of_service);
    call.deadline_steady_ms = options.deadline_steady_ms;
    call.traceparent = std::move(options.traceparent);
    call.nested = options.nested;
    Task<Reply> task = dispatcher_.Dispatch(std::move(call), request);
    Reply reply = co_await std::move(task);
    if (reply && (*reply)->GetDescriptor() != response_prototype.GetDescriptor()) {
      co_return Fail(Code::kInternal, "WRONG_MESSAGE", "The method answers another message.");
    }
    co_return reply;
  }

 private:
  Dispatcher& dispatcher_;
};

}  // namespace

CallOptions Onward(const CallContext& context, std::string name) {
  CallOptions options;
  options.actor = context.actor;
  options.on_behalf_of_service = std::move(name);
  options.deadline_steady_ms = context.deadline_steady_ms - kOnwardMarginMs;
  options.traceparent = context.traceparent;
  options.nested = true;
  return options;
}

std::unique_ptr<Channel> MakeLocalChannel(Dispatcher& dispatcher) {
  return std::make_unique<LocalChannel>(dispatcher);
}

}  // namespace fairlead::rpc
