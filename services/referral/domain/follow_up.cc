#include "services/referral/domain/follow_up.h"

namespace fairlead::referral {
namespace {

int64_t DaysOf(FollowUpPoint point) {
  switch (point) {
    case FollowUpPoint::kDay1: return 1;
    case FollowUpPoint::kDay7: return 7;
    case FollowUpPoint::kDay30: break;
  }
  return 30;
}

}  // namespace

bool IsFollowUpsOwn(std::string_view event) {
  return event == kFollowUpDue || event == kFollowUpCorrected;
}

int64_t FollowUpDueMs(FollowUpPoint point, int64_t start_ms) {
  return start_ms + DaysOf(point) * 24 * 3'600'000;
}

std::string PointCode(FollowUpPoint point) { return "day_" + std::to_string(DaysOf(point)); }

}  // namespace fairlead::referral
