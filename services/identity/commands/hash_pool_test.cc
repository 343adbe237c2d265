#include "services/identity/commands/hash_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace fairlead::identity {
namespace {

TEST(HashPoolTest, AHashFitsItsPassphraseOnly) {
  HashPool pool(SystemClock(), 1, 4);
  const Result<std::string> hash = SyncWait(pool.Hash("violet ladder under ninety kites", {}));
  ASSERT_TRUE(hash.has_value());
  // The parameters of docs/security.md; an unknown name must cost what a known one does.
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=65536,t=3,p=1$")) << *hash;
  EXPECT_TRUE(pool.DummyHash().starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
  EXPECT_TRUE(*SyncWait(pool.Verify(*hash, "violet ladder under ninety kites", {})));
  EXPECT_FALSE(*SyncWait(pool.Verify(*hash, "violet ladder under ninety kite", {})));
  EXPECT_FALSE(*SyncWait(pool.Verify(pool.DummyHash(), "", {})));
  EXPECT_FALSE(*SyncWait(pool.Verify("not a hash", "violet ladder under ninety kites", {})));
}

TEST(HashPoolTest, TheSameCharactersTypedDifferentlyAreTheSame) {
  HashPool pool(SystemClock(), 1, 4);
  const Result<std::string> hash = SyncWait(pool.Hash("canci\xC3\xB3n del mar abierto", {}));
  ASSERT_TRUE(hash.has_value());
  EXPECT_TRUE(*SyncWait(pool.Verify(*hash, "cancio\xCC\x81n del mar abierto", {})));
}

// What became of many jobs, in the order in which they ended.
class Outcomes {
 public:
  std::function<void(Result<bool>)> Note(const std::string& name) {
    return [this, name](const Result<bool>& result) {
      const std::lock_guard lock(mutex_);
      all_.push_back(name + (result ? "done" : result.error().reason));
      changed_.notify_all();
    };
  }
  std::vector<std::string> Await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return all_.size() >= count; });
    return all_;
  }
  size_t Count(const std::string& outcome) {
    const std::lock_guard lock(mutex_);
    return static_cast<size_t>(std::count(all_.begin(), all_.end(), outcome));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
};

TEST(HashPoolTest, AFullQueueRefusesAtOnceAndStoppingHashesNothingMore) {
  Outcomes outcomes;
  {
    HashPool pool(SystemClock(), 1, 2);
    for (int i = 0; i < 8; ++i) {
      Start(pool.Verify(pool.DummyHash(), "x", {}), outcomes.Note(""));
    }
  }
  // One was worked on at most; two were queued, and are refused rather than hashed.
  EXPECT_EQ(outcomes.Await(8).size(), 8U);
  EXPECT_LE(outcomes.Count("done"), 1U);
  EXPECT_GE(outcomes.Count("SHUTTING_DOWN"), 2U);
  EXPECT_GE(outcomes.Count("SIGN_IN_BUSY"), 5U);
  HashPool stopped(SystemClock(), 1, 2);
  stopped.Stop();
  Start(stopped.Verify(stopped.DummyHash(), "x", {}), outcomes.Note("late "));
  EXPECT_EQ(outcomes.Count("late SHUTTING_DOWN"), 1U);
}

TEST(HashPoolTest, ARightCodeGoesAheadOfAllGuesses) {
  Outcomes outcomes;
  HashPool pool(SystemClock(), 1, 4);
  for (int i = 0; i < 8; ++i) {
    Start(pool.Verify(pool.DummyHash(), "x", {}), outcomes.Note("guess "));
  }
  ASSERT_GE(outcomes.Count("guess SIGN_IN_BUSY"), 3U) << "the queue of the guessers is full";
  Start(pool.Verify(pool.DummyHash(), "x", {.lane = HashPool::Lane::kProven}),
        outcomes.Note("proven "));
  const std::vector<std::string> all = outcomes.Await(9);
  std::vector<std::string> hashed;
  for (const std::string& each : all) {
    if (each.ends_with("done")) hashed.push_back(each);
  }
  const auto at = std::find(hashed.begin(), hashed.end(), "proven done");
  ASSERT_NE(at, hashed.end());
  EXPECT_LE(at - hashed.begin(), 2) << "only what was being worked on came first";
}

// An invitation is enough for a new credential: a flood of those must not hold up sign-ins with a
// right code, nor be held up by guesses.
TEST(HashPoolTest, NewCredentialsHaveALaneBehindRightCodes) {
  Outcomes outcomes;
  HashPool pool(SystemClock(), 1, 4);
  for (int i = 0; i < 8; ++i) {
    Start(pool.Verify(pool.DummyHash(), "x", {}), outcomes.Note("guess "));
    Start(pool.Verify(pool.DummyHash(), "x", {.lane = HashPool::Lane::kNew}),
          outcomes.Note("new "));
  }
  ASSERT_GE(outcomes.Count("new SIGN_IN_BUSY"), 3U) << "their lane is full";
  Start(pool.Verify(pool.DummyHash(), "x", {.lane = HashPool::Lane::kProven}),
        outcomes.Note("proven "));
  std::vector<std::string> hashed;
  for (const std::string& each : outcomes.Await(17)) {
    if (each.ends_with("done")) hashed.push_back(each);
  }
  const auto proven = std::find(hashed.begin(), hashed.end(), "proven done");
  ASSERT_NE(proven, hashed.end());
  EXPECT_LE(proven - hashed.begin(), 2) << "only what was being worked on came first";
  EXPECT_TRUE(std::all_of(proven + 1, proven + 4, [](const auto& each) {
    return each == "new done";
  })) << "and then the new ones, before the guesses";
}

TEST(HashPoolTest, OneAtATimeForOneOwner) {
  Outcomes outcomes;
  HashPool pool(SystemClock(), 1, 8);
  const HashPool::Turn anas{.lane = HashPool::Lane::kNew, .owner = "ana"};
  for (int i = 0; i < 4; ++i) {
    Start(pool.Verify(pool.DummyHash(), "x", anas), outcomes.Note("ana "));
  }
  Start(pool.Verify(pool.DummyHash(), "x",
                    {.lane = HashPool::Lane::kNew, .owner = "ben"}),
        outcomes.Note("ben "));
  outcomes.Await(5);
  EXPECT_EQ(outcomes.Count("ana done"), 1U);
  EXPECT_EQ(outcomes.Count("ana SIGN_IN_BUSY"), 3U);
  EXPECT_EQ(outcomes.Count("ben done"), 1U);
  const Result<bool> next = SyncWait(pool.Verify(pool.DummyHash(), "x", anas));
  EXPECT_TRUE(next.has_value()) << "when the first is done, the next may come";
}

TEST(HashPoolTest, WhoeverHasGivenUpCostsNothing) {
  Outcomes outcomes;
  FakeClock clock;
  HashPool pool(clock, 1, 8);
  const HashPool::Turn turn{.deadline_steady_ms = clock.SteadyMs() + 10};
  clock.Advance(10);
  for (int i = 0; i < 4; ++i) {
    Start(pool.Verify(pool.DummyHash(), "x", turn), outcomes.Note(""));
  }
  outcomes.Await(4);
  EXPECT_EQ(outcomes.Count("SIGN_IN_BUSY"), 4U);
}

}  // namespace
}  // namespace fairlead::identity
