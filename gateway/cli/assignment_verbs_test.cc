// referral take|assign|give-back, and lists by who has it in hand, against a hub that answers what
// the test says.
#include <gmock/gmock.h>

#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/assignment.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = referral::v1;

constexpr const char* kReferral = "01890a5d-ac96-774b-bcce-b302099a9001";
constexpr const char* kOwn = "0190f000-0000-7000-8000-0000000000a1";
constexpr const char* kBen = "0190f000-0000-7000-8000-0000000000b1";

class AssignmentVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    identity::v1::SignInResponse response;
    response.set_session_token("token-of-the-session");
    response.mutable_staff()->set_id(kOwn);
    response.mutable_staff()->set_sign_in_name("ana");
    response.mutable_staff()->set_agency_id(kOwnAgency);
    response.set_agency_name("Harbor");
    hub_.Answer(kSignIn, response);
    ASSERT_EQ(Cli({"login", "ana", "--passphrase-stdin", "--totp-stdin"},
                  "four plain words here\n287082\n"),
              kExitOk)
        << err;
    identity::v1::FindColleagueResponse ben;
    ben.mutable_colleague()->set_staff_id(kBen);
    ben.mutable_colleague()->set_display_name("Ben Reyes");
    hub_.Answer(kFindColleague, ben);
    hub_.Answer(kAssignReferral, v1::AssignReferralResponse());
  }
  v1::AssignReferralRequest Asked() { return Sent<v1::AssignReferralRequest>(kAssignReferral); }
};

TEST_F(AssignmentVerbsTest, OneTakesItGivesItOnAndGivesItBack) {
  ASSERT_EQ(Cli({"referral", "take", kReferral}), kExitOk) << err;
  EXPECT_EQ(Asked().referral_id(), kReferral);
  EXPECT_EQ(Asked().staff_id(), kOwn);
  EXPECT_EQ(Asked().from_staff_id(), kOwn) << "and from nobody else unasked";
  EXPECT_THAT(out, HasSubstr("you"));
  ASSERT_EQ(Cli({"referral", "assign", "@last", "--to", "ben", "--etag", "2"}), kExitOk) << err;
  EXPECT_EQ(Sent<identity::v1::FindColleagueRequest>(kFindColleague).staff_id(), kBen)
      << "his name, to be shown";
  EXPECT_EQ(Asked().referral_id(), kReferral);
  EXPECT_EQ(Asked().staff_id(), kBen);
  EXPECT_EQ(Asked().etag(), "2");
  EXPECT_THAT(out, HasSubstr("Ben Reyes"));
  ASSERT_EQ(Cli({"referral", "give-back", "@last", "--from", kBen}), kExitOk) << err;
  EXPECT_EQ(Asked().staff_id(), "");
  EXPECT_EQ(Asked().from_staff_id(), kBen);
  EXPECT_THAT(out, HasSubstr("queue"));
}

TEST_F(AssignmentVerbsTest, WhoComesSecondHearsWhoHasItAndHowToTakeItOver) {
  hub_.OnCall(kAssignReferral, [](const FakeRequest&) {
    return Refusal(400, {Code::kFailedPrecondition,
                         "ALREADY_ASSIGNED",
                         "A colleague has it in hand.",
                         {{"staff_id", kBen}, {"assign_time", "2026-11-27T10:00:00Z"}}});
  });
  EXPECT_NE(Cli({"referral", "take", kReferral}), kExitOk);
  EXPECT_THAT(err, HasSubstr("Ben Reyes"));
  EXPECT_THAT(err, HasSubstr("2026-11-27T10:00:00Z"));
  EXPECT_THAT(err, HasSubstr("--from"));
  hub_.OnCall(kAssignReferral, [](const FakeRequest&) {
    return Refusal(400, {Code::kFailedPrecondition,
                         "ALREADY_ASSIGNED",
                         "A colleague has it in hand.",
                         {{"staff_id", kOwn}}});
  });
  EXPECT_NE(Cli({"referral", "assign", kReferral, "--to", "ben", "--from", kBen}), kExitOk);
  EXPECT_THAT(err, HasSubstr("It is in your own hands."));
}

