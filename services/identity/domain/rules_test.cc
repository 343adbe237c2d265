// Staff, session and throttle rules.
#include <gtest/gtest.h>

#include "services/identity/domain/session.h"
#include "services/identity/domain/staff.h"
#include "services/identity/domain/throttle.h"
#include "services/identity/domain/totp.h"

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

TEST(StaffTest, AdministratorsActAtHomeAndCoordinatorsElsewhere) {
  const auto standing = [](const Asker& asker, std::string_view agency) -> std::string {
    const Result<Standing> found = CheckMayInvite(asker, agency);
    if (!found) return found.error().reason;
    return *found == Standing::kAdmin ? "admin" : "coordinator";
  };
  const Asker admin{"shelter", {Role::kAgencyAdmin}};
  EXPECT_EQ(standing(admin, "shelter"), "admin");
  EXPECT_EQ(standing(admin, "office"), "NOT_YOUR_AGENCY");
  EXPECT_EQ(standing({"office", {Role::kCoordinator}}, "shelter"), "coordinator");
  EXPECT_EQ(standing({"office", {Role::kCoordinator}}, "office"), "NOT_YOUR_AGENCY");
  EXPECT_EQ(standing({"office", {Role::kCoordinator, Role::kAgencyAdmin}}, "office"), "admin");
  EXPECT_EQ(standing({"shelter", {Role::kCaseworker}}, "shelter"), "NOT_YOUR_AGENCY");
  EXPECT_EQ(Reason(CheckMayListStaff({"shelter", {Role::kCaseworker}}, "shelter")), "");
  EXPECT_EQ(Reason(CheckMayListStaff({"shelter", {Role::kCaseworker}}, "office")),
            "NOT_YOUR_AGENCY");
  EXPECT_EQ(Reason(CheckMayListStaff({"office", {Role::kAuditor}}, "shelter")), "");
}

TEST(StaffTest, AnAgencysFirstPersonIsItsAdministrator) {
  using enum Standing;
  EXPECT_EQ(Reason(CheckFirstOfAgency(kCoordinator, false, {Role::kAgencyAdmin})), "");
  EXPECT_EQ(Reason(CheckFirstOfAgency(kCoordinator, false, {Role::kCaseworker})),
            "FIRST_STAFF_IS_ADMIN");
  EXPECT_EQ(Reason(CheckFirstOfAgency(kCoordinator, true, {Role::kAgencyAdmin})),
            "AGENCY_HAS_STAFF");
  EXPECT_EQ(Reason(CheckFirstOfAgency(kAdmin, true, {Role::kCaseworker})), "");
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
  EXPECT_EQ(Reason(CheckRolesGrantable(coordinator, kOffice, {Role::kCoordinator, Role::kAuditor})),
            "ROLES_CONFLICT");
  const Asker admin{"shelter", {Role::kAgencyAdmin}};
  EXPECT_EQ(Reason(CheckRolesGrantable(admin, kShelter, {Role::kCaseworker})), "");
  EXPECT_EQ(Reason(CheckRolesGrantable(admin, kShelter, {Role::kHotlineOperator})),
            "ROLE_NEEDS_HOTLINE_AGENCY");
  for (const char* membership : {"applied", "sponsored", "suspended", "departed", ""}) {
    const Agency agency{"a", "A", "hotline", membership};
    EXPECT_EQ(Reason(CheckRolesGrantable(coordinator, agency, {Role::kCaseworker})),
              "AGENCY_NOT_ACTIVE");
  }
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

TEST(SessionTest, AProofLastsTenMinutes) {
  const Session session{.id = "s", .staff_id = "p", .proven_ms = 1000};
  EXPECT_EQ(AssuranceOf(session, 1000 + 10 * kMinuteMs - 1), 3);
  EXPECT_EQ(AssuranceOf(session, 1000 + 10 * kMinuteMs), 2);
}

TEST(TotpRuleTest, OneStepEitherWayAndNeverAgain) {
  const std::string secret = "12345678901234567890";
  constexpr int64_t kNowStep = 1000;
  constexpr int64_t kNowMs = kNowStep * kTotpStepMs + 29'999;
  for (int64_t offset = -3; offset <= 3; ++offset) {
    const auto found = MatchTotp(secret, TotpCode(secret, kNowStep + offset), kNowMs, 0);
    EXPECT_EQ(found.has_value(), offset >= -1 && offset <= 1) << offset;
    EXPECT_EQ(found.value_or(kNowStep + offset), kNowStep + offset);
  }
  const std::string code = TotpCode(secret, kNowStep);
  EXPECT_TRUE(MatchTotp(secret, code, kNowMs, kNowStep - 1));
  EXPECT_FALSE(MatchTotp(secret, code, kNowMs, kNowStep));
  EXPECT_FALSE(MatchTotp(secret, "", kNowMs, 0));
  EXPECT_FALSE(MatchTotp(secret, code + "0", kNowMs, 0));
}

TEST(ThrottleTest, FiveAttemptsAnHourThenAGrowingWait) {
  Throttle throttle;
  int64_t now_ms = 1'000'000;
  for (const int64_t hours : {1, 2, 4, 4}) {
    const int64_t window_ms = now_ms;
    for (int i = 0; i < kAttemptsPerWindow; ++i) {
      const ThrottleDecision decision = Decide(throttle, now_ms);
      ASSERT_TRUE(decision.open);
      throttle = decision.next;
      now_ms += 100;
    }
    EXPECT_FALSE(Decide(throttle, now_ms).open);
    EXPECT_FALSE(Decide(throttle, window_ms + hours * 3'600'000 - 1).open);
    EXPECT_EQ(Decide(throttle, window_ms + hours * 3'600'000 - 1).retry_after_s, 1);
    now_ms = window_ms + hours * 3'600'000;
  }
}

TEST(ThrottleTest, ANetworkHasTwenty) {
  Throttle throttle;
  for (int i = 0; i < kAttemptsPerNetwork; ++i) {
    const ThrottleDecision decision = Decide(throttle, 1'000, kAttemptsPerNetwork);
    ASSERT_TRUE(decision.open) << i;
    throttle = decision.next;
  }
  EXPECT_FALSE(Decide(throttle, 1'000, kAttemptsPerNetwork).open);
  throttle = Decide(throttle, 1'000 + kThrottleWindowMs, kAttemptsPerNetwork).next;
  EXPECT_EQ(throttle.strikes, 1) << "the next wait is twice as long";
}

TEST(ThrottleTest, AQuietWindowForgives) {
  Throttle throttle{.attempts = 5, .strikes = 2, .window_ms = 0, .last_ms = 0};
  EXPECT_EQ(Decide(throttle, 4 * kThrottleWindowMs).next.strikes, 3);
  EXPECT_EQ(Decide(throttle, 8 * kThrottleWindowMs).next.strikes, 0);
  throttle.attempts = 4;
  EXPECT_EQ(Decide(throttle, 4 * kThrottleWindowMs).next.strikes, 0);
}

}  // namespace
}  // namespace fairlead::identity
