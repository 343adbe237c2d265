// agency apply … history, against a hub that answers what the test says.
#include <gmock/gmock.h>

#include "fairlead/directory/v1/membership.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace dir = directory::v1;

constexpr const char* kAgency = "0190f000-0000-7000-8000-0000000000c1";

template <class Response>
Response With(dir::MembershipState state) {
  Response response;
  response.mutable_agency()->set_id(kAgency);
  response.mutable_agency()->set_name("Open Door");
  response.mutable_agency()->set_membership(state);
  return response;
}

TEST_F(CliTest, AStrangerAppliesAndIsToldWhatComesNext) {
  hub_.Answer(kApplyForMembership,
              With<dir::ApplyForMembershipResponse>(dir::MEMBERSHIP_STATE_APPLIED));
  EXPECT_EQ(Cli({"agency", "apply", "Open Door", "--kind", "legal_services"}), kExitUsage);
  EXPECT_EQ(
      Cli({"agency", "apply", "Open Door", "--kind", "legal_services", "--phone", "+13055550100"}),
      kExitOk)
      << err;
  EXPECT_THAT(out, HasSubstr("applied"));
  EXPECT_THAT(err, HasSubstr(std::string("agency sponsor ") + kAgency));
  dir::ApplyForMembershipRequest request;
  ASSERT_TRUE(request.ParseFromString(hub_.requests().back().body));
  EXPECT_EQ(request.kind(), dir::AGENCY_KIND_LEGAL_SERVICES);
  EXPECT_EQ(request.contact_phone(), "+13055550100");
}

TEST_F(CliTest, ASponsorSeesHowManyAreMissing) {
  SignIn();
  auto answer = With<dir::SponsorAgencyResponse>(dir::MEMBERSHIP_STATE_APPLIED);
  answer.set_sponsors_missing(1);
  hub_.Answer(kSponsorAgency, answer);
  EXPECT_EQ(Cli({"agency", "sponsor", kAgency}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("agency sponsor"));
  answer.set_sponsors_missing(0);
  hub_.Answer(kSponsorAgency, answer);
  EXPECT_EQ(Cli({"agency", "sponsor", kAgency}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("agency activate"));
}

TEST_F(CliTest, ASuspensionAsksAndNamesItsReason) {
  SignIn();
  auto answer = With<dir::SuspendAgencyResponse>(dir::MEMBERSHIP_STATE_SUSPENDED);
  answer.set_sessions_ended(4);
  answer.set_offers_closed(2);
  hub_.Answer(kSuspendAgency, answer);
  EXPECT_EQ(Cli({"agency", "suspend", kAgency, "--yes"}), kExitUsage) << "no reason";
  EXPECT_EQ(Cli({"agency", "suspend", kAgency, "--reason", "whim", "--yes"}), kExitUsage);
  EXPECT_EQ(Cli({"agency", "suspend", kAgency, "--reason", "conduct"}), kExitUsage) << "no --yes";
  for (const FakeRequest& request : hub_.requests()) {
    EXPECT_THAT(request.path, Not(HasSubstr("SuspendAgency")));
  }
  EXPECT_EQ(Cli({"agency", "suspend", kAgency, "--reason", "conduct", "--yes"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("4"));
  EXPECT_THAT(err, HasSubstr("agency reinstate"));
  dir::SuspendAgencyRequest request;
  ASSERT_TRUE(request.ParseFromString(hub_.requests().back().body));
  EXPECT_EQ(request.reason(), dir::MEMBERSHIP_REASON_CONDUCT);
}

TEST_F(CliTest, ShowSaysWhoVettedIt) {
  SignIn();
  hub_.Answer(kGetAgency, With<dir::GetAgencyResponse>(dir::MEMBERSHIP_STATE_ACTIVE));
  dir::ListMembershipChangesResponse changes;
  auto* vouched = changes.add_changes();
  vouched->set_is_sponsorship(true);
  vouched->set_actor_staff_id("0190f000-0000-7000-8000-0000000000d1");
  vouched->mutable_time()->set_seconds(1'769'850'300);
  auto* activated = changes.add_changes();
  activated->set_from(dir::MEMBERSHIP_STATE_SPONSORED);
  activated->set_to(dir::MEMBERSHIP_STATE_ACTIVE);
  activated->set_reason(dir::MEMBERSHIP_REASON_VETTED);
  hub_.Answer(kListMembershipChanges, changes);
  EXPECT_EQ(Cli({"agency", "show", kAgency}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("Vouched for"));
  EXPECT_THAT(out, HasSubstr("2026-01-31 09:05:00Z"));
  EXPECT_THAT(out, HasSubstr("0000000000d1"));
  EXPECT_THAT(out, HasSubstr("Activated"));
  EXPECT_EQ(Cli({"agency", "history", kAgency}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("sponsored → active"));
  EXPECT_THAT(out, HasSubstr("vetted"));
}

}  // namespace
}  // namespace fairlead::cli
