// A queue with a limit, between those who ask and the threads that work. Thread-safe.
#ifndef SERVICES_COMMON_STORAGE_BOUNDED_QUEUE_H_
#define SERVICES_COMMON_STORAGE_BOUNDED_QUEUE_H_

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace fairlead::storage {

template <class T>
class BoundedQueue {
 public:
  enum class Push { kQueued, kFull, kClosed };

  explicit BoundedQueue(size_t limit) : limit_(limit) {}

  // Moves from `item` only when it is queued.
  Push TryPush(T& item) {
    const std::lock_guard lock(mutex_);
    if (closed_) return Push::kClosed;
    if (items_.size() >= limit_) return Push::kFull;
    items_.push_back(std::move(item));
    // Waking costs a system call: not needed when nobody sleeps.
    if (sleeping_ > 0) ready_.notify_one();
    return Push::kQueued;
  }

  // Waits for an item; nullopt when closed and empty.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    ++sleeping_;
    ready_.wait(lock, [this] { return closed_ || !items_.empty(); });
    --sleeping_;
    return Take();
  }
  // nullopt when there is nothing just now.
  std::optional<T> TryPop() {
    const std::lock_guard lock(mutex_);
    return Take();
  }
  // Moves up to `count` items to `out` without waiting.
  template <class Container>
  void TryPopMany(size_t count, Container& out) {
    const std::lock_guard lock(mutex_);
    for (; count > 0 && !items_.empty(); --count) {
      out.push_back(std::move(items_.front()));
      items_.pop_front();
    }
  }
  // Moves what is a fair share for one of `parts` who take, at most `most`, to `out`.
  template <class Container>
  void TryPopShare(size_t parts, size_t most, Container& out) {
    const std::lock_guard lock(mutex_);
    size_t count = std::min((items_.size() + parts - 1) / parts, most);
    for (; count > 0; --count) {
      out.push_back(std::move(items_.front()));
      items_.pop_front();
    }
  }
  bool Empty() const {
    const std::lock_guard lock(mutex_);
    return items_.empty();
  }
  // Refuses new items; those queued are still given out.
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ready_.notify_all();
  }
  bool Closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  std::optional<T> Take() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }
  const size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<T> items_;
  int sleeping_ = 0;
  bool closed_ = false;
};

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_BOUNDED_QUEUE_H_