TEST_F(AssignmentVerbsTest, AnEmptyListSaysWhoseHandsWereLookedAt) {
  hub_.Answer(kListReferrals, v1::ListReferralsResponse());
  const auto says = [&](const std::string& flag, const std::string& box) {
    EXPECT_EQ(Cli({"referral", "list", flag, "--box", box}), kExitOk) << err;
    return out + err;
  };
  EXPECT_THAT(says("--mine", "inbox"), HasSubstr("Nothing in the inbox is in your hands."));
  EXPECT_THAT(says("--mine", "sent"), HasSubstr("None of what you sent is in your hands."));
  EXPECT_THAT(says("--unassigned", "inbox"),
              HasSubstr("Everything in the inbox is in somebody's hands."));
  EXPECT_THAT(says("--unassigned", "sent"),
              HasSubstr("Everything that you sent is in somebody's hands."));
}

TEST_F(AssignmentVerbsTest, ListsSayWhoHasIt) {
  v1::ListReferralsResponse list;
  v1::Referral* referral = list.add_referrals();
  referral->set_id(kReferral);
  referral->set_state(v1::REFERRAL_STATE_MATCHED);
  hub_.Answer(kListReferrals, list);
  ASSERT_EQ(Cli({"referral", "list"}), kExitOk) << err;
  EXPECT_THAT(out, Not(HasSubstr("WITH"))) << "nobody has anything";
  EXPECT_EQ(Sent<v1::ListReferralsRequest>(kListReferrals).assigned(),
            v1::ASSIGNMENT_FILTER_UNSPECIFIED);
  referral->mutable_assignment()->set_staff_id(kOwn);
  list.add_referrals()->set_id(kOtherAgency);
  list.mutable_referrals(1)->mutable_assignment()->set_staff_id(kBen);
  hub_.Answer(kListReferrals, list);
  ASSERT_EQ(Cli({"referral", "list", "--mine"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("WITH"));
  EXPECT_THAT(out, HasSubstr("you"));
  EXPECT_THAT(out, HasSubstr("taken"));
  const auto mine = Sent<v1::ListReferralsRequest>(kListReferrals);
  EXPECT_EQ(mine.assigned(), v1::ASSIGNMENT_FILTER_MINE);
  EXPECT_EQ(mine.states_size(), 4) << "what has not ended";
  ASSERT_EQ(Cli({"referral", "list", "--unassigned", "--state", "open"}), kExitOk) << err;
  const auto open = Sent<v1::ListReferralsRequest>(kListReferrals);
  EXPECT_EQ(open.assigned(), v1::ASSIGNMENT_FILTER_UNASSIGNED);
  ASSERT_EQ(open.states_size(), 1);
  EXPECT_THAT(err, HasSubstr("referral take"));
  EXPECT_EQ(Cli({"referral", "list", "--unassigned", "--mine"}), kExitUsage);
}

TEST_F(AssignmentVerbsTest, AReferralAndItsStoryNameTheColleague) {
  v1::GetReferralResponse got;
  got.mutable_referral()->set_id(kReferral);
  got.mutable_referral()->mutable_assignment()->set_staff_id(kBen);
  hub_.Answer(kGetReferral, got);
  ASSERT_EQ(Cli({"referral", "show", kReferral}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("Ben Reyes, since"));
  v1::GetTimelineResponse story;
  v1::TimelineEntry* entry = story.add_entries();
  entry->set_event("assigned");
  entry->set_agency_id(kOwnAgency);
  entry->set_to_staff_id(kBen);
  entry->set_from_staff_id(kOwn);
  hub_.Answer(kGetTimeline, story);
  ASSERT_EQ(Cli({"referral", "timeline", kReferral}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("assigned to Ben Reyes, from you"));
  // Who has left has no name any more.
  hub_.OnCall(kFindColleague, [](const FakeRequest&) {
    return Refusal(404, {Code::kNotFound, "COLLEAGUE_NOT_FOUND", "Nobody like that.", {}});
  });
  ASSERT_EQ(Cli({"referral", "show", kReferral}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr(kBen));
}

}  // namespace
}  // namespace fairlead::cli
