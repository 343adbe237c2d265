// Hub and model walk together: steps at random over referrals, offers, releases and holds, on both
// engines, while the clock is set forward, and the hub is killed, between them; and not one
// difference.
//
// FAIRLEAD_MODEL_STEPS: of each walk in this process; FAIRLEAD_MODEL_KILLED_STEPS: of each walk
// through a hub that is killed. `./fairlead test --long` walks 500,000 of either on each engine.
// The seed is printed and can be given again in FAIRLEAD_MODEL_SEED: the same choices, as far as
// the hub's own pace allows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/model/campaign.h"
#include "tests/model/killed_world.h"
#include "tests/support/in_process_hub.h"

namespace fairlead::model {
namespace {

using Engine = storage::Transaction::Engine;

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

class LocalWorld final : public World {
 public:
  explicit LocalWorld(testing::InProcessHub& hub) : hub_(hub) {}
  rpc::Channel& channel() override { return hub_.channel(); }
  const Clock& clock() const override { return hub_.clock(); }
  void Shift(int64_t by_ms) override { hub_.clock().Shift(by_ms); }

 private:
  testing::InProcessHub& hub_;
};

class HandOffModelTest : public ::testing::TestWithParam<Engine> {
 protected:
  static void Walk(World& world, int64_t steps) {
    const auto seed = static_cast<uint64_t>(
        FromEnvironment("FAIRLEAD_MODEL_SEED", SystemClock().NowMs() % 1'000'000));
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    Campaign campaign(world, seed);
    const int64_t begin_ms = SystemClock().SteadyMs();
    campaign.Run(steps);
    const int64_t took_ms = std::max<int64_t>(SystemClock().SteadyMs() - begin_ms, 1);
    EXPECT_THAT(campaign.Differences(), ::testing::IsEmpty());
    EXPECT_GE(campaign.Steps(), steps);
    EXPECT_GT(campaign.Done(), steps / 10) << "mostly refusals";
    std::printf("%lld steps, %lld changes made among them, %lld calls repeated, %lld a second\n",
                static_cast<long long>(campaign.Steps()), static_cast<long long>(campaign.Done()),
                static_cast<long long>(campaign.Repeats()),
                static_cast<long long>(campaign.Steps() * 1'000 / took_ms));
  }
};

TEST_P(HandOffModelTest, AWalkAtRandomFindsNoDifference) {
  auto hub = testing::InProcessHub::Start(GetParam());
  ASSERT_TRUE(hub) << ToString(hub.error());
  LocalWorld world(**hub);
  Walk(world, FromEnvironment("FAIRLEAD_MODEL_STEPS", 40'000));
}

TEST_P(HandOffModelTest, NorDoesOneThroughAHubThatIsKilled) {
  auto world = KilledWorld::Start(GetParam());
  ASSERT_TRUE(world) << ToString(world.error());
  Walk(**world, FromEnvironment("FAIRLEAD_MODEL_KILLED_STEPS", 10'000));
  std::printf("%d kills\n", (*world)->kills());
}

INSTANTIATE_TEST_SUITE_P(Engines, HandOffModelTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& engine) {
                           return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::model

int main(int argc, char** argv) {
  if (const auto exit_code = fairlead::model::KilledWorld::RunHub(argc, argv)) return *exit_code;
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
