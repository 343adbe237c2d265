#include "services/referral/domain/clock_policy.h"

#include <limits>

namespace fairlead::referral {
namespace {
constexpr int64_t kMinuteMs = 60'000;

Ladder InMinutes(const std::array<int64_t, 4>& after_min, int64_t sent_ms) {
  return {.remind_ms = sent_ms + after_min[0] * kMinuteMs,
          .escalate_admin_ms = sent_ms + after_min[1] * kMinuteMs,
          .escalate_coordinator_ms = sent_ms + after_min[2] * kMinuteMs,
          .expire_ms = sent_ms + after_min[3] * kMinuteMs};
}

}  // namespace

int64_t DueMs(const Ladder& ladder, Step step) {
  switch (step) {
    case Step::kRemind: return ladder.remind_ms;
    case Step::kEscalateAdmin: return ladder.escalate_admin_ms;
    case Step::kEscalateCoordinator: return ladder.escalate_coordinator_ms;
    case Step::kExpire: return ladder.expire_ms;
    case Step::kNone: break;
  }
  return std::numeric_limits<int64_t>::max();
}

Step After(Step step) {
  return step == Step::kNone ? Step::kNone : static_cast<Step>(static_cast<int>(step) + 1);
}

const ClockPolicy& DefaultClockPolicy() {
  static const ClockPolicy policy{.emergency_min = {15, 30, 60, 240},
                                  .urgent_min = {240, 720, 1'440, 2'880},
                                  .standard_days = {1, 2, 3, 7},
                                  .business = *calendar::BusinessTime::Read({})};
  return policy;
}

Ladder FreezeLadder(const ClockPolicy& policy, Urgency urgency, int64_t sent_ms) {
  switch (urgency) {
    case Urgency::kEmergency: return InMinutes(policy.emergency_min, sent_ms);
    case Urgency::kUrgent: return InMinutes(policy.urgent_min, sent_ms);
    case Urgency::kStandard: break;
  }
  const auto after = [&policy, sent_ms](int64_t days) {
    return policy.business.AfterDays(sent_ms, static_cast<int>(days));
  };
  return {.remind_ms = after(policy.standard_days[0]),
          .escalate_admin_ms = after(policy.standard_days[1]),
          .escalate_coordinator_ms = after(policy.standard_days[2]),
          .expire_ms = after(policy.standard_days[3])};
}

}  // namespace fairlead::referral
