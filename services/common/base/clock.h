// Time comes in through an interface, so that one seed replays everything.
#ifndef SERVICES_COMMON_BASE_CLOCK_H_
#define SERVICES_COMMON_BASE_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time: milliseconds since the Unix epoch, UTC. May jump.
  virtual int64_t NowMs() const = 0;
  // Monotonic milliseconds since an arbitrary start. For deadlines and durations.
  virtual int64_t SteadyMs() const = 0;
};

// The machine's clocks. Thread-safe; lives for the whole process.
const Clock& SystemClock();

// A clock that stands still until told to move. For tests. Thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(int64_t now_ms = 1'700'000'000'000) : now_ms_(now_ms) {}
  int64_t NowMs() const override { return now_ms_.load(); }
  int64_t SteadyMs() const override { return steady_ms_.load(); }
  void Advance(int64_t by_ms) {
    now_ms_ += by_ms;
    steady_ms_ += by_ms;
  }

 private:
  std::atomic<int64_t> now_ms_;
  std::atomic<int64_t> steady_ms_{0};
};

// Whole seconds of a wait, rounded up: whoever comes after so many is not early. What the metadata
// `retry_after_s` says.
constexpr int64_t WholeSeconds(int64_t wait_ms) { return (wait_ms + 999) / 1000; }

// RFC 3339 in UTC with milliseconds: "2026-01-31T09:05:00.250Z".
std::string FormatTime(int64_t unix_ms);
// Accepts RFC 3339 with any offset and up to 9 fraction digits (truncated to ms).
// Error: INVALID_TIME.
Result<int64_t> ParseTime(std::string_view text);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_CLOCK_H_
