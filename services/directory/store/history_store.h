// What has changed about services and organizations. Every function runs inside the caller's
// transaction; the statements serve SQLite and PostgreSQL alike.
#ifndef SERVICES_DIRECTORY_STORE_HISTORY_STORE_H_
#define SERVICES_DIRECTORY_STORE_HISTORY_STORE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "services/common/base/ids.h"
#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/field_history.h"

namespace fairlead::directory {

// Of which document, and whose it is.
struct HistoryOwner {
  std::string kind;  // services, organizations
  std::string id;
  std::string agency_id;
};

struct StoredChange {
  std::string id;      // UUID
  int64_t number = 0;  // in the order of the changes of a document
  int64_t time_ms = 0;
  std::string actor_agency_id;
  std::string actor_role;  // agency_admin, coordinator, integration
  FieldChange change;
};

// Those up to that tier, the newest first, below `before_number`.
Result<std::vector<StoredChange>> ListFieldChanges(
    storage::ReadTransaction& tx, const std::string& kind, const std::string& id, Tier viewer,
    int limit, int64_t before_number = std::numeric_limits<int64_t>::max());

// `change.id` and `change.number` are made here. Keeps the last kMaxHistoryOfRecord.
Result<void> AddFieldChanges(storage::Transaction& tx, IdGenerator& ids, const HistoryOwner& owner,
                             const std::vector<StoredChange>& changes);
Result<void> SetFieldChangeTier(storage::Transaction& tx, const std::string& change_id, Tier tier);
Result<void> ForgetFieldChange(storage::Transaction& tx, const std::string& change_id);

// Whether values that an agency has changed may tell of a place that nobody may know: it has
// declared one, or lists a service that is confidential (which need not name any place).
Result<bool> HasConfidential(storage::ReadTransaction& tx, const std::string& agency_id);

// Of all that an agency has changed there is left only which fields of a service or an organization
// itself, and when: no values, and nothing of what is inside it.
Result<void> HideFieldChanges(storage::Transaction& tx, const std::string& agency_id);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_HISTORY_STORE_H_
