// Load without a thread per caller: so many operations in flight, or so many begun a second, and
// how long each took.
//
//   Operation ask = [&](Done done) { Start(Call(…), [done](auto reply) { done(Outcome(reply)); });
//                                    return true; };
//   LoadResult result = RunClosed(16, {.seconds = 5}, ask);
#ifndef TESTS_BENCH_LOAD_H_
#define TESTS_BENCH_LOAD_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "services/common/base/result.h"

namespace fairlead::bench {

using Done = std::function<void(Result<void>)>;
// Begins one operation; `done` is called once when it has ended, from any thread. False: nothing
// is left to do (a stock of prepared requests is used up), and `done` is not called.
using Operation = std::function<bool(Done done)>;

struct LoadOptions {
  double seconds = 5;
  double warm_up_s = 0.5;  // not counted
};

struct LoadResult {
  double rate_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  int64_t completed = 0;
  int64_t failed = 0;  // not in the figures above
  int64_t ended = 0;   // all that were begun: with those of the warm-up, and the failed
  std::optional<Error> first_error;
};

// Closed loop: as soon as one operation ends, the next begins in its place.
LoadResult RunClosed(int in_flight, const LoadOptions& options, const Operation& operation);

// Paced: operations begin at their times, whether or not earlier ones have ended. Latency counts
// from the time that was meant, so that a stall is seen by all it would have kept waiting. At most
// kMaxPacedInFlight at once.
inline constexpr int kMaxPacedInFlight = 1024;
LoadResult RunPaced(double rate_per_s, const LoadOptions& options, const Operation& operation);

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_LOAD_H_
