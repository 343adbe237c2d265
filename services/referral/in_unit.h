// How the server runs a command: a Unit of the call, inside one write transaction. The definitions
// of ReferralServer's templates, for the files that its methods are spread over.
#ifndef SERVICES_REFERRAL_IN_UNIT_H_
#define SERVICES_REFERRAL_IN_UNIT_H_

#include <functional>
#include <memory>
#include <utility>

#include "services/common/rpc/mutate.h"
#include "services/referral/commands/do_not_route.h"
#include "services/referral/domain/forward.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/assignment_store.h"
#include "services/referral/store/sql_referral_store.h"
#include "services/referral/translate.h"

namespace fairlead::referral {

template <class T>
std::function<Result<T>(storage::Transaction&)> ReferralServer::InUnit(
    const rpc::CallContext& context, std::function<Result<T>(Unit&)> command) const {
  return [this, now_ms = clock_.NowMs(), context,
          command = std::move(command)](storage::Transaction& tx) -> Result<T> {
    const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
    Unit unit{.tx = tx,
              .store = *store,
              .ids = ids_,
              .now_ms = now_ms,
              .agency_id = context.actor.agency_id,
              .staff_id = context.actor.staff_id,
              .traceparent = context.traceparent,
              .by = audit::ByCaller(context),
              .context = context,
              .clocks = clock_policy_};
    return command(unit);
  };
}

template <class Response>
Task<Result<Response>> ReferralServer::Change(rpc::CallContext context,
                                              const google::protobuf::Message& request,
                                              std::function<Result<Referral>(Unit&)> command) {
  std::function<Result<Response>(Unit&)> answer = [&context,
                                                   &command](Unit& unit) -> Result<Response> {
    FAIRLEAD_ASSIGN(Referral referral, command(unit));
    FAIRLEAD_ASSIGN(referral.assignment, FindAssignment(unit.tx, referral.id, unit.agency_id));
    Response response;
    *response.mutable_referral() = ToProto(referral, context.actor.agency_id);
    return response;
  };
  auto job = InUnit(context, std::move(answer));
  co_return co_await rpc::Mutate<Response>(database_, context, request, clock_.NowMs(), job);
}

template <class Response>
Task<Result<Response>> ReferralServer::FirstAnswerOr(rpc::CallContext context,
                                                     const google::protobuf::Message& request,
                                                     Error error) {
  auto replay = co_await rpc::Replay<Response>(database_, context, request);
  if (replay && *replay) co_return std::move(**replay);
  co_return Fail(std::move(replay ? error : replay.error()));
}

// Whoever tries one agency after the other, to read the list without asking for it, or who had the
// case before, is seen.
template <class Response>
Task<Result<Response>> ReferralServer::RecordIfListed(rpc::CallContext context,
                                                      std::string referral_id,
                                                      std::string own_case, audit::Action act,
                                                      Result<Response> answer) {
  const bool tells =
      !answer && (answer.error().reason == kNotToBeAsked || TellsOfChain(answer.error()));
  if (!tells) co_return answer;
  Task<Error> refusal = RecordRefusal(context, referral_id, act, answer.error(), own_case);
  Error refused = co_await std::move(refusal);
  co_return Fail(std::move(refused));
}

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_IN_UNIT_H_
