#include "tests/model/campaign.h"

#include <algorithm>
#include <thread>

#include "services/common/testing/wait_until.h"

namespace fairlead::model {
namespace {

constexpr uint64_t kWalkers = 48;
constexpr int64_t kStepsAtATime = 150;  // of one walker, until the clock is set again
constexpr int64_t kSecondMs = 1'000;
// Nothing becomes due for so long after the clock was set, and the walkers stop well before.
constexpr int64_t kQuietMs = 3 * kMinuteMs;
constexpr int64_t kWalkForMs = kMinuteMs;
// A moment that has come to the model has come to the hub.
constexpr int64_t kMarginMs = 2 * kSecondMs;

}  // namespace

Campaign::Campaign(World& world, uint64_t seed)
    : world_(world), coalition_(world.channel()), random_(seed) {
  for (uint64_t i = 0; i < kWalkers; ++i) {
    walkers_.push_back(std::make_unique<Walker>(world, coalition_, seed * 1'000 + i));
  }
}

void Campaign::Run(int64_t steps) {
  Together([](Walker& walker) { walker.Begin(); });
  constexpr auto kMany = static_cast<int64_t>(kWalkers);
  while (Steps() < steps && Differences().empty()) {
    const int64_t each = std::min(kStepsAtATime, (steps - Steps()) / kMany + 1);
    const int64_t until_ms = world_.clock().NowMs() + kWalkForMs;
    const int64_t kill_at =
        Steps() + static_cast<int64_t>(random_.Below(static_cast<uint64_t>(each * kMany)));
    Together([&](Walker& walker) { walker.Walk(each, until_ms); }, [&] { KillOnce(kill_at); });
    SetTheClock();
  }
  Together([](Walker& walker) { walker.Finish(); });
}

std::vector<std::string> Campaign::Differences() const {
  std::vector<std::string> all;
  for (const auto& walker : walkers_) {
    if (!walker->difference().empty()) all.push_back(walker->difference());
  }
  return all;
}

int64_t Campaign::Sum(int64_t (Walker::*of)() const) const {
  int64_t sum = 0;
  for (const auto& walker : walkers_) sum += (*walker.*of)();
  return sum;
}

void Campaign::Together(const std::function<void(Walker&)>& act,
                        const std::function<void()>& meanwhile) {
  std::vector<std::thread> threads;
  for (const auto& walker : walkers_) {
    threads.emplace_back([&act, walker = walker.get()] {
      if (walker->difference().empty()) act(*walker);
    });
  }
  if (meanwhile) meanwhile();
  for (std::thread& thread : threads) thread.join();
}

void Campaign::KillOnce(int64_t at_steps) {
  if (!world_.CanBeKilled()) return;
  constexpr int64_t kAtMostMs = 10 * kSecondMs;
  testing::WaitUntil([&] { return Steps() >= at_steps; }, kAtMostMs);
  world_.Kill();
}

// Forward by minutes or by a day, to where nothing becomes due in the time that follows.
void Campaign::SetTheClock() {
  int64_t by_ms = AnyShiftMs();
  Together([&](Walker& walker) { walker.Prepare(world_.clock().NowMs() + by_ms + kQuietMs); });
  std::vector<int64_t> moments;
  for (const auto& walker : walkers_) {
    const std::vector<int64_t> its = walker->Moments();
    moments.insert(moments.end(), its.begin(), its.end());
  }
  const auto is_quiet = [&] {
    const int64_t from_ms = world_.clock().NowMs() + by_ms - kMarginMs;
    return std::ranges::none_of(
        moments, [&](int64_t moment) { return moment > from_ms && moment < from_ms + kQuietMs; });
  };
  // By less than was prepared for.
  while (by_ms > 0 && !is_quiet()) by_ms -= 10 * kSecondMs;
  if (by_ms > 0) world_.Shift(by_ms);
  Together([](Walker& walker) { walker.PassTime(); });
}

int64_t Campaign::AnyShiftMs() {
  constexpr int64_t kMinutes[] = {22, 47, 130, 310, 26 * 60};
  const auto seconds = static_cast<int64_t>(random_.Below(600));
  return kMinutes[random_.Below(std::size(kMinutes))] * kMinuteMs + seconds * kSecondMs;
}

}  // namespace fairlead::model
