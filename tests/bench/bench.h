// `fairlead bench`: what this machine does with a hub, beside what it could do at most.
//
//   fairlead bench --seconds 5 handoff live
//
// docs/performance.md says what each figure means.
#ifndef TESTS_BENCH_BENCH_H_
#define TESTS_BENCH_BENCH_H_

#include <string>
#include <vector>

namespace fairlead::bench {

// Arguments after the verb. Exit code: 0; 1 when a bench failed (it says which on standard error,
// and the others still run); 2 for a wrong argument.
int Run(const std::vector<std::string>& arguments);

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_BENCH_H_
