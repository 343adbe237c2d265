// Holidays, and what is kept of a listing's hours beside what it imports. Runs inside the caller's
// transaction; the same on SQLite and PostgreSQL.
#ifndef SERVICES_DIRECTORY_STORE_HOURS_STORE_H_
#define SERVICES_DIRECTORY_STORE_HOURS_STORE_H_

#include <cstdint>
#include <string>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/holiday_sets.h"
#include "services/directory/domain/listing.h"

namespace fairlead::directory {

Result<HolidaySets> ReadHolidaySets(storage::ReadTransaction& tx);

// Inserts or replaces it; without dates it is deleted. Every listing that keeps holidays then bears
// the set's change_number (listing_changes.h).
Result<void> PutHolidaySet(storage::Transaction& tx, const HolidaySet& set);

// The special days and the holidays of `listing`, which then bears the number.
Result<void> PutOwnHours(storage::Transaction& tx, const Listing& listing, int64_t change_number);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_HOURS_STORE_H_
