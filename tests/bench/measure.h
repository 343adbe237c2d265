// One question at a time, for so long: how fast, how often, at what cost.
#ifndef TESTS_BENCH_MEASURE_H_
#define TESTS_BENCH_MEASURE_H_

#include <functional>

#include "services/common/base/result.h"

namespace fairlead::bench {

struct Times {
  double rate_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double cpu_us = 0;  // processor time per question: what other work on the machine leaves as it is
};

// Asks a hundred times before it counts. The first error of `once` ends it.
Result<Times> Measure(double seconds, const std::function<Result<void>()>& once);

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_MEASURE_H_
