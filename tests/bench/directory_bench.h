// The directory alone, at sizes that no coalition has yet: a database of made-up services with what
// two in three of them say of their room, its index, and questions one at a time: MatchServices
// with four filters (need, county, language, age), SearchServices with four (need, county,
// language, a word or its beginning, one in ten misspelt).
#ifndef TESTS_BENCH_DIRECTORY_BENCH_H_
#define TESTS_BENCH_DIRECTORY_BENCH_H_

#include <string>

#include "services/common/base/result.h"
#include "tests/bench/measure.h"

namespace fairlead::bench {

struct DirectoryCosts {
  double fill_s = 0;        // to write the services into the database
  double start_s = 0;       // to read them all into the index
  double index_mib = 0;     // of its own reckoning
  double resident_mib = 0;  // of the process, with the database's caches
  Times find;               // the index alone, without asking for room
  Times match;              // MatchServices, through authorisation and validation
  Times search;             // SearchServices, in the same way
};

// `folder`: empty; the database is left there. `seconds`: for each of the three.
Result<DirectoryCosts> MeasureDirectory(const std::string& folder, int services, double seconds);

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_DIRECTORY_BENCH_H_
