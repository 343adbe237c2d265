// Lets many pass at a time, or one alone. The one who wants to be alone comes first: those who
// come after it wait, so it never starves (std::shared_mutex does not promise that).
#ifndef SERVICES_COMMON_STORAGE_GATE_H_
#define SERVICES_COMMON_STORAGE_GATE_H_

#include <condition_variable>
#include <mutex>

namespace fairlead::storage {

class Gate {
 public:
  // RAII: `Gate::Shared pass(gate);`
  class Shared {
   public:
    explicit Shared(Gate& gate) : gate_(gate) {
      std::unique_lock lock(gate_.mutex_);
      gate_.changed_.wait(lock, [this] { return gate_.wanting_alone_ == 0; });
      ++gate_.inside_;
    }
    ~Shared() {
      const std::lock_guard lock(gate_.mutex_);
      if (--gate_.inside_ == 0 && gate_.wanting_alone_ > 0) gate_.changed_.notify_all();
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

   private:
    Gate& gate_;
  };

  class Alone {
   public:
    explicit Alone(Gate& gate) : gate_(gate) {
      std::unique_lock lock(gate_.mutex_);
      ++gate_.wanting_alone_;
      gate_.changed_.wait(lock, [this] { return gate_.inside_ == 0; });
      ++gate_.inside_;
    }
    ~Alone() {
      const std::lock_guard lock(gate_.mutex_);
      --gate_.wanting_alone_;
      --gate_.inside_;
      gate_.changed_.notify_all();
    }
    Alone(const Alone&) = delete;
    Alone& operator=(const Alone&) = delete;

   private:
    Gate& gate_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  int wanting_alone_ = 0;
};

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_GATE_H_
