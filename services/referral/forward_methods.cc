// A recipient hands on what it has received: SendReferral's way, with one more referral to look at.
#include <utility>

#include "services/referral/commands/forward_referral.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/translate.h"

namespace fairlead::referral {

// Of what tells of the chain the record is about what was received: its sender's agency sees who
// tries one agency after the other to learn who had the case.
Task<Result<v1::ForwardReferralResponse>> ReferralServer::ForwardReferral(
    rpc::CallContext context, const v1::ForwardReferralRequest& request) {
  // Before consent is asked: each asking may make keys and a line in the log.
  auto before = co_await rpc::Replay<v1::ForwardReferralResponse>(database_, context, request);
  if (!before) co_return Fail(std::move(before.error()));
  if (*before) co_return std::move(**before);
  const Received from{.referral_id = request.forwarded_from_referral_id(),
                      .etag = request.forwarded_from_etag()};
  SendingCheck check = [&](ReferralReader& reader,
                           const Sending& sending) -> Result<Sendable> {
    FAIRLEAD_ASSIGN(Forwarding forwarding, CheckForwarding(reader, context.actor.agency_id,
                                                           sending, from, clock_.NowMs()));
    return std::move(forwarding.sendable);
  };
  Task<Result<Sending>> approving =
      Approve(context, ToSending(request, context.actor.agency_id, clock_.NowMs()), check);
  Result<Sending> sending = co_await std::move(approving);
  std::function<Result<Referral>(Unit&)> command = [&](Unit& unit) {
    return referral::ForwardReferral(unit, *sending, from);
  };
  Task<Result<v1::ForwardReferralResponse>> answering =
      sending ? Change<v1::ForwardReferralResponse>(context, request, command)
              : FirstAnswerOr<v1::ForwardReferralResponse>(context, request, sending.error());
  Result<v1::ForwardReferralResponse> answer = co_await std::move(answering);
  const bool is_loop = !answer && TellsOfChain(answer.error());
  Task<Result<v1::ForwardReferralResponse>> recording = RecordIfListed(
      context, is_loop ? from.referral_id : request.referral_id(),
      is_loop ? std::string() : request.case_handle(), audit::Action::kReferralForwarded,
      std::move(answer));
  co_return co_await std::move(recording);
}

}  // namespace fairlead::referral
