// When listings were verified, and of which their agencies are to be reminded. Every function runs
// inside the caller's transaction; the statements serve SQLite and PostgreSQL alike.
#ifndef SERVICES_DIRECTORY_STORE_VERIFICATION_STORE_H_
#define SERVICES_DIRECTORY_STORE_VERIFICATION_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::directory {

struct ListingVerification {
  std::string service_id;
  std::string service_name;
  std::string agency_id;
  int64_t assured_ms = 0;  // 0: never
  std::string assurer_agency_id = {};
  std::string assurer_role = {};  // agency_admin, coordinator
};

// Keeps it; the listing bears `change_number`, so that the index hears of it, and its HSDS record
// counts as modified now: it shows when it was assured.
Result<void> PutVerification(storage::Transaction& tx, const ListingVerification& verification,
                             int64_t remind_ms, int64_t change_number);

// Those that are offered and were last verified at `until_ms` or before, in order of
// (assured_ms, service_id) after that of `after`.
struct AssurancePosition {
  int64_t assured_ms = -1;
  std::string service_id = {};
};
Result<std::vector<ListingVerification>> ListingsVerifiedBefore(storage::ReadTransaction& tx,
                                                                const std::string& agency_id,
                                                                int64_t until_ms,
                                                                const AssurancePosition& after,
                                                                int limit);

// Of offered listings, those whose reminder is due at `now_ms`, the longest first.
Result<std::vector<ListingVerification>> ListingsToRemind(storage::ReadTransaction& tx,
                                                          int64_t now_ms, int limit);
// `remind_ms` 0: no more.
Result<void> PutReminder(storage::Transaction& tx, const std::string& service_id,
                         int64_t remind_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_VERIFICATION_STORE_H_
