#include "services/referral/domain/clock_policy.h"

namespace fairlead::referral {
namespace {
constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;
}  // namespace

Ladder FreezeLadder(Urgency urgency, int64_t sent_ms) {
  const auto ladder = [sent_ms](int64_t remind, int64_t admin, int64_t coordinator,
                                int64_t expire) {
    return Ladder{sent_ms + remind, sent_ms + admin, sent_ms + coordinator, sent_ms + expire};
  };
  switch (urgency) {
    case Urgency::kEmergency:
      return ladder(15 * kMinuteMs, 30 * kMinuteMs, 60 * kMinuteMs, 4 * kHourMs);
    case Urgency::kUrgent:
      return ladder(4 * kHourMs, 12 * kHourMs, 24 * kHourMs, 48 * kHourMs);
    case Urgency::kStandard:
      break;
  }
  return ladder(kDayMs, 2 * kDayMs, 3 * kDayMs, 7 * kDayMs);
}

}  // namespace fairlead::referral
