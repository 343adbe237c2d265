// Many walkers in one world, and its clock: all walk at once; between two walks the clock is set
// forward, and while they walk the hub is killed, where it can be.
//
//   Campaign campaign(world, seed);
//   campaign.Run(100'000);
//   EXPECT_THAT(campaign.Differences(), IsEmpty());
#ifndef TESTS_MODEL_CAMPAIGN_H_
#define TESTS_MODEL_CAMPAIGN_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/model/walker.h"

namespace fairlead::model {

class Campaign {
 public:
  Campaign(World& world, uint64_t seed);

  // At least so many calls whose answers are compared, or until there is a difference.
  void Run(int64_t steps);
  std::vector<std::string> Differences() const;
  int64_t Steps() const { return Sum(&Walker::steps); }
  int64_t Done() const { return Sum(&Walker::done); }
  int64_t Repeats() const { return Sum(&Walker::repeats); }

 private:
  int64_t Sum(int64_t (Walker::*of)() const) const;
  // `meanwhile` runs on this thread.
  void Together(const std::function<void(Walker&)>& act,
                const std::function<void()>& meanwhile = nullptr);
  void KillOnce(int64_t steps_until);
  void SetTheClock();
  int64_t AnyShiftMs();

  World& world_;
  testing::Coalition coalition_;
  SeededRandom random_;
  std::vector<std::unique_ptr<Walker>> walkers_;
};

}  // namespace fairlead::model

#endif  // TESTS_MODEL_CAMPAIGN_H_
