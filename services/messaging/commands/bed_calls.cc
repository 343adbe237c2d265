#include "services/messaging/commands/bed_calls.h"

#include "services/messaging/domain/limits.h"
#include "services/messaging/store/agency_store.h"
#include "services/messaging/store/call_store.h"
#include "services/messaging/store/channel_store.h"

namespace fairlead::messaging {
namespace {

Result<void> EndBedCall(Unit& unit, Called& called, CallState state, audit::Action action,
                        std::string_view change) {
  BedCall& call = called.call;
  call.state = state;
  call.end_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(UpdateBedCall(unit.tx, call));
  FAIRLEAD_RETURN_IF_ERROR(Record(unit, action, call.id, call.agency_id));
  // Who has won is no business of those who have not.
  return TellMembers(
      unit, called.channel,
      {.change = change, .record_id = call.id, .urgency = UrgencyName(call.need.urgency)});
}

tl::unexpected<Error> TooManyCalls() {
  return Fail(Code::kFailedPrecondition, "TOO_MANY_BED_CALLS",
              "Your agency asks for as many as one may at a time.",
              {{"limit", std::to_string(kMostOpenCalls)}});
}

}  // namespace

tl::unexpected<Error> BedCallNotFound() {
  return Fail(Code::kNotFound, "BED_CALL_NOT_FOUND", "There is no such call.");
}

Result<Called> BedCallOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                         const std::string& call_id) {
  FAIRLEAD_ASSIGN(std::optional<BedCall> call, FindBedCall(tx, call_id));
  // Looked for in any case, as in MessageOf.
  FAIRLEAD_ASSIGN(std::optional<Channel> channel,
                  FindChannel(tx, call ? call->channel_id : call_id));
  if (!call || !channel) return BedCallNotFound();
  auth::Standing standing;
  const auth::Actor& actor = context.actor;
  if (IsMemberOf(*channel, actor)) standing.relations = auth::Relation::kRecipient;
  if (call->agency_id == actor.agency_id) {
    standing.relations = standing.relations | auth::Relation::kSender;
  }
  if (Ask(context, standing) != auth::Verdict::kAllowed) return BedCallNotFound();
  return Called{std::move(*call), std::move(*channel)};
}

