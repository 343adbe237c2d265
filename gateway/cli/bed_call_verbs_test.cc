// bedcall …: asked in codes, answered, and taken so that a repeat takes nothing twice.
#include <gmock/gmock.h>

#include "fairlead/messaging/v1/bed_call.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/clock.h"

namespace fairlead::cli {
namespace {

namespace v1 = messaging::v1;
using ::testing::HasSubstr;

constexpr char kCall[] = "01890a5d-ac96-774b-bcce-b302099a8031";
constexpr char kCallCase[] = "01890a5d-ac96-774b-bcce-b302099a8032";
constexpr char kBedService[] = "01890a5d-ac96-774b-bcce-b302099a8033";
constexpr char kThirdAnswers[] = "01890a5d-ac96-774b-bcce-b302099a8034";
constexpr char kMeant[] = "01890a5d-ac96-774b-bcce-b302099a8035";

class BedCallVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    call_.set_id(kCall);
    call_.set_agency_id(kOwnAgency);
    call_.set_state(v1::BED_CALL_STATE_OPEN);
    call_.mutable_need()->set_need_code("shelter_bed");
    call_.mutable_need()->set_urgency(v1::BED_CALL_URGENCY_EMERGENCY);
    call_.mutable_need()->set_age_band("18-24");
    call_.mutable_need()->add_languages("es");
    v1::BedCallAnswer* answer = call_.add_answers();
    answer->set_agency_id(kOtherAgency);
    answer->set_answer(v1::BED_ANSWER_YES);
    answer->set_unit("bed");
    answer->set_units(2);
    answer->set_service_id(kBedService);
    call_.set_yes_count(1);
    hub_.OnCall(kGetBedCall, [this](const FakeRequest&) {
      v1::GetBedCallResponse response;
      *response.mutable_bed_call() = call_;
      return Protobuf(response);
    });
    hub_.Answer(kGetDoNotRoute, referral::v1::GetDoNotRouteResponse());
    hub_.OnCall(kCreateReferral, [this](const FakeRequest& request) {
      EXPECT_TRUE(draft_.ParseFromString(request.body));
      referral::v1::CreateReferralResponse response;
      response.set_duplicate_referral_id(duplicate_);
      return Protobuf(response);
    });
    hub_.OnCall(kTakeBedCall, [this](const FakeRequest& request) {
      EXPECT_TRUE(taken_.ParseFromString(request.body));
      call_.set_state(v1::BED_CALL_STATE_TAKEN);
      call_.set_taken_agency_id(taken_.agency_id());
      call_.set_referral_id(taken_.referral_id());
      v1::TakeBedCallResponse response;
      *response.mutable_bed_call() = call_;
      return Protobuf(response);
    });
    hub_.OnCall(kOfferReferral, [this](const FakeRequest& request) {
      EXPECT_TRUE(offered_.ParseFromString(request.body));
      return Protobuf(referral::v1::OfferReferralResponse());
    });
    hub_.OnCall(kCancelReferral, [this](const FakeRequest& request) {
      EXPECT_TRUE(cancelled_.ParseFromString(request.body));
      return Protobuf(referral::v1::CancelReferralResponse());
    });
  }

  v1::BedCall call_;
  std::string duplicate_;
  referral::v1::CreateReferralRequest draft_;
  referral::v1::OfferReferralRequest offered_;
  referral::v1::CancelReferralRequest cancelled_;
  v1::TakeBedCallRequest taken_;
};

TEST_F(BedCallVerbsTest, OpensInCodesForSoLong) {
  v1::OpenBedCallRequest opened;
  hub_.OnCall(kOpenBedCall, [&](const FakeRequest& request) {
    EXPECT_TRUE(opened.ParseFromString(request.body));
    v1::OpenBedCallResponse response;
    *response.mutable_bed_call() = call_;
    return Protobuf(response);
  });
  const int64_t before_s = SystemClock().NowMs() / 1000;
  EXPECT_EQ(Cli({"bedcall", "open", "--need", "shelter_bed", "--urgency", "emergency", "--for",
                 "2h", "--people", "2-3", "--language", "es,en", "--county", "12086"}),
            kExitOk)
      << err;
  EXPECT_EQ(opened.need().household_band(), "2-3");
  EXPECT_EQ(opened.need().languages_size(), 2);
  EXPECT_GE(opened.until_time().seconds(), before_s + 7200);
  EXPECT_LE(opened.until_time().seconds(), SystemClock().NowMs() / 1000 + 7200);
  EXPECT_THAT(err, HasSubstr(std::string("bedcall show ") + kCall));
  EXPECT_EQ(Cli({"bedcall", "open", "--need", "shelter_bed", "--urgency", "now"}), kExitUsage);
}

