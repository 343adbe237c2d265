#include "tests/bench/load.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace fairlead::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

int64_t NowMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             SteadyClock::now().time_since_epoch())
      .count();
}

// The parts of one run: when it counts, what was measured, how many are still out.
class LoadRun {
 public:
  explicit LoadRun(const LoadOptions& options)
      : count_from_us_(NowMicros() + static_cast<int64_t>(options.warm_up_s * 1e6)),
        until_us_(count_from_us_ + static_cast<int64_t>(options.seconds * 1e6)) {}

  bool Over() const { return exhausted_ || NowMicros() >= until_us_; }
  int64_t until_us() const { return until_us_; }

  void Begin() { ++outstanding_; }
  void Abandon() {  // nothing was left to do
    exhausted_ = true;
    End();
  }
  void Complete(int64_t begun_us, Result<void> outcome, std::vector<uint32_t>& into) {
    const int64_t now_us = NowMicros();
    ended_.fetch_add(1, std::memory_order_relaxed);
    if (!outcome) {
      Fail(std::move(outcome.error()));
    } else if (now_us >= count_from_us_ && now_us < until_us_) {
      into.push_back(static_cast<uint32_t>(now_us - begun_us));
      last_us_.store(now_us, std::memory_order_relaxed);
    }
  }
  // After Complete, when this place is given up.
  void End() {
    const std::lock_guard lock(mutex_);
    if (--outstanding_ == 0) idle_.notify_all();
  }
  void WaitIdle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return outstanding_ == 0; });
  }
  int outstanding() const { return outstanding_; }

  LoadResult Summarise(const std::vector<std::vector<uint32_t>>& measured) {
    std::vector<uint32_t> all;
    for (const auto& part : measured) all.insert(all.end(), part.begin(), part.end());
    std::sort(all.begin(), all.end());
    LoadResult result;
    result.completed = static_cast<int64_t>(all.size());
    result.failed = failed_;
    result.ended = ended_;
    result.first_error = first_error_;
    if (all.empty()) return result;
    // A stock that ran out ends the run early: its time ends with its last operation.
    const int64_t end_us = exhausted_ ? last_us_.load() : until_us_;
    const double elapsed_s = static_cast<double>(end_us - count_from_us_) / 1e6;
    if (elapsed_s > 0) result.rate_per_s = static_cast<double>(all.size()) / elapsed_s;
    const auto at = [&all](double share) {
      const auto index = static_cast<size_t>(share * static_cast<double>(all.size() - 1));
      return static_cast<double>(all[index]) / 1000.0;
    };
    result.p50_ms = at(0.50);
    result.p99_ms = at(0.99);
    return result;
  }

 private:
  void Fail(Error error) {
    const std::lock_guard lock(mutex_);
    ++failed_;
    if (!first_error_) first_error_ = std::move(error);
  }

  const int64_t count_from_us_;
  const int64_t until_us_;
  std::atomic<bool> exhausted_{false};
  std::atomic<int64_t> last_us_{0};
  std::atomic<int64_t> ended_{0};
  std::mutex mutex_;
  std::condition_variable idle_;
  std::atomic<int> outstanding_{0};
  int64_t failed_ = 0;
  std::optional<Error> first_error_;
};

// One place of a closed loop. A failure ends it: a failing server would be asked in a tight loop.
class Slot {
 public:
  Slot(LoadRun& run, const Operation& operation, std::vector<uint32_t>& measured)
      : run_(run), operation_(operation), measured_(measured) {}

  void Next() {
    if (run_.Over()) {
      run_.End();
      return;
    }
    begun_us_ = NowMicros();
    const bool begun = operation_([this](Result<void> outcome) {
      const bool fine = outcome.has_value();
      run_.Complete(begun_us_, std::move(outcome), measured_);
      if (fine) {
        Next();
      } else {
        run_.End();
      }
    });
    if (!begun) run_.Abandon();
  }

 private:
  LoadRun& run_;
  const Operation& operation_;
  std::vector<uint32_t>& measured_;
  int64_t begun_us_ = 0;
};

}  // namespace

LoadResult RunClosed(int in_flight, const LoadOptions& options, const Operation& operation) {
  LoadRun run(options);
  std::vector<std::vector<uint32_t>> measured(static_cast<size_t>(in_flight));
  std::vector<std::unique_ptr<Slot>> slots;
  for (auto& part : measured) {
    part.reserve(1 << 16);
    slots.push_back(std::make_unique<Slot>(run, operation, part));
    run.Begin();
  }
  for (const auto& slot : slots) slot->Next();
  run.WaitIdle();
  return run.Summarise(measured);
}

LoadResult RunPaced(double rate_per_s, const LoadOptions& options, const Operation& operation) {
  LoadRun run(options);
  std::mutex mutex;
  std::vector<std::vector<uint32_t>> measured(1);
  const double gap_us = 1e6 / std::max(rate_per_s, 1e-3);
  const auto start = SteadyClock::now();
  const int64_t start_us = NowMicros();
  run.Begin();  // the pacer itself
  for (int64_t i = 0;; ++i) {
    const auto offset_us = static_cast<int64_t>(static_cast<double>(i) * gap_us);
    std::this_thread::sleep_until(start + std::chrono::microseconds(offset_us));
    if (run.Over()) break;
    // Full: the ones to come are late, and their latency says so.
    while (run.outstanding() > kMaxPacedInFlight) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    const int64_t meant_us = start_us + offset_us;
    run.Begin();
    const bool begun = operation([&run, &mutex, &measured, meant_us](Result<void> outcome) {
      {
        const std::lock_guard lock(mutex);
        run.Complete(meant_us, std::move(outcome), measured[0]);
      }
      run.End();
    });
    if (!begun) {
      run.Abandon();
      break;
    }
  }
  run.End();
  run.WaitIdle();
  return run.Summarise(measured);
}

}  // namespace fairlead::bench
