// Imports that come in parts. Every function runs inside the caller's transaction; the statements
// serve SQLite and PostgreSQL alike.
#ifndef SERVICES_DIRECTORY_STORE_STAGED_IMPORT_STORE_H_
#define SERVICES_DIRECTORY_STORE_STAGED_IMPORT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/staged_import.h"

namespace fairlead::directory {

Result<std::optional<StagedImport>> FindStagedImport(storage::ReadTransaction& tx,
                                                     std::string_view id);
// Those that are not over, the oldest first: a handful.
Result<std::vector<StagedImport>> OpenStagedImports(storage::ReadTransaction& tx);
// In place of the one before.
Result<void> PutStagedImport(storage::Transaction& tx, const StagedImport& import);
// With what it has: its parts and changes are swept up later.
Result<void> DeleteStagedImport(storage::Transaction& tx, const std::string& id);

// UNAVAILABLE IMPORT_UNDER_WAY (metadata retry_after_s) while one is being written, or checked to
// be: what it was checked against must not change.
Result<void> CheckNoneUnderWay(storage::ReadTransaction& tx, int64_t now_ms);

Result<std::vector<int>> PartNumbers(storage::ReadTransaction& tx, const std::string& import_id);
Result<std::optional<std::string>> FindPart(storage::ReadTransaction& tx,
                                            const std::string& import_id, int number);
Result<void> InsertPart(storage::Transaction& tx, const std::string& import_id, int number,
                        const std::string& sealed);

struct StoredChanges {
  int number = 0;
  std::string changes;  // JSON
};
Result<void> InsertChanges(storage::Transaction& tx, const std::string& import_id,
                           const StoredChanges& changes);
// The next; nullopt: there are no more.
Result<std::optional<StoredChanges>> NextChanges(storage::ReadTransaction& tx,
                                                 const std::string& import_id);
Result<void> DeleteChanges(storage::Transaction& tx, const std::string& import_id, int number);
// Of a check that was broken off: some; how many.
Result<int64_t> DeleteSomeChanges(storage::Transaction& tx, const std::string& import_id);

// Throws away some of what nobody needs: imports whose time is over, parts of those that are over
// or gone, changes of those that will not be made. How many rows; 0: there is no more.
Result<int64_t> SweepStagedImports(storage::Transaction& tx, int64_t now_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_STAGED_IMPORT_STORE_H_