Result<BedCall> OpenBedCall(Unit& unit, const std::string& channel_id, const BedNeed& need,
                            int64_t until_ms) {
  FAIRLEAD_ASSIGN(const Channel channel, ChannelOf(unit.tx, unit.context, channel_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckKind(channel, ChannelKind::kBedCalls));
  FAIRLEAD_RETURN_IF_ERROR(CheckNeed(need));
  FAIRLEAD_RETURN_IF_ERROR(CheckUntil(until_ms, unit.now_ms));
  FAIRLEAD_ASSIGN(const int64_t open,
                  CountOpenCalls(unit.tx, unit.agency_id, unit.now_ms, kMostOpenCalls));
  if (open >= kMostOpenCalls) return TooManyCalls();
  FAIRLEAD_RETURN_IF_ERROR(Spend(unit.tx, unit.agency_id, "bed_calls", kMostCallsADay, unit.now_ms,
                                 "TOO_MANY_BED_CALLS"));
  BedCall call{.id = unit.ids.New(),
               .channel_id = channel.id,
               .agency_id = unit.agency_id,
               .need = need,
               .create_ms = unit.now_ms,
               .until_ms = until_ms,
               .expire_ms = until_ms + channel.post_days * kDayMs};
  FAIRLEAD_RETURN_IF_ERROR(InsertBedCall(unit.tx, call));
  FAIRLEAD_RETURN_IF_ERROR(Record(unit, audit::Action::kBedCallOpened, call.id, unit.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellMembers(
      unit, channel,
      {.change = "bed_call_opened", .record_id = call.id, .urgency = UrgencyName(need.urgency)}));
  return call;
}

Result<BedCall> AnswerBedCall(Unit& unit, const std::string& call_id, CallAnswer answer) {
  FAIRLEAD_ASSIGN(Called called, BedCallOf(unit.tx, unit.context, call_id));
  BedCall& call = called.call;
  if (call.agency_id == unit.agency_id) {
    return Fail(Code::kFailedPrecondition, "OWN_BED_CALL", "Your own agency asks.");
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckCallAnswer(answer));
  FAIRLEAD_RETURN_IF_ERROR(CheckOpen(call, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(
      Spend(unit.tx, unit.agency_id, "answers", kMostAnswersADay, unit.now_ms, "TOO_MANY_ANSWERS"));
  answer.agency_id = unit.agency_id;
  answer.answer_ms = unit.now_ms;
  if (answer.answer == BedAnswer::kNo) {
    answer.unit.clear();
    answer.units = 0;
    answer.service_id.clear();
  }
  FAIRLEAD_RETURN_IF_ERROR(PutCallAnswer(unit.tx, call.id, answer));
  FAIRLEAD_RETURN_IF_ERROR(UpdateBedCall(unit.tx, call));
  FAIRLEAD_RETURN_IF_ERROR(Record(unit, audit::Action::kBedCallAnswered, call.id, call.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellAgencies(unit, called.channel,
                                        {.change = "bed_call_answered",
                                         .record_id = call.id,
                                         .urgency = UrgencyName(call.need.urgency)},
                                        {call.agency_id, unit.agency_id}));
  FAIRLEAD_ASSIGN(std::optional<BedCall> answered, FindBedCall(unit.tx, call.id));
  if (!answered) return BedCallNotFound();
  return std::move(*answered);
}

Result<BedCall> TakeBedCall(Unit& unit, const std::string& call_id, const std::string& agency_id,
                            const std::string& referral_id) {
  FAIRLEAD_ASSIGN(Called called, BedCallOf(unit.tx, unit.context, call_id));
  BedCall& call = called.call;
  FAIRLEAD_RETURN_IF_ERROR(CheckOpen(call, unit.now_ms));
  const CallAnswer* answer = call.AnswerOf(agency_id);
  if (answer == nullptr || answer->answer == BedAnswer::kNo) {
    return Fail(Code::kFailedPrecondition, "NOT_ANSWERED_YES",
                "The agency has not said yes or maybe.", {{"agency_id", agency_id}});
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckActive(unit.tx, agency_id));
  call.taken_agency_id = agency_id;
  call.referral_id = referral_id;
  FAIRLEAD_RETURN_IF_ERROR(
      EndBedCall(unit, called, CallState::kTaken, audit::Action::kBedCallTaken, "bed_call_taken"));
  FAIRLEAD_RETURN_IF_ERROR(TellAgencies(unit, called.channel,
                                        {.change = "bed_call_taken",
                                         .record_id = call.id,
                                         .urgency = UrgencyName(call.need.urgency),
                                         .taken_agency_id = agency_id},
                                        {agency_id, call.agency_id}));
  return std::move(call);
}

Result<BedCall> CloseBedCall(Unit& unit, const std::string& call_id) {
  FAIRLEAD_ASSIGN(Called called, BedCallOf(unit.tx, unit.context, call_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckOpen(called.call, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(EndBedCall(unit, called, CallState::kClosed,
                                      audit::Action::kBedCallClosed, "bed_call_closed"));
  return std::move(called.call);
}

Result<void> LapseBedCall(Unit& unit, const std::string& call_id) {
  FAIRLEAD_ASSIGN(std::optional<BedCall> call, FindBedCall(unit.tx, call_id));
  if (!call || call->state != CallState::kOpen || call->until_ms > unit.now_ms) return {};
  FAIRLEAD_ASSIGN(std::optional<Channel> channel, FindChannel(unit.tx, call->channel_id));
  if (!channel) return {};
  Called called{std::move(*call), std::move(*channel)};
  return EndBedCall(unit, called, CallState::kLapsed, audit::Action::kBedCallLapsed,
                    "bed_call_lapsed");
}

}  // namespace fairlead::messaging
