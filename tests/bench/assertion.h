// What it costs to say who calls, and to check it: an actor's assertion signed and verified.
#ifndef TESTS_BENCH_ASSERTION_H_
#define TESTS_BENCH_ASSERTION_H_

#include <string>

#include "services/common/base/result.h"

namespace fairlead::bench {

struct Cost {
  double p50_us = 0;
  double p99_us = 0;
};
struct AssertionCosts {
  Cost sign;    // for a caller not seen lately
  Cost verify;  // one not seen before: a signature is checked
  Cost again;   // one that is remembered: what nearly every call pays
};
Result<AssertionCosts> MeasureAssertions(const std::string& folder);

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_ASSERTION_H_
