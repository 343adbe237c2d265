// How the person fares after the service began: what is owed, and recording it.
#include <charconv>
#include <utility>

#include "fairlead/referral/v1/follow_up.pb.h"
#include "services/common/rpc/proto_time.h"
#include "services/referral/commands/record_follow_up.h"
#include "services/referral/commands/run_follow_ups.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/follow_up_store.h"

namespace fairlead::referral {
namespace {

v1::FollowUp ToProto(const FollowUp& follow_up) {
  v1::FollowUp out;
  out.set_referral_id(follow_up.referral_id);
  out.set_point(static_cast<v1::FollowUpPoint>(follow_up.point));
  out.set_sender_agency_id(follow_up.sender_agency_id);
  out.set_need_code(follow_up.need_code);
  rpc::SetTime(follow_up.due_ms, [&] { return out.mutable_due_time(); });
  rpc::SetTime(follow_up.record_ms, [&] { return out.mutable_record_time(); });
  out.set_outcome_code(follow_up.outcome_code);
  return out;
}

int64_t ToNumber(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<std::string> ToToken(const FollowUp& last, FollowUpBox box) {
  const int64_t ms = box == FollowUpBox::kDone ? last.record_ms : last.due_ms;
  return {std::to_string(ms), last.referral_id, std::to_string(static_cast<int>(last.point))};
}

}  // namespace

Task<Result<v1::ListFollowUpsResponse>> ReferralServer::ListFollowUps(
    rpc::CallContext context, const v1::ListFollowUpsRequest& request) {
  FollowUpQuery query{.agency_id = context.actor.agency_id,
                      .box = static_cast<FollowUpBox>(request.box()),
                      .now_ms = clock_.NowMs(),
                      .after = std::nullopt,
                      .limit = rpc::PageSize(request.page_size())};
  const std::string key = "follow-ups " + query.agency_id + " " + std::to_string(request.box());
  if (!request.page_token().empty()) {
    const auto place = page_tokens_.Decode(key, request.page_token());
    if (!place) co_return Fail(place.error());
    query.after = FollowUpPlace{.ms = ToNumber(place->at(0)),
                                .referral_id = place->at(1),
                                .point = static_cast<FollowUpPoint>(ToNumber(place->at(2)))};
  }
  std::function<Result<std::vector<FollowUp>>(storage::ReadTransaction&)> job =
      [&query](storage::ReadTransaction& tx) { return FindFollowUps(tx, query); };
  Result<std::vector<FollowUp>> listed = co_await database_.Read<std::vector<FollowUp>>(job);
  if (!listed) co_return Fail(std::move(listed.error()));
  v1::ListFollowUpsResponse response;
  for (const FollowUp& each : *listed) *response.add_follow_ups() = ToProto(each);
  if (static_cast<int>(listed->size()) == query.limit) {
    response.set_next_page_token(page_tokens_.Encode(key, ToToken(listed->back(), query.box)));
  }
  co_return response;
}

Task<Result<v1::RecordFollowUpResponse>> ReferralServer::RecordFollowUp(
    rpc::CallContext context, const v1::RecordFollowUpRequest& request) {
  std::function<Result<v1::RecordFollowUpResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::RecordFollowUpResponse> {
    FAIRLEAD_ASSIGN(const FollowUp follow_up,
                    referral::RecordFollowUp(unit, request.referral_id(),
                                             static_cast<FollowUpPoint>(request.point()),
                                             request.outcome_code()));
    v1::RecordFollowUpResponse response;
    *response.mutable_follow_up() = ToProto(follow_up);
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::RecordFollowUpResponse>(database_, context, request,
                                                             clock_.NowMs(), job);
}

Result<int> ReferralServer::RunFollowUps() {
  std::function<Result<bool>(storage::ReadTransaction&)> look =
      [now_ms = clock_.NowMs()](storage::ReadTransaction& tx) { return IsFollowUpDue(tx, now_ms); };
  FAIRLEAD_ASSIGN(const bool is_due, SyncWait(database_.Read<bool>(look)));
  if (!is_due) return 0;
  std::function<Result<int>(Unit&)> command = [](Unit& unit) {
    return referral::RunFollowUps(unit);
  };
  return SyncWait(database_.Write<int>(InUnit(rpc::CallContext(), std::move(command))));
}

}  // namespace fairlead::referral
