// Runs a piece of work again and again on a thread of its own: sweeps of what has expired.
//
//   Periodic sweep(30'000, [&] { Sweep(); });   // first run at once
#ifndef SERVICES_COMMON_BASE_PERIODIC_H_
#define SERVICES_COMMON_BASE_PERIODIC_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace fairlead {

class Periodic {
 public:
  Periodic(int64_t interval_ms, std::function<void()> work)
      : interval_ms_(interval_ms), work_(std::move(work)), thread_([this] { Run(); }) {}
  ~Periodic() { Stop(); }
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

  // Waits for a run under way; no run begins afterwards.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      work_();
      lock.lock();
      wake_.wait_for(lock, std::chrono::milliseconds(interval_ms_), [this] { return stopping_; });
    }
  }

  const int64_t interval_ms_;
  const std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_PERIODIC_H_
