// The coordinator's list of hand-offs beside ever more referrals that are over: pages of it from
// anywhere, one at a time, through authorisation and validation.
#ifndef TESTS_BENCH_HAND_OFFS_BENCH_H_
#define TESTS_BENCH_HAND_OFFS_BENCH_H_

#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "tests/bench/measure.h"

namespace fairlead::bench {

// Under way at every size: so many offers that wait, and half as many matches.
inline constexpr int kHandOffsWaiting = 10'000;

struct HandOffCosts {
  int referrals = 0;  // all together
  double fill_s = 0;  // to write those that are new
  Times waiting;      // ListHandOffs, 100 a page
  Times matched;
};

// The same database at growing sizes. `folder`: the database is left there. `sizes`: each larger
// than the one before and than what is under way.
Result<std::vector<HandOffCosts>> MeasureHandOffs(const std::string& folder,
                                                  const std::vector<int>& sizes, double seconds);

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_HAND_OFFS_BENCH_H_
