// The figures of an agency's pace: ranks, and what is too little to be summed up.
#include "services/referral/domain/pace.h"

#include <gtest/gtest.h>

#include "services/referral/domain/codes.h"
#include "services/referral/domain/follow_up.h"

namespace fairlead::referral {
namespace {

std::vector<OfferPace> Answered(const std::vector<int64_t>& waits) {
  std::vector<OfferPace> offers;
  for (const int64_t wait_ms : waits) offers.push_back({.answered = true, .wait_ms = wait_ms});
  return offers;
}

TEST(PaceTest, MedianAndNineInTenAreTimesThatReallyWere) {
  auto sum = SumUp(Answered({50, 10, 40, 20, 30}));
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum->to_answer->median_ms, 30);
  EXPECT_EQ(sum->to_answer->p90_ms, 50);
  sum = SumUp(Answered({10, 9, 8, 7, 6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(sum->to_answer->median_ms, 5);
  EXPECT_EQ(sum->to_answer->p90_ms, 9) << "the ninth of ten";
  sum = SumUp(Answered({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(sum->to_answer->median_ms, 6);
  EXPECT_EQ(sum->to_answer->p90_ms, 10);
}

TEST(PaceTest, FewerThanFiveAreNotSummedUp) {
  EXPECT_FALSE(SumUp({}));
  EXPECT_FALSE(SumUp(Answered({1, 2, 3, 4})));
  EXPECT_TRUE(SumUp(Answered({1, 2, 3, 4, 5})));
}

TEST(PaceTest, NorIsAnyOneFigureOfFewerThanFive) {
  std::vector<OfferPace> offers = Answered({1, 2, 3, 4});
  for (int i = 0; i < 3; ++i) offers.push_back({.answered = false, .wait_ms = 1'000});
  auto sum = SumUp(offers);
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum->answered, 4U);
  EXPECT_EQ(sum->expired, 3U);
  EXPECT_FALSE(sum->to_answer);
  EXPECT_FALSE(sum->to_start);
  offers = Answered({1, 2, 3, 4, 5, 6});
  for (size_t i = 0; i < 4; ++i) offers[i].begin_ms = 100;
  EXPECT_FALSE(SumUp(offers)->to_start);
  offers[4].begin_ms = 0;
  sum = SumUp(offers);
  ASSERT_TRUE(sum->to_start) << "begun at once is begun";
  EXPECT_EQ(sum->to_start->median_ms, 100);
}

TEST(PaceTest, WhatExpiredIsNoAnswerThatTookLong) {
  std::vector<OfferPace> offers = Answered({1, 2, 3, 4, 5});
  for (int i = 0; i < 20; ++i) offers.push_back({.answered = false, .wait_ms = 1'000'000});
  EXPECT_EQ(SumUp(offers)->to_answer->p90_ms, 5);
}

TEST(FollowUpTest, IsDueSoManyTimes24HoursAfterTheBegin) {
  constexpr int64_t kHourMs = 3'600'000;
  EXPECT_EQ(FollowUpDueMs(FollowUpPoint::kDay1, 7), 7 + 24 * kHourMs);
  EXPECT_EQ(FollowUpDueMs(FollowUpPoint::kDay7, 7), 7 + 168 * kHourMs);
  EXPECT_EQ(FollowUpDueMs(FollowUpPoint::kDay30, 7), 7 + 720 * kHourMs);
  EXPECT_EQ(PointCode(FollowUpPoint::kDay30), "day_30");
}

TEST(FollowUpTest, HasCodesOfItsOwn) {
  for (const char* code : {"still_in_service", "moved_on_safely", "left_early", "not_reached",
                           "returned_to_sender", "declined_follow_up"}) {
    EXPECT_TRUE(IsFollowUpOutcome(code)) << code;
    EXPECT_FALSE(IsOutcome(code)) << code;
  }
  EXPECT_FALSE(IsFollowUpOutcome("enrolled"));
  EXPECT_FALSE(IsFollowUpOutcome(""));
}

}  // namespace
}  // namespace fairlead::referral
