// How often each of very many may do something, in memory that never grows.
//
//   RateLimiter calls({.per_s = 5, .burst = 60}, SystemRandom());
//   const int64_t wait_s = calls.Take(staff_id, clock.SteadyMs());  // 0: go on
//
// Every key has a schedule: the time by which all it has done would be due at the even rate. A turn
// is given while the schedule is less than a burst ahead of the clock, and moves it on by one
// interval (the generic cell rate algorithm, ITU-T I.371, annex A). Schedules stand in a table of
// four rows. A hash with a secret seed gives each key one place in every row; its own schedule is
// the earliest of the four, and a turn moves on only those that are behind (a count-min sketch with
// conservative update: Estan and Varghese, SIGCOMM 2002).
//
// So nothing is ever evicted: no number of other keys makes the table forget what one key has used
// up, and nobody gets more than the rate. Whoever would keep another waiting must heat up that
// one's place in all four rows, and cannot know where these are.
#ifndef GATEWAY_LIMITS_RATE_LIMITER_H_
#define GATEWAY_LIMITS_RATE_LIMITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/random.h"

namespace fairlead::gateway {

struct Rate {
  int64_t per_s = 0;  // sustained, at most 1,000,000; 0: no limit
  int64_t burst = 1;  // at once
};

// Thread-safe. 2 MiB, or nothing without a limit.
class RateLimiter {
 public:
  RateLimiter(Rate rate, Random& random);
  // Takes a turn and returns 0; or takes none and returns the whole seconds, at least 1, after
  // which there will be one. `steady_ms`: Clock::SteadyMs().
  int64_t Take(std::string_view key, int64_t steady_ms);

 private:
  static constexpr size_t kRows = 4;
  static constexpr size_t kPlacesPerRow = size_t{1} << 16U;  // two bytes of the hash
  std::array<size_t, kRows> Places(std::string_view key) const;

  const int64_t interval_us_;  // 0: no limit
  const int64_t burst_us_;
  const std::string seed_;
  std::mutex mutex_;
  std::vector<int64_t> due_us_;  // one row after the other
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_LIMITS_RATE_LIMITER_H_