TEST_F(BedCallVerbsTest, AnswersWithUnits) {
  v1::AnswerBedCallRequest answered;
  hub_.OnCall(kAnswerBedCall, [&](const FakeRequest& request) {
    EXPECT_TRUE(answered.ParseFromString(request.body));
    v1::AnswerBedCallResponse response;
    *response.mutable_bed_call() = call_;
    return Protobuf(response);
  });
  EXPECT_EQ(Cli({"bedcall", "answer", kCall, "yes"}), kExitOk) << err;
  EXPECT_EQ(answered.answer(), v1::BED_ANSWER_YES);
  EXPECT_EQ(answered.unit(), "bed");
  EXPECT_EQ(answered.units(), 1);
  EXPECT_EQ(Cli({"bedcall", "answer", "@last", "maybe", "family-rooms", "--units", "2", "--service",
                 kBedService}),
            kExitOk)
      << err;
  EXPECT_EQ(answered.unit(), "family_room");
  EXPECT_EQ(answered.units(), 2);
  EXPECT_EQ(answered.service_id(), kBedService);
  EXPECT_EQ(Cli({"bedcall", "answer", kCall, "no"}), kExitOk) << err;
  EXPECT_EQ(answered.units(), 0);
  EXPECT_EQ(Cli({"bedcall", "answer", kCall, "perhaps"}), kExitUsage);
}

TEST_F(BedCallVerbsTest, TakingMakesADraftTakesAndOffers) {
  EXPECT_EQ(Cli({"bedcall", "take", kCall, "--case", kCallCase}), kExitOk) << err;
  EXPECT_EQ(draft_.case_handle(), kCallCase);
  EXPECT_EQ(draft_.facets().need_code(), "shelter_bed");
  EXPECT_EQ(draft_.facets().urgency(), referral::v1::URGENCY_EMERGENCY);
  EXPECT_EQ(draft_.facets().age_band(), "18-24");
  EXPECT_EQ(draft_.facets().languages(0), "es");
  EXPECT_EQ(taken_.agency_id(), kOtherAgency);
  EXPECT_EQ(taken_.referral_id(), draft_.referral_id());
  EXPECT_EQ(offered_.referral_id(), draft_.referral_id());
  EXPECT_EQ(offered_.recipients(0).recipient_agency_id(), kOtherAgency);
  EXPECT_EQ(offered_.recipients(0).service_id(), kBedService);
  EXPECT_THAT(err, HasSubstr("referral watch " + draft_.referral_id()));
}

TEST_F(BedCallVerbsTest, WhatWasTakenAndNotOfferedIsOfferedByARepeat) {
  hub_.OnCall(kOfferReferral, [](const FakeRequest&) {
    return Refusal(503, {Code::kUnavailable, "HUB_BUSY", "No.", {}});
  });
  EXPECT_NE(Cli({"bedcall", "take", kCall, kOtherAgency, "--case", kCallCase}), kExitOk);
  EXPECT_THAT(err, HasSubstr("not offered yet"));
  const std::string meant = taken_.referral_id();
  draft_.Clear();
  taken_.Clear();
  hub_.OnCall(kOfferReferral, [this](const FakeRequest& request) {
    EXPECT_TRUE(offered_.ParseFromString(request.body));
    return Protobuf(referral::v1::OfferReferralResponse());
  });
  EXPECT_EQ(Cli({"bedcall", "take", kCall, kOtherAgency, "--case", kCallCase}), kExitOk) << err;
  EXPECT_EQ(offered_.referral_id(), meant);
  EXPECT_TRUE(draft_.referral_id().empty()) << "no second draft";
  EXPECT_TRUE(taken_.referral_id().empty()) << "and nothing is taken twice";
}

