// follow-up list|record and handoff medians, against a hub that answers what the test says.
#include <gmock/gmock.h>

#include "fairlead/referral/v1/follow_up.pb.h"
#include "fairlead/referral/v1/hand_off.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/clock.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = referral::v1;

constexpr const char* kSent = "0190f000-0000-7000-8000-0000000000e1";

class FollowUpVerbsTest : public CliTest {
 protected:
  void SetUp() override { SignIn(); }
};

TEST_F(FollowUpVerbsTest, WhatIsDueIsListedWithTheCommandThatRecordsIt) {
  v1::ListFollowUpsResponse listed;
  v1::FollowUp* due = listed.add_follow_ups();
  due->set_referral_id(kSent);
  due->set_point(v1::FOLLOW_UP_POINT_DAY_7);
  due->set_sender_agency_id(kOwnAgency);
  due->set_need_code("shelter_bed");
  due->mutable_due_time()->set_seconds(SystemClock().NowMs() / 1000 - 180);
  hub_.Answer(kListFollowUps, listed);
  ASSERT_EQ(Cli({"follow-up", "list"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::ListFollowUpsRequest>(kListFollowUps).box(), v1::FOLLOW_UP_BOX_DUE);
  EXPECT_THAT(out, HasSubstr("day_7"));
  EXPECT_THAT(out, HasSubstr("3 min ago"));
  EXPECT_THAT(out, HasSubstr(kSent));
  EXPECT_THAT(err, HasSubstr("follow-up record " + std::string(kSent) + " day_7 --outcome CODE"))
      << "nothing that could be pasted unread";
  ASSERT_EQ(Cli({"follow-up", "list", "--box", "done"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::ListFollowUpsRequest>(kListFollowUps).box(), v1::FOLLOW_UP_BOX_DONE);
  EXPECT_EQ(Cli({"follow-up", "list", "--box", "tomorrow"}), kExitUsage);
}

TEST_F(FollowUpVerbsTest, OneIsRecordedByItsPointAndCode) {
  v1::RecordFollowUpResponse recorded;
  recorded.mutable_follow_up()->set_outcome_code("left_early");
  hub_.Answer(kRecordFollowUp, recorded);
  ASSERT_EQ(Cli({"follow-up", "record", kSent, "day_30", "--outcome", "left_early"}), kExitOk)
      << err;
  const auto sent = Sent<v1::RecordFollowUpRequest>(kRecordFollowUp);
  EXPECT_EQ(sent.referral_id(), kSent);
  EXPECT_EQ(sent.point(), v1::FOLLOW_UP_POINT_DAY_30);
  EXPECT_EQ(sent.outcome_code(), "left_early");
  EXPECT_THAT(err, HasSubstr("day_30 left_early"));
  EXPECT_EQ(Cli({"follow-up", "record", kSent, "day_8", "--outcome", "left_early"}), kExitUsage);
  EXPECT_EQ(Cli({"follow-up", "record", kSent, "day_1"}), kExitUsage) << "without an outcome";
}

TEST_F(FollowUpVerbsTest, MediansAreShownWhereThereAreEnoughOffers) {
  v1::ListAgencyMediansResponse listed;
  listed.add_agencies()->set_agency_id("0190f000-0000-7000-8000-0000000000f1");
  v1::AgencyMedians* busy = listed.add_agencies();
  busy->set_agency_id("0190f000-0000-7000-8000-0000000000f2");
  busy->mutable_figures()->set_answered_count(12);
  busy->mutable_figures()->set_expired_count(3);
  busy->mutable_figures()->mutable_to_answer()->set_median_s(540);
  busy->mutable_figures()->mutable_to_answer()->set_p90_s(14'400);
  hub_.Answer(kListAgencyMedians, listed);
  ASSERT_EQ(Cli({"handoff", "medians"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::ListAgencyMediansRequest>(kListAgencyMedians).window(),
            v1::MEDIAN_WINDOW_DAYS_30);
  EXPECT_THAT(out, HasSubstr("too few"));
  EXPECT_THAT(out, HasSubstr("9 min"));
  EXPECT_THAT(out, HasSubstr("4 h"));
  EXPECT_THAT(out, Not(HasSubstr("0 s"))) << "what is not set is not nought";
  ASSERT_EQ(Cli({"handoff", "medians", "--quarter"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::ListAgencyMediansRequest>(kListAgencyMedians).window(),
            v1::MEDIAN_WINDOW_DAYS_90);
}

}  // namespace
}  // namespace fairlead::cli
