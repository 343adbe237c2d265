// Staff, session and throttle rules.
#include <gtest/gtest.h>

#include "services/identity/domain/session.h"
#include "services/identity/domain/staff.h"
#include "services/identity/domain/throttle.h"

namespace fairlead::identity {
namespace {

constexpr int64_t kMinuteMs = 60'000;
const Agency kShelter{"shelter", "A shelter", "victim_service_provider", "active"};
const Agency kOffice{"office", "The office", "coalition_office", "active"};

std::string Reason(const Result<void>& result) { return result ? "" : result.error().reason; }

TEST(StaffTest, RolesSurviveTheMask) {
  for (int bits = 0; bits < 64; ++bits) {
    std::set<Role> roles;
    for (int i = 0; i < 6; ++i) {
      if ((bits >> i & 1) != 0) roles.insert(static_cast<Role>(i + 1));
    }
    EXPECT_EQ(RolesFromMask(RolesToMask(roles)), roles);
  }
}

TEST(StaffTest, AdministratorsActAtHomeOnly) {
  const Asker admin{"shelter", {Role::kAgencyAdmin}};
  EXPECT_EQ(Reason(CheckMayCreateStaff(admin, "shelter")), "");
  EXPECT_EQ(Reason(CheckMayCreateStaff(admin, "office")), "NOT_YOUR_AGENCY");
  EXPECT_EQ(Reason(CheckMayCreateStaff({"office", {Role::kCoordinator}}, "shelter")), "");
  EXPECT_EQ(Reason(CheckMayCreateStaff({"shelter", {Role::kCaseworker}}, "shelter")),
            "NOT_YOUR_AGENCY");
  EXPECT_EQ(Reason(CheckMayListStaff({"shelter", {Role::kCaseworker}}, "shelter")), "");
  EXPECT_EQ(Reason(CheckMayListStaff({"shelter", {Role::kCaseworker}}, "office")),
            "NOT_YOUR_AGENCY");
  EXPECT_EQ(Reason(CheckMayListStaff({"office", {Role::kAuditor}}, "shelter")), "");
}

TEST(StaffTest, CoordinatorsBelongToTheOfficeAndAreMadeByCoordinators) {
  const Asker coordinator{"office", {Role::kCoordinator}};
  const Asker office_admin{"office", {Role::kAgencyAdmin}};
  for (const Role role : {Role::kCoordinator, Role::kAuditor}) {
    EXPECT_EQ(Reason(CheckRolesGrantable(coordinator, kOffice, {role})), "");
    EXPECT_EQ(Reason(CheckRolesGrantable(coordinator, kShelter, {role})),
              "ROLE_NEEDS_COALITION_OFFICE");
    EXPECT_EQ(Reason(CheckRolesGrantable(office_admin, kOffice, {role})), "ROLE_NOT_GRANTABLE");
  }
  EXPECT_EQ(Reason(CheckRolesGrantable({"shelter", {Role::kAgencyAdmin}}, kShelter,
                                       {Role::kCaseworker, Role::kHotlineOperator})),
            "");
  const Agency gone{"gone", "Gone", "other", "departed"};
  EXPECT_EQ(Reason(CheckRolesGrantable(coordinator, gone, {Role::kCaseworker})), "AGENCY_DEPARTED");
}

TEST(SessionTest, EndsWhenIdleAndInAnyCaseAfterTwelveHours) {
  Session session{.id = "s", .staff_id = "p", .create_ms = 1000, .last_used_ms = 1000};
  EXPECT_TRUE(IsLive(session, 1000 + 15 * kMinuteMs - 1));
  EXPECT_FALSE(IsLive(session, 1000 + 15 * kMinuteMs));
  session.last_used_ms = 1000 + 12 * 60 * kMinuteMs - kMinuteMs;
  EXPECT_EQ(IdleExpireMs(session), ExpireMs(session));
  EXPECT_TRUE(IsLive(session, 1000 + 12 * 60 * kMinuteMs - 1));
  EXPECT_FALSE(IsLive(session, 1000 + 12 * 60 * kMinuteMs));
}

TEST(SessionTest, AUseIsWrittenAtMostOnceAMinute) {
  const Session session{.id = "s", .staff_id = "p", .create_ms = 0, .last_used_ms = 0};
  EXPECT_FALSE(NeedsTouch(session, kMinuteMs - 1));
  EXPECT_TRUE(NeedsTouch(session, kMinuteMs));
}

TEST(ThrottleTest, FiveAttemptsAnHourThenAGrowingWait) {
  Throttle throttle;
  int64_t now_ms = 1'000'000;
  for (const int64_t hours : {1, 2, 4, 4}) {
    const int64_t window_ms = now_ms;
    for (int i = 0; i < kAttemptsPerWindow; ++i) {
      const ThrottleDecision decision = Decide(throttle, now_ms);
      ASSERT_EQ(decision.attempt, Attempt::kOpen);
      throttle = decision.next;
      now_ms += 100;
    }
    EXPECT_EQ(Decide(throttle, now_ms).attempt, Attempt::kRefused);
    EXPECT_EQ(Decide(throttle, window_ms + hours * 3'600'000 - 1).attempt, Attempt::kHotlineOnly);
    EXPECT_EQ(Decide(throttle, window_ms + hours * 3'600'000 - 1).retry_after_s, 1);
    now_ms = window_ms + hours * 3'600'000;
  }
}

TEST(ThrottleTest, AQuietWindowForgives) {
  Throttle throttle{.attempts = 5, .strikes = 2, .window_ms = 0, .last_ms = 0};
  EXPECT_EQ(Decide(throttle, 4 * kThrottleWindowMs).next.strikes, 3);
  EXPECT_EQ(Decide(throttle, 8 * kThrottleWindowMs).next.strikes, 0);
  throttle.attempts = 4;
  EXPECT_EQ(Decide(throttle, 4 * kThrottleWindowMs).next.strikes, 0);
}

TEST(ThrottleTest, WhileWaitingOneSlotEveryFiveSecondsIsForTheHotline) {
  const Throttle throttle{.attempts = 5, .strikes = 0, .window_ms = 0, .last_ms = 10'000};
  EXPECT_EQ(Decide(throttle, 14'999).attempt, Attempt::kRefused);
  const ThrottleDecision slot = Decide(throttle, 15'000);
  EXPECT_EQ(slot.attempt, Attempt::kHotlineOnly);
  EXPECT_EQ(slot.next.attempts, 5);
  EXPECT_EQ(Decide(slot.next, 19'999).attempt, Attempt::kRefused);
}

}  // namespace
}  // namespace fairlead::identity
