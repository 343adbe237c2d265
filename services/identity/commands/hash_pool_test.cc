#include "services/identity/commands/hash_pool.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace fairlead::identity {
namespace {

TEST(HashPoolTest, AHashFitsItsPassphraseOnly) {
  HashPool pool(1, 4);
  const Result<std::string> hash = SyncWait(pool.Hash("violet ladder under ninety kites"));
  ASSERT_TRUE(hash.has_value());
  EXPECT_TRUE(*SyncWait(pool.Verify(*hash, "violet ladder under ninety kites")));
  EXPECT_FALSE(*SyncWait(pool.Verify(*hash, "violet ladder under ninety kite")));
  EXPECT_FALSE(*SyncWait(pool.Verify(std::string(kDummyHash), "")));
  EXPECT_FALSE(*SyncWait(pool.Verify("not a hash", "violet ladder under ninety kites")));
}

TEST(HashPoolTest, TheSameCharactersTypedDifferentlyAreTheSame) {
  HashPool pool(1, 4);
  const Result<std::string> hash = SyncWait(pool.Hash("canci\xC3\xB3n del mar abierto"));
  ASSERT_TRUE(hash.has_value());
  EXPECT_TRUE(*SyncWait(pool.Verify(*hash, "cancio\xCC\x81n del mar abierto")));
}

TEST(HashPoolTest, AFullQueueRefusesAtOnce) {
  std::vector<std::string> outcomes;
  std::mutex mutex;
  {
    HashPool pool(1, 2);
    for (int i = 0; i < 8; ++i) {
      Start(pool.Verify(std::string(kDummyHash), "x"), [&](Result<bool> result) {
        const std::lock_guard lock(mutex);
        outcomes.push_back(result ? "done" : result.error().reason);
      });
    }
  }  // what was queued is worked off
  size_t done = 0;
  size_t busy = 0;
  for (const std::string& outcome : outcomes) {
    done += outcome == "done" ? 1U : 0U;
    busy += outcome == "SIGN_IN_BUSY" ? 1U : 0U;
  }
  EXPECT_EQ(done + busy, 8U);
  EXPECT_GE(done, 2U);
  EXPECT_GE(busy, 4U);
}

}  // namespace
}  // namespace fairlead::identity
