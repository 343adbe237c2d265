#include "tests/bench/measure.h"

#include <time.h>

#include <algorithm>
#include <vector>

namespace fairlead::bench {
namespace {

double MicrosOf(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

}  // namespace

Result<Times> Measure(double seconds, const std::function<Result<void>()>& once) {
  const auto now_us = [] { return MicrosOf(CLOCK_MONOTONIC); };
  for (int i = 0; i < 100; ++i) FAIRLEAD_RETURN_IF_ERROR(once());
  std::vector<double> took_us;
  const double cpu_us = MicrosOf(CLOCK_PROCESS_CPUTIME_ID);
  const double begin_us = now_us();
  double at_us = begin_us;
  while (at_us < begin_us + seconds * 1e6) {
    FAIRLEAD_RETURN_IF_ERROR(once());
    const double end_us = now_us();
    took_us.push_back(end_us - at_us);
    at_us = end_us;
  }
  const double spent_us = MicrosOf(CLOCK_PROCESS_CPUTIME_ID) - cpu_us;
  std::ranges::sort(took_us);
  return Times{.rate_per_s = static_cast<double>(took_us.size()) / (at_us - begin_us) * 1e6,
               .p50_ms = took_us[took_us.size() / 2] / 1000,
               .p99_ms = took_us[(took_us.size() - 1) * 99 / 100] / 1000,
               .cpu_us = spent_us / static_cast<double>(took_us.size())};
}

}  // namespace fairlead::bench
