#include "services/referral/domain/clock_policy.h"

#include <gtest/gtest.h>

#include <limits>

#include "services/common/base/clock.h"

namespace fairlead::referral {
namespace {

constexpr int64_t kMinute = 60'000;

int64_t At(const std::string& time) { return *ParseTime(time); }

TEST(ClockPolicyTest, EmergencyAndUrgentRunRoundTheClock) {
  const int64_t saturday_night = At("2026-11-28T07:00:00Z");
  const Ladder emergency =
      FreezeLadder(DefaultClockPolicy(), Urgency::kEmergency, saturday_night);
  EXPECT_EQ(emergency.remind_ms, saturday_night + 15 * kMinute);
  EXPECT_EQ(emergency.escalate_admin_ms, saturday_night + 30 * kMinute);
  EXPECT_EQ(emergency.escalate_coordinator_ms, saturday_night + 60 * kMinute);
  EXPECT_EQ(emergency.expire_ms, saturday_night + 240 * kMinute);
  const Ladder urgent = FreezeLadder(DefaultClockPolicy(), Urgency::kUrgent, saturday_night);
  EXPECT_EQ(urgent.remind_ms, saturday_night + 240 * kMinute);
  EXPECT_EQ(urgent.expire_ms, saturday_night + 2'880 * kMinute);
}

TEST(ClockPolicyTest, StandardCountsDaysOfWork) {
  const Ladder friday =
      FreezeLadder(DefaultClockPolicy(), Urgency::kStandard, At("2026-11-27T19:30:00Z"));
  EXPECT_EQ(FormatTime(friday.remind_ms), "2026-11-30T19:30:00.000Z");
  EXPECT_EQ(FormatTime(friday.escalate_admin_ms), "2026-12-01T19:30:00.000Z");
  EXPECT_EQ(FormatTime(friday.escalate_coordinator_ms), "2026-12-02T19:30:00.000Z");
  EXPECT_EQ(FormatTime(friday.expire_ms), "2026-12-08T19:30:00.000Z");
  const Ladder saturday =
      FreezeLadder(DefaultClockPolicy(), Urgency::kStandard, At("2026-11-28T19:30:00Z"));
  EXPECT_EQ(FormatTime(saturday.remind_ms), "2026-12-01T14:00:00.000Z");
}

TEST(ClockPolicyTest, AnotherCoalitionHasOtherTimes) {
  ClockPolicy policy = DefaultClockPolicy();
  policy.emergency_min = {1, 2, 3, 4};
  policy.standard_days = {2, 4, 6, 8};
  policy.business = *calendar::BusinessTime::Read({.zone = "UTC", .hours = "00:00-24:00"});
  EXPECT_EQ(FreezeLadder(policy, Urgency::kEmergency, 0).expire_ms, 4 * kMinute);
  const Ladder standard =
      FreezeLadder(policy, Urgency::kStandard, At("2026-11-23T03:00:00Z"));
  EXPECT_EQ(FormatTime(standard.remind_ms), "2026-11-25T03:00:00.000Z");
  EXPECT_EQ(FormatTime(standard.expire_ms), "2026-12-03T03:00:00.000Z");
}

TEST(ClockPolicyTest, StepsFollowEachOtherAndThenThereIsNone) {
  const Ladder ladder{1, 2, 3, 4};
  Step step = Step::kRemind;
  for (int64_t due = 1; due <= 4; ++due) {
    EXPECT_EQ(DueMs(ladder, step), due);
    step = After(step);
  }
  EXPECT_EQ(step, Step::kNone);
  EXPECT_EQ(After(step), Step::kNone);
  EXPECT_EQ(DueMs(ladder, step), std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace fairlead::referral
