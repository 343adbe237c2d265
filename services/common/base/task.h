// Task<T>: one asynchronous result, written as straight code with co_await.
//
//   Task<Result<Key>> Issue(Request request) {
//     Result<Reply> reply = co_await channel.Call(...);     // nothing blocks meanwhile
//     if (!reply) co_return Fail(reply.error());
//     co_return reply->key();
//   }
//
// A Task starts when it is awaited (or by Start or SyncWait) and resumes on whichever thread
// completes what it waits for: the writer, a reader, gRPC. Code after a co_await therefore must
// never block. Parameters of a coroutine are taken by value, unless the caller is known to await
// it before they end.
//
// g++ 12 miscompiles some temporaries inside a co_await expression: give lambdas and braced
// values a name on the line before.
#ifndef SERVICES_COMMON_BASE_TASK_H_
#define SERVICES_COMMON_BASE_TASK_H_

#include <condition_variable>
#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "services/common/base/check.h"

namespace fairlead {

template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> continuation = std::noop_coroutine();

    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Resume {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(
            std::coroutine_handle<promise_type> handle) noexcept {
          return handle.promise().continuation;
        }
        void await_resume() noexcept {}
      };
      return Resume{};
    }
    template <class U>
    void return_value(U&& result) {
      value.emplace(std::forward<U>(result));
    }
    // Exceptions stop at library walls; one that gets here is a defect.
    void unhandled_exception() { CheckFailed("no exception leaves a Task", __FILE__, __LINE__); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> handle;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
        handle.promise().continuation = waiting;
        return handle;
      }
      T await_resume() {
        FAIRLEAD_CHECK(handle.promise().value.has_value());
        return std::move(*handle.promise().value);
      }
    };
    return Awaiter{handle_};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace internal {
// A coroutine that owns itself: it runs at once and is gone when it ends.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { CheckFailed("no exception leaves a Task", __FILE__, __LINE__); }
  };
};
}  // namespace internal

// Runs the task; calls done(result) on the thread that completes it.
template <class T, class Done>
void Start(Task<T> task, Done done) {
  [](Task<T> owned, Done callback) -> internal::Detached {
    T result = co_await std::move(owned);
    callback(std::move(result));
  }(std::move(task), std::move(done));
}

// Runs the task and blocks until it is done. For main, tests and the CLI only: never on a thread
// that a Task may need.
template <class T>
T SyncWait(Task<T> task) {
  std::mutex mutex;
  std::condition_variable ready;
  std::optional<T> slot;
  Start(std::move(task), [&](T result) {
    const std::lock_guard lock(mutex);
    slot.emplace(std::move(result));
    ready.notify_one();
  });
  std::unique_lock lock(mutex);
  ready.wait(lock, [&] { return slot.has_value(); });
  return std::move(*slot);
}

// Turns a callback interface into something to co_await:
//
//   Async<Result<int>> pending([&](std::function<void(Result<int>)> done) { Begin(done); });
//   Result<int> n = co_await pending;
//
// `done` must be called exactly once, from any thread, even before `start` returns.
template <class T>
class Async {
 public:
  using DoneFn = std::function<void(T)>;
  explicit Async(std::function<void(DoneFn)> start) : start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    // `done` may resume and destroy this object before start returns: nothing is touched after.
    const std::function<void(DoneFn)> start = std::move(start_);
    start([this, handle](T result) {
      result_.emplace(std::move(result));
      handle.resume();
    });
  }
  T await_resume() { return std::move(*result_); }

 private:
  std::function<void(DoneFn)> start_;
  std::optional<T> result_;
};

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_TASK_H_
