// case do-not-route, and what else uses its list; handoff suggest.
#include <gmock/gmock.h>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/referral/v1/hand_off.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
namespace v1 = referral::v1;

constexpr const char* kCase = "01890a5d-ac96-774b-bcce-b302099a8057";
constexpr const char* kThird = "01890a5d-ac96-774b-bcce-b302099a8003";
constexpr const char* kFirstReferral = "01890a5d-ac96-774b-bcce-b302099a8101";

class CaseVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    v1::GetDoNotRouteResponse kept;
    v1::DoNotRoute& list = *kept.mutable_do_not_route();
    list.set_case_handle(kCase);
    list.set_etag("v7");
    v1::NotToBeAsked& entry = *list.add_entries();
    entry.set_agency_id(kOtherAgency);
    entry.set_reason_code("past_harm");
    hub_.Answer(kGetDoNotRoute, kept);
    hub_.OnCall(kSetDoNotRoute, [this](const FakeRequest& request) {
      EXPECT_TRUE(set_.ParseFromString(request.body));
      return Protobuf(answer_);
    });
  }

  v1::SetDoNotRouteRequest set_;
  v1::SetDoNotRouteResponse answer_;
};

TEST_F(CaseVerbsTest, TheListIsShown) {
  EXPECT_EQ(Cli({"case", "do-not-route", kCase}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("past_harm"));
  EXPECT_EQ(set_.request_id(), "") << "and nothing is changed";
  EXPECT_EQ(Cli({"case", "do-not-route", "@last", "--json"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("\"reasonCode\": \"past_harm\""));
}

TEST_F(CaseVerbsTest, WhatIsAddedComesToWhatWasReadAndItsVersion) {
  answer_.add_withdrawn_referral_ids(kFirstReferral);
  answer_.add_agreed_referral_ids(kThird);
  EXPECT_EQ(Cli({"case", "do-not-route", kCase, "--add", kThird, "--reason", "survivor_refuses"}),
            kExitOk)
      << err;
  EXPECT_EQ(set_.case_handle(), kCase);
  EXPECT_EQ(set_.etag(), "v7");
  ASSERT_EQ(set_.entries_size(), 2);
  EXPECT_EQ(set_.entries(0).agency_id(), kOtherAgency);
  EXPECT_EQ(set_.entries(0).reason_code(), "past_harm");
  EXPECT_EQ(set_.entries(1).agency_id(), kThird);
  EXPECT_EQ(set_.entries(1).reason_code(), "survivor_refuses");
  EXPECT_THAT(err, HasSubstr(kFirstReferral));
  EXPECT_THAT(err, HasSubstr(std::string("referral show ") + kThird));
}

TEST_F(CaseVerbsTest, OneThatIsThereGetsTheNewReasonAndOneThatGoesIsNamedByItself) {
  EXPECT_EQ(
      Cli({"case", "do-not-route", kCase, "--add", kOtherAgency, "--reason", "safety_risk"}),
      kExitOk)
      << err;
  ASSERT_EQ(set_.entries_size(), 1);
  EXPECT_EQ(set_.entries(0).reason_code(), "safety_risk");
  EXPECT_EQ(Cli({"case", "do-not-route", kCase, "--remove", kOtherAgency}), kExitOk) << err;
  EXPECT_EQ(set_.entries_size(), 0);
  set_.Clear();
  EXPECT_EQ(Cli({"case", "do-not-route", kCase, "--remove", kThird}), kExitUsage);
  EXPECT_EQ(Cli({"case", "do-not-route", kCase, "--add", kThird}), kExitUsage);
  EXPECT_EQ(Cli({"case", "do-not-route", kCase, "--reason", "safety_risk"}), kExitUsage);
  EXPECT_EQ(set_.request_id(), "");
}

TEST_F(CaseVerbsTest, ARefusedReasonComesWithThoseThereAre) {
  hub_.OnCall(kSetDoNotRoute, [](const FakeRequest&) {
    return Refusal(400,
                   Error{Code::kInvalidArgument, "UNKNOWN_REASON_CODE", "No such reason.", {}});
  });
  EXPECT_NE(Cli({"case", "do-not-route", kCase, "--add", kThird, "--reason", "dislike"}), kExitOk);
  EXPECT_THAT(err, HasSubstr("conflict_of_interest"));
}

TEST_F(CaseVerbsTest, AMatchLeavesOutTheCasesListToo) {
  directory::v1::MatchServicesRequest asked;
  hub_.OnCall(kMatchServices, [&](const FakeRequest& request) {
    EXPECT_TRUE(asked.ParseFromString(request.body));
    return Protobuf(directory::v1::MatchServicesResponse());
  });
  EXPECT_EQ(Cli({"directory", "match", "--need", "shelter_bed", "--case", kCase, "--do-not-route",
                 std::string(kThird) + "," + kOtherAgency}),
            kExitOk)
      << err;
  EXPECT_THAT(asked.do_not_route_agency_ids(), ::testing::ElementsAre(kThird, kOtherAgency));
  EXPECT_EQ(Cli({"directory", "match", "--need", "shelter_bed", "--case", kCase}), kExitOk) << err;
  EXPECT_THAT(asked.do_not_route_agency_ids(), ::testing::ElementsAre(kOtherAgency));
}

TEST_F(CaseVerbsTest, HandOffsAreListedByTheIdsThatOneGoesOnWith) {
  constexpr const char* kOffer = "0190f000-0000-7000-8000-0000000000e9";
  v1::ListHandOffsResponse listed;
  listed.add_hand_offs()->set_referral_id(kFirstReferral);
  listed.mutable_hand_offs(0)->set_offer_id(kOffer);
  listed.mutable_hand_offs(0)->set_sender_agency_id(kOwnAgency);
  listed.mutable_hand_offs(0)->set_recipient_agency_id(kThird);
  hub_.Answer(kListHandOffs, listed);
  EXPECT_EQ(Cli({"handoff", "list"}), kExitOk) << err;
  EXPECT_THAT(out, ::testing::HasSubstr(kOffer));
  EXPECT_THAT(out, ::testing::HasSubstr(kFirstReferral)) << "suggest takes this one";
  listed.mutable_hand_offs(0)->clear_offer_id();
  hub_.Answer(kListHandOffs, listed);
  EXPECT_EQ(Cli({"handoff", "list", "--unasked"}), kExitOk) << err;
  EXPECT_THAT(out, ::testing::HasSubstr(kFirstReferral));
  EXPECT_THAT(out, ::testing::Not(::testing::HasSubstr("OFFER")));
}

TEST_F(CaseVerbsTest, ASuggestionGoesOutAndIsShownToTheSender) {
  v1::SuggestCandidateRequest suggested;
  hub_.OnCall(kSuggestCandidate, [&](const FakeRequest& request) {
    EXPECT_TRUE(suggested.ParseFromString(request.body));
    return Protobuf(v1::SuggestCandidateResponse());
  });
  EXPECT_EQ(Cli({"handoff", "suggest", kFirstReferral, kThird}), kExitOk) << err;
  EXPECT_EQ(suggested.referral_id(), kFirstReferral);
  EXPECT_EQ(suggested.agency_id(), kThird);
  v1::GetReferralResponse got;
  got.mutable_referral()->set_id(kFirstReferral);
  v1::Suggestion& shown = *got.mutable_referral()->add_suggestions();
  shown.set_agency_id(kThird);
  shown.mutable_suggest_time()->set_seconds(1'769'850'300);
  hub_.Answer(kGetReferral, got);
  EXPECT_EQ(Cli({"referral", "show", kFirstReferral}), kExitOk) << err;
  EXPECT_THAT(out, ::testing::ContainsRegex("Suggested.*2026-01-31 09:05:00Z"));
}

}  // namespace
}  // namespace fairlead::cli
