#include "services/directory/domain/capacity.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fairlead::directory {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

TEST(CapacityTest, TrustGoesByAge) {
  EXPECT_EQ(FreshnessOf(kNow, kNow), Freshness::kFresh);
  EXPECT_EQ(FreshnessOf(kNow + 5'000, kNow), Freshness::kFresh) << "clocks differ";
  EXPECT_EQ(FreshnessOf(kNow - 3'599'999, kNow), Freshness::kFresh);
  EXPECT_EQ(FreshnessOf(kNow - 3'600'000, kNow), Freshness::kAgeing);
  EXPECT_EQ(FreshnessOf(kNow - 86'399'999, kNow), Freshness::kAgeing);
  EXPECT_EQ(FreshnessOf(kNow - 86'400'000, kNow), Freshness::kStale);
  EXPECT_EQ(FreshnessOf(0, kNow), Freshness::kStale);
}

TEST(CapacityTest, TheFirstWordIsANumber) {
  Capacity capacity;
  EXPECT_EQ(Update(capacity, {.available_delta = 1}, kNow).error().reason, "CAPACITY_NOT_FOUND");
  EXPECT_EQ(Update(capacity, {.accepting = false}, kNow).error().reason, "CAPACITY_NOT_FOUND");
  EXPECT_EQ(capacity.version, 0);
  ASSERT_TRUE(Update(capacity, {.available = 0}, kNow));
  EXPECT_EQ(capacity.version, 1);
  EXPECT_TRUE(capacity.accepting);
}

TEST(CapacityTest, WhatIsRefusedChangesNothing) {
  Capacity capacity;
  ASSERT_TRUE(Update(capacity, {.available = 2, .maximum = 10, .waitlist = 3}, kNow));
  capacity.held = 4;
  const auto over = Update(capacity, {.available = 7, .waitlist = 0}, kNow + 1);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().reason, "CAPACITY_OVER_MAXIMUM");
  EXPECT_EQ(over.error().metadata.at("held"), "4");
  EXPECT_EQ(Update(capacity, {.maximum = 5}, kNow).error().reason, "CAPACITY_OVER_MAXIMUM");
  EXPECT_EQ(Update(capacity, {.available_delta = -3}, kNow).error().reason,
            "CAPACITY_BELOW_ZERO");
  EXPECT_EQ(Update(capacity, {.available = 1, .available_delta = 1}, kNow).error().reason,
            "CAPACITY_SAID_TWICE");
  EXPECT_EQ(capacity.available, 2);
  EXPECT_EQ(capacity.waitlist, 3);
  EXPECT_EQ(capacity.update_ms, kNow);
  EXPECT_TRUE(Update(capacity, {.available = 6}, kNow)) << "beside the four that are held";
  // To say that it is still so makes it newer, and nothing else.
  ASSERT_TRUE(Update(capacity, {}, kNow + 9));
  EXPECT_EQ(capacity.available, 6);
  EXPECT_EQ(capacity.update_ms, kNow + 9);
}

RC_GTEST_PROP(CapacityTest, NoUpdateBreaksTheRule, ()) {
  Capacity capacity;
  RC_PRE(Update(capacity, {.available = *rc::gen::inRange(0, 50)}, kNow).has_value());
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange(-60, 60), rc::gen::inRange(0, 60)));
  for (const auto& [what, delta, number] : steps) {
    CapacityUpdate update;
    if (what == 0) update.available = number;
    if (what == 1) update.available_delta = delta;
    if (what == 2) update.maximum = number;
    if (what == 3) {
      const int moved = std::min(capacity.available, number);
      capacity.available -= moved;
      capacity.held += moved;
      continue;
    }
    const Capacity before = capacity;
    if (!Update(capacity, update, kNow)) RC_ASSERT(capacity.version == before.version);
    RC_ASSERT(capacity.available >= 0);
    RC_ASSERT(capacity.maximum == 0 || capacity.available + capacity.held <= capacity.maximum);
    RC_ASSERT(capacity.held == before.held);
  }
}

TEST(CapacityTest, HoldsLastFromAMinuteToADay) {
  EXPECT_EQ(HoldLifetimeMs(0, 5400), 5'400'000);
  EXPECT_EQ(HoldLifetimeMs(60, 5400), 60'000);
  EXPECT_EQ(HoldLifetimeMs(86'400, 5400), 86'400'000);
  for (const int64_t wrong : {int64_t{-1}, int64_t{59}, int64_t{86'401}}) {
    EXPECT_EQ(HoldLifetimeMs(wrong, 5400).error().reason, "OUT_OF_RANGE") << wrong;
  }
}

}  // namespace
}  // namespace fairlead::directory
