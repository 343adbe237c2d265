// What a coordinator sees of hand-offs, how they end otherwise, and twenty who accept at once.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

class HandOffsTest : public BlindTest {
 protected:
  bool WantsOwnHub() const override { return true; }  // whose list of hand-offs is its own
};

TEST_P(HandOffsTest, ACoordinatorSeesWhatWaitsInCodesAndMayAskOnceMore) {
  const auth::Actor coordinator = coalition_->MakeCoordinator();
  const auto list = [&](v1::HandOffStage stage, int page_size, std::string token = "") {
    v1::ListHandOffsRequest request;
    request.set_stage(stage);
    request.set_page_size(page_size);
    request.set_page_token(token);
    auto listed = coalition_->Call<v1::ListHandOffsResponse>(
        coordinator, std::string(kHandOffs) + "ListHandOffs", request);
    EXPECT_TRUE(listed) << ToString(listed.error());
    return listed ? *listed : v1::ListHandOffsResponse();
  };
  EXPECT_EQ(list(v1::HAND_OFF_STAGE_WAITING, 10).hand_offs_size(), 0);
  const v1::Referral first = Asked({one_, two_, three_});
  const v1::Referral second = Asked({one_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(second, one_)));
  // Two pages, each offer once.
  const v1::ListHandOffsResponse page = list(v1::HAND_OFF_STAGE_WAITING, 2);
  ASSERT_EQ(page.hand_offs_size(), 2);
  EXPECT_EQ(page.hand_offs(0).stuck_code(), "not_delivered");
  EXPECT_EQ(page.hand_offs(0).need_code(), "shelter_bed");
  const v1::ListHandOffsResponse rest = list(v1::HAND_OFF_STAGE_WAITING, 2, page.next_page_token());
  ASSERT_EQ(rest.hand_offs_size(), 1);
  std::set<std::string> offers = {page.hand_offs(0).offer_id(), page.hand_offs(1).offer_id(),
                                  rest.hand_offs(0).offer_id()};
  EXPECT_EQ(offers.size(), 3U);
  const v1::ListHandOffsResponse matched = list(v1::HAND_OFF_STAGE_MATCHED, 10);
  ASSERT_EQ(matched.hand_offs_size(), 1);
  EXPECT_EQ(matched.hand_offs(0).stuck_code(), "packet_not_sent");
  EXPECT_EQ(matched.hand_offs(0).recipient_agency_id(), one_.id);

  v1::NudgeOfferRequest nudge;
  const auto asked = [&](const auth::Actor& by, const std::string& offer) {
    nudge.set_request_id(coalition_->ids().New());
    nudge.set_offer_id(offer);
    return ReasonOf(
        coalition_->Call<v1::NudgeOfferResponse>(by, std::string(kHandOffs) + "NudgeOffer", nudge));
  };
  EXPECT_EQ(asked(coordinator, OfferTo(first, one_)), "ok");
  EXPECT_EQ(asked(coordinator, OfferTo(first, one_)), "NUDGED_LATELY");
  EXPECT_EQ(asked(coordinator, OfferTo(second, one_)), "OFFER_NOT_WAITING");
  EXPECT_EQ(asked(coordinator, coalition_->ids().New()), "OFFER_NOT_FOUND");
  ASSERT_TRUE(Reopen(one_, second.id()));
  const v1::ListHandOffsResponse unasked = list(v1::HAND_OFF_STAGE_UNASKED, 10);
  ASSERT_EQ(unasked.hand_offs_size(), 1);
  EXPECT_EQ(unasked.hand_offs(0).stuck_code(), "nobody_asked");
  EXPECT_EQ(asked(from_.caseworker, OfferTo(first, two_)), "ROLE_NOT_ALLOWED");
  EXPECT_THAT(Story(one_, first.id()), ::testing::ElementsAre("offered", "nudged"));
  EXPECT_THAT(Story(two_, first.id()), ::testing::ElementsAre("offered"));
}

