// How much agencies were asked for on the last days (domain/load.h). Every function runs inside the
// caller's transaction; the statements serve SQLite and PostgreSQL alike.
#ifndef SERVICES_DIRECTORY_STORE_LOAD_STORE_H_
#define SERVICES_DIRECTORY_STORE_LOAD_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/load.h"

namespace fairlead::directory {

struct AgencyPoints {
  std::string agency_id;
  int64_t points = 0;
};

// The last day that has been put; 0: none.
Result<int64_t> LastLoadDay(storage::ReadTransaction& tx);
// All of that day, which then is the last; days that count no more are deleted. A day at or before
// the last is there already, and changes nothing.
Result<void> PutLoads(storage::Transaction& tx, int64_t day,
                      const std::vector<AgencyPoints>& points);
// Of the kLoadDays that end with `last_day`.
Result<AgencyLoads> ReadLoads(storage::ReadTransaction& tx, int64_t last_day);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_LOAD_STORE_H_
