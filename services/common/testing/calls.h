// Calls made at once, and what came of each.
//
//   std::vector<Task<Result<PlaceHoldResponse>>> tasks = …;
//   Calls<Result<PlaceHoldResponse>> calls(std::move(tasks));
//   calls.WaitFor(10);                       // of them, whichever
//   for (auto& result : calls.Wait()) …      // in the order of the tasks
#ifndef SERVICES_COMMON_TESTING_CALLS_H_
#define SERVICES_COMMON_TESTING_CALLS_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/base/task.h"

namespace fairlead::testing {

template <class T>
class Calls {
 public:
  explicit Calls(std::vector<Task<T>> tasks) : results_(tasks.size()) {
    for (size_t i = 0; i < tasks.size(); ++i) {
      Start(std::move(tasks[i]), [this, i](T result) {
        const std::lock_guard lock(mutex_);
        results_[i].emplace(std::move(result));
        ++ended_;
        done_.notify_one();
      });
    }
  }
  // Until so many have ended.
  void WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return ended_ >= count; });
  }
  size_t ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
  }
  // All results. Once.
  std::vector<T> Wait() {
    WaitFor(results_.size());
    std::vector<T> all;
    for (std::optional<T>& each : results_) all.push_back(std::move(*each));
    return all;
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<std::optional<T>> results_;
  size_t ended_ = 0;
};

// Whether the call may or may not have happened: to be made again.
inline bool IsOpen(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kDeadlineExceeded ||
         error.code == Code::kCancelled;
}

}  // namespace fairlead::testing

#endif  // SERVICES_COMMON_TESTING_CALLS_H_
