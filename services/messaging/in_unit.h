// How the server runs a command: a Unit of the call, inside one write transaction. The definitions
// of MessagingServer's templates, for the files that its methods are spread over.
#ifndef SERVICES_MESSAGING_IN_UNIT_H_
#define SERVICES_MESSAGING_IN_UNIT_H_

#include <functional>
#include <utility>

#include "services/common/rpc/mutate.h"
#include "services/messaging/messaging_server.h"
#include "services/messaging/translate.h"

namespace fairlead::messaging {

template <class T>
std::function<Result<T>(storage::Transaction&)> MessagingServer::InUnit(
    const rpc::CallContext& context, std::function<Result<T>(Unit&)> command) const {
  return [this, now_ms = clock_.NowMs(), context,
          command = std::move(command)](storage::Transaction& tx) -> Result<T> {
    Unit unit{.tx = tx,
              .ids = ids_,
              .now_ms = now_ms,
              .agency_id = context.actor.agency_id,
              .staff_id = context.actor.staff_id,
              .traceparent = context.traceparent,
              .by = audit::ByCaller(context),
              .context = context};
    return command(unit);
  };
}

template <class Response>
Task<Result<Response>> MessagingServer::Change(rpc::CallContext context,
                                               const google::protobuf::Message& request,
                                               std::function<Result<Response>(Unit&)> command) {
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<Response>(database_, context, request, clock_.NowMs(), job);
}

template <class Response>
Task<Result<Response>> MessagingServer::ChangeAfresh(
    rpc::CallContext context, const google::protobuf::Message& request, Check check,
    std::function<Result<Response>(Unit&)> command) {
  // A repeat of what was answered before gets the first answer, whatever has happened since.
  auto replay = co_await rpc::Replay<Response>(database_, context, request);
  if (!replay) co_return Fail(std::move(replay.error()));
  if (*replay) co_return std::move(**replay);
  Task<Result<bool>> checking = CheckAfresh(context, std::move(check));
  Result<bool> checked = co_await std::move(checking);
  if (!checked) {
    // The first of two at once may have been answered meanwhile.
    auto again = co_await rpc::Replay<Response>(database_, context, request);
    if (again && *again) co_return std::move(**again);
    co_return Fail(std::move(checked.error()));
  }
  co_return co_await Change<Response>(context, request, std::move(command));
}

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_IN_UNIT_H_
