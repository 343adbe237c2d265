// Awaiting a Task (base/task.h) from an Asio coroutine. Internal to gateway/http.
#ifndef GATEWAY_HTTP_RUN_TASK_H_
#define GATEWAY_HTTP_RUN_TASK_H_

#include "gateway/http/asio_config.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "gateway/http/server_state.h"
#include "services/common/base/task.h"

namespace fairlead::gateway {

// Runs `task` and resumes on `executor` (a strand) when it is done; nullopt when that takes longer
// than `limit_ms`: the task then goes on by itself and its result is dropped. It may end after the
// server has, so its end keeps `io` alive; this coroutine does not: it is owned by that context
// while it waits, and would keep itself alive for ever.
template <class T>
boost::asio::awaitable<std::optional<T>> RunTask(Task<T> task, int64_t limit_ms,
                                                 boost::asio::any_io_executor executor,
                                                 std::weak_ptr<IoThreads::Impl> io) {
  struct Slot {
    explicit Slot(const boost::asio::any_io_executor& on) : timer(on) {}
    boost::asio::steady_timer timer;
    std::optional<T> value;
  };
  auto slot = std::make_shared<Slot>(executor);
  slot->timer.expires_after(std::chrono::milliseconds(limit_ms));
  // Captures die in reverse order: the slot's timer before the context it belongs to.
  auto done = [alive = io.lock(), executor, slot](T result) mutable {
    if (!alive || alive->context.stopped()) return;
    auto deliver = [slot, value = std::move(result)]() mutable {
      slot->value.emplace(std::move(value));
      slot->timer.cancel();
    };
    boost::asio::post(executor, std::move(deliver));
  };
  Start(std::move(task), std::move(done));
  // The delivery is posted to this strand, so it cannot run before the wait below has begun.
  co_await slot->timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return std::move(slot->value);
}

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_RUN_TASK_H_
