// Exports that were begun. Every function runs inside the caller's transaction; the statements
// serve SQLite and PostgreSQL alike.
#ifndef SERVICES_DIRECTORY_STORE_EXPORT_STORE_H_
#define SERVICES_DIRECTORY_STORE_EXPORT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::directory {

struct ExportRun {
  std::string id;  // UUID
  std::string staff_id;
  std::string agency_id;  // whose listings; empty: all
  bool as_tables = false;
  int64_t begin_ms = 0;
};

Result<std::optional<ExportRun>> FindExportRun(storage::ReadTransaction& tx, std::string_view id);
// When the person began those later than `after_ms`, the oldest first; at most `limit`.
Result<std::vector<int64_t>> ExportsBegunAfter(storage::ReadTransaction& tx,
                                               const std::string& staff_id, int64_t after_ms,
                                               int limit);
// Forgets everybody's exports of `forget_ms` and before.
Result<void> AddExportRun(storage::Transaction& tx, const ExportRun& run, int64_t forget_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_EXPORT_STORE_H_