TEST_P(HandOffsTest, WhatShouldNeverHaveBeenEndsAndItsPacketWithIt) {
  const v1::Referral asked = Asked({one_, two_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  ASSERT_TRUE(SendPacket(one_, asked, ReleaseTo(one_, asked)));
  v1::EnterReferralInErrorRequest request;
  request.set_request_id(coalition_->ids().New());
  request.set_referral_id(asked.id());
  EXPECT_EQ(ReasonOf(Call<v1::EnterReferralInErrorResponse>(one_, "EnterReferralInError", request)),
            "REFERRAL_NOT_FOUND");
  EXPECT_EQ(
      ReasonOf(Call<v1::EnterReferralInErrorResponse>(from_, "EnterReferralInError", request)),
      "ok");
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "OFFER_NOT_OPEN");
  EXPECT_EQ(ReasonOf(coalition_->Open(from_, from_, asked.id())), "PACKET_GONE");

  // A service that came to nothing is closed by who gave it.
  const v1::Referral other = Asked({one_, two_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(other, one_)));
  v1::CloseReferralRequest close;
  close.set_request_id(coalition_->ids().New());
  close.set_referral_id(other.id());
  close.set_reason_code("no_show");
  EXPECT_EQ(ReasonOf(Call<v1::CloseReferralResponse>(one_, "CloseReferral", close)),
            "NOT_IN_SERVICE");
  ASSERT_TRUE(coalition_->Start(one_, other.id()));
  EXPECT_EQ(ReasonOf(Call<v1::CloseReferralResponse>(one_, "CloseReferral", close)), "ok");
  EXPECT_EQ(Seen(from_, other.id()).state(), v1::REFERRAL_STATE_CLOSED);
  EXPECT_EQ(Seen(from_, other.id()).reason_code(), "no_show");
}

// Twenty accept at once, each wanting a bed held: one match, nineteen withdrawn, one hold.
TEST_P(HandOffsTest, RaceOfTwenty) {
  constexpr int kAgencies = 20;
  const char* wanted = std::getenv("FAIRLEAD_BLIND_ROUNDS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 15;
  std::vector<Agency> agencies;
  for (int i = 0; i < kAgencies; ++i) {
    agencies.push_back(Add("Agency " + std::to_string(i), auth::AgencyKind::kHealthProvider));
  }
  const std::string beds = Beds(kAgencies);
  std::map<std::string, int> winners;
  for (int round = 0; round < rounds; ++round) {
    const v1::Referral asked = Asked(agencies);
    std::vector<v1::AcceptOfferRequest> requests(kAgencies);
    for (int i = 0; i < kAgencies; ++i) {
      v1::AcceptOfferRequest& request = requests[static_cast<size_t>(i)];
      request.set_request_id(coalition_->ids().New());
      request.set_offer_id(OfferTo(asked, agencies[static_cast<size_t>(i)]));
      request.mutable_hold()->set_service_id(beds);
      request.mutable_hold()->set_unit(directory_v1::CAPACITY_UNIT_BED);
    }
    std::vector<std::string> reasons(kAgencies);
    std::atomic<bool> go = false;
    std::string hold;
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < kAgencies; ++i) {
        threads.emplace_back([&, i] {
          go.wait(false);
          const auto answer =
              Call<v1::AcceptOfferResponse>(agencies[i], "AcceptOffer", requests[i]);
          reasons[i] = ReasonOf(answer);
          if (answer) hold = answer->hold_id();  // of one thread, or the counts below say so
        });
      }
      go = true;
      go.notify_all();
    }
    ASSERT_EQ(std::ranges::count(reasons, "ok"), 1) << "round " << round;
    ASSERT_EQ(std::ranges::count(reasons, "ALREADY_MATCHED"), kAgencies - 1);
    ASSERT_EQ(FreeBeds(beds), kAgencies - 1) << "one bed is held";
    const v1::Referral now = Seen(from_, asked.id());
    std::map<v1::OfferState, int> states;
    for (const v1::Offer& offer : now.offers()) ++states[offer.state()];
    ASSERT_EQ(states, (std::map<v1::OfferState, int>{{v1::OFFER_STATE_ACCEPTED, 1},
                                                     {v1::OFFER_STATE_WITHDRAWN, kAgencies - 1}}));
    directory_v1::ReleaseHoldRequest release;
    release.set_request_id(coalition_->ids().New());
    release.set_hold_id(hold);
    const auto winner = std::ranges::find(reasons, "ok") - reasons.begin();
    ++winners[agencies[static_cast<size_t>(winner)].name];
    const auto released = coalition_->Call<directory_v1::ReleaseHoldResponse>(
        agencies[static_cast<size_t>(winner)].caseworker, std::string(kBeds) + "ReleaseHold",
        release);
    ASSERT_TRUE(released) << ToString(released.error());
  }
  std::printf("%d rounds of %d, %zu agencies won some\n", rounds, kAgencies, winners.size());
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(HandOffsTest);

}  // namespace
}  // namespace fairlead::testing