TEST_F(BedCallVerbsTest, NothingIsTakenForACaseThatMayNotGoThere) {
  duplicate_ = kMeant;
  EXPECT_NE(Cli({"bedcall", "take", kCall, "--case", kCallCase}), kExitOk);
  EXPECT_THAT(err, HasSubstr("DUPLICATE_SERVICE"));
  EXPECT_TRUE(taken_.agency_id().empty());
  EXPECT_EQ(cancelled_.referral_id(), draft_.referral_id()) << "the draft is no more";
  EXPECT_EQ(Cli({"bedcall", "take", kCall, "--case", kCallCase, "--allow-duplicate"}), kExitOk)
      << err;
  EXPECT_TRUE(offered_.allow_duplicate_service());

  call_.set_state(v1::BED_CALL_STATE_OPEN);
  call_.clear_referral_id();
  taken_.Clear();
  referral::v1::GetDoNotRouteResponse never;
  never.mutable_do_not_route()->add_entries()->set_agency_id(kOtherAgency);
  hub_.Answer(kGetDoNotRoute, never);
  EXPECT_NE(Cli({"bedcall", "take", kCall, "--case", kCallCase}), kExitOk);
  EXPECT_THAT(err, HasSubstr("AGENCY_NOT_TO_BE_ASKED"));
  EXPECT_TRUE(taken_.agency_id().empty());
}

TEST_F(BedCallVerbsTest, WhoIsTakenHasToBeClear) {
  v1::BedCallAnswer* third = call_.add_answers();
  third->set_agency_id(kThirdAnswers);
  third->set_answer(v1::BED_ANSWER_MAYBE);
  EXPECT_EQ(Cli({"bedcall", "take", kCall, "--case", kCallCase}), kExitUsage);
  EXPECT_EQ(Cli({"bedcall", "take", kCall, kThirdAnswers, "--case", kCallCase}), kExitOk) << err;
  EXPECT_EQ(taken_.agency_id(), kThirdAnswers);
  call_.set_state(v1::BED_CALL_STATE_OPEN);
  call_.clear_referral_id();
  call_.mutable_answers(1)->set_answer(v1::BED_ANSWER_NO);
  EXPECT_EQ(Cli({"bedcall", "take", kCall, kThirdAnswers, "--case", kCallCase}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("NOT_ANSWERED_YES"));
}

TEST_F(BedCallVerbsTest, ARaceThatIsLostLeavesNoDraft) {
  hub_.OnCall(kTakeBedCall, [](const FakeRequest&) {
    return Refusal(400, {Code::kFailedPrecondition, "BED_CALL_NOT_OPEN", "No.", {}});
  });
  EXPECT_NE(Cli({"bedcall", "take", kCall, "--case", kCallCase}), kExitOk);
  EXPECT_EQ(cancelled_.referral_id(), draft_.referral_id());
  EXPECT_TRUE(offered_.referral_id().empty());
}

TEST_F(BedCallVerbsTest, TheListSaysWhatWaitsForAnAnswer) {
  v1::ListBedCallsResponse calls;
  v1::BedCall* call = calls.add_bed_calls();
  *call = call_;
  call->set_agency_id(kOtherAgency);
  call->clear_answers();
  v1::ListBedCallsRequest asked;
  hub_.OnCall(kListBedCalls, [&](const FakeRequest& request) {
    EXPECT_TRUE(asked.ParseFromString(request.body));
    return Protobuf(calls);
  });
  EXPECT_EQ(Cli({"bedcall", "list"}), kExitOk) << err;
  EXPECT_TRUE(asked.open_only());
  EXPECT_THAT(out, HasSubstr("shelter_bed, emergency, age 18-24, speaks es"));
  EXPECT_THAT(err, HasSubstr(std::string("bedcall answer ") + kCall));
  EXPECT_EQ(Cli({"bedcall", "list", "--own", "--all", "--json"}), kExitOk) << err;
  EXPECT_TRUE(asked.own_only());
  EXPECT_FALSE(asked.open_only());
}

TEST_F(BedCallVerbsTest, ClosingIsAskedAbout) {
  v1::CloseBedCallRequest closed;
  hub_.OnCall(kCloseBedCall, [&](const FakeRequest& request) {
    EXPECT_TRUE(closed.ParseFromString(request.body));
    return Protobuf(v1::CloseBedCallResponse());
  });
  EXPECT_EQ(Cli({"bedcall", "close", kCall}), kExitUsage);
  EXPECT_EQ(Cli({"bedcall", "close", kCall, "--yes"}), kExitOk) << err;
  EXPECT_EQ(closed.bed_call_id(), kCall);
}

}  // namespace
}  // namespace fairlead::cli
