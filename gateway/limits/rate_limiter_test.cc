#include "gateway/limits/rate_limiter.h"

#include <gtest/gtest.h>
#include <malloc.h>

namespace fairlead::gateway {
namespace {

class RateLimiterTest : public ::testing::Test {
 protected:
  SeededRandom random_{7};
};

TEST_F(RateLimiterTest, LetsABurstPassThenTheRate) {
  RateLimiter limiter({.per_s = 2, .burst = 3}, random_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.Take("a", 1000), 0);
  EXPECT_EQ(limiter.Take("a", 1000), 1);
  EXPECT_EQ(limiter.Take("b", 1000), 0) << "another";
  EXPECT_EQ(limiter.Take("a", 1500), 0) << "half a second is one";
  EXPECT_EQ(limiter.Take("a", 1500), 1);
  EXPECT_EQ(limiter.Take("a", 1400), 1) << "a clock that steps back gives nothing";
}

TEST_F(RateLimiterTest, NeverMoreThanTheBurstAndTheRate) {
  RateLimiter limiter({.per_s = 5, .burst = 60}, random_);
  int passed = 0;
  for (int64_t ms = 0; ms < 100'000; ms += 10) passed += limiter.Take("a", ms) == 0 ? 1 : 0;
  EXPECT_LE(passed, 60 + 500);
  EXPECT_GE(passed, 60 + 498);
}

TEST_F(RateLimiterTest, AfterTheWaitThatItNamesThereIsATurn) {
  RateLimiter limiter({.per_s = 1, .burst = 2}, random_);
  int64_t now_ms = 123;
  for (int i = 0; i < 50; ++i) {
    const int64_t wait_s = limiter.Take("a", now_ms);
    if (wait_s == 0) continue;
    now_ms += wait_s * 1000;
    ASSERT_EQ(limiter.Take("a", now_ms), 0) << i;
  }
  EXPECT_EQ(limiter.Take("a", 10'000'000'000), 0) << "years later";
}

TEST_F(RateLimiterTest, NoRateIsNoLimit) {
  RateLimiter limiter({}, random_);
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(limiter.Take("a", 0), 0);
}

// Who has used up a turn cannot have that forgotten by coming as a million others as well, and the
// others do not wait for it.
TEST_F(RateLimiterTest, AMillionOthersChangeNothingAndTakeNoMemory) {
  RateLimiter limiter({.per_s = 10, .burst = 100}, random_);
  while (limiter.Take("attacker", 0) == 0) {
  }
  const size_t before = mallinfo2().uordblks;
  int refused = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    refused += limiter.Take("network " + std::to_string(i), 0) == 0 ? 0 : 1;
  }
  EXPECT_LE(mallinfo2().uordblks, before + 64 * 1024);
  EXPECT_EQ(refused, 0);
  EXPECT_GT(limiter.Take("attacker", 0), 0);
  EXPECT_EQ(limiter.Take("somebody new", 0), 0);
}

// A thousand that flood at once keep hardly any of ten thousand others out: of these, each shares
// a place with a flood in all four rows once in some 20 million.
TEST_F(RateLimiterTest, FloodsDoNotKeepOthersOut) {
  RateLimiter limiter({.per_s = 1, .burst = 5}, random_);
  for (int i = 0; i < 1000; ++i) {
    while (limiter.Take("flood " + std::to_string(i), 0) == 0) {
    }
  }
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    refused += limiter.Take("person " + std::to_string(i), 0) == 0 ? 0 : 1;
  }
  EXPECT_EQ(refused, 0);
}

TEST_F(RateLimiterTest, NobodyKnowsWithWhomTheyShare) {
  SeededRandom other(8);
  RateLimiter one({.per_s = 1, .burst = 1}, random_);
  RateLimiter two({.per_s = 1, .burst = 1}, other);
  // In tables with other seeds, other keys meet: fill both with the same, and see whom it hits.
  for (int i = 0; i < 60'000; ++i) {
    one.Take("key " + std::to_string(i), 0);
    two.Take("key " + std::to_string(i), 0);
  }
  int differ = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string key = "new " + std::to_string(i);
    differ += (one.Take(key, 0) == 0) == (two.Take(key, 0) == 0) ? 0 : 1;
  }
  EXPECT_GT(differ, 100);
}

}  // namespace
}  // namespace fairlead::gateway
