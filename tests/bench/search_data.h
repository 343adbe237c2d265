// Listings to search in: services in the HSDS 3.1 tables, of which every need, county and language
// asked for by the bench finds some.
#ifndef TESTS_BENCH_SEARCH_DATA_H_
#define TESTS_BENCH_SEARCH_DATA_H_

#include <string>

#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/base/ids.h"

namespace fairlead::bench {

// An import of `count` services for one agency; `agency_number` chooses its county.
fairlead::directory::v1::ImportListingsRequest MadeUpListings(IdGenerator& ids,
                                                              const std::string& agency_id,
                                                              int agency_number, int count);

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_SEARCH_DATA_H_
