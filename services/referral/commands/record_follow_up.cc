#include "services/referral/commands/record_follow_up.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/referral/domain/codes.h"
#include "services/referral/store/follow_up_store.h"

namespace fairlead::referral {
namespace {

tl::unexpected<Error> NotOwed() {
  return Fail(Code::kFailedPrecondition, "FOLLOW_UP_NOT_OWED",
              "None is owed: the service has not begun, or it came to nothing.");
}

Result<void> CheckCorrectable(const FollowUp& recorded, const std::vector<FollowUp>& all,
                              int64_t now_ms) {
  const bool later = std::ranges::any_of(all, [&](const FollowUp& each) {
    return each.point > recorded.point && each.record_ms > 0;
  });
  if (!later && now_ms - recorded.record_ms <= kCorrectWithinMs) return {};
  return Fail(Code::kFailedPrecondition, "FOLLOW_UP_RECORDED",
              "It is recorded: it can be corrected for 24 h, and until a later one is recorded.");
}

}  // namespace

Result<FollowUp> RecordFollowUp(Unit& unit, const std::string& referral_id, FollowUpPoint point,
                                const std::string& outcome_code) {
  if (!IsFollowUpOutcome(outcome_code)) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_OUTCOME_CODE", "No such outcome of a follow-up.",
                {{"field", "outcome_code"}});
  }
  FAIRLEAD_ASSIGN(Found received, FindAsRecipient(unit, referral_id));
  // One whose own offer has ended hears no more than that.
  if (received.verdict != auth::Verdict::kAllowed) return NotOwed();
  FAIRLEAD_ASSIGN(std::vector<FollowUp> all, FollowUpsOf(unit.tx, referral_id));
  const auto found = std::ranges::find(all, point, &FollowUp::point);
  if (found == all.end() || found->agency_id != unit.agency_id) return NotOwed();
  FollowUp& follow_up = *found;
  if (follow_up.due_ms > unit.now_ms) {
    return Fail(Code::kFailedPrecondition, "FOLLOW_UP_NOT_DUE", "It is not time yet.",
                {{"due_time", FormatTime(follow_up.due_ms)}});
  }
  follow_up.sender_agency_id = received.referral.sender_agency_id;
  follow_up.need_code = received.referral.facets.need_code;
  if (follow_up.outcome_code == outcome_code) return std::move(follow_up);
  const bool corrects = follow_up.record_ms > 0;
  if (corrects) {
    FAIRLEAD_RETURN_IF_ERROR(CheckCorrectable(follow_up, all, unit.now_ms));
  } else {
    follow_up.record_ms = unit.now_ms;
  }
  follow_up.outcome_code = outcome_code;
  follow_up.told = true;
  FAIRLEAD_RETURN_IF_ERROR(UpdateFollowUp(unit.tx, follow_up));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, received.referral, &received.offer(),
                                corrects ? kFollowUpCorrected : kFollowedUp, PointCode(point)));
  return std::move(follow_up);
}

}  // namespace fairlead::referral
