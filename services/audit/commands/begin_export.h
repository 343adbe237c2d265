// An export of the trail: three a day for one person, and each is itself in the trail.
#ifndef SERVICES_AUDIT_COMMANDS_BEGIN_EXPORT_H_
#define SERVICES_AUDIT_COMMANDS_BEGIN_EXPORT_H_

#include <cstdint>
#include <string>

#include "services/audit/store/audit_store.h"
#include "services/common/audit/audit.h"
#include "services/common/base/ids.h"
#include "services/common/storage/database.h"

namespace fairlead::audit {

inline constexpr int64_t kExportWindowMs = 24LL * 3600 * 1000;

struct ExportRequest {
  std::string request_id;  // the same for all pages of one export
  bool first_page = true;
  int exports_per_day = 3;
  Filter filter;
  std::string query;  // base64url SHA-256 of what is asked: the filter, and by whom
};

// Counts the export in when its first page is asked for; a repeat of that page is free. Errors:
// FAILED_PRECONDITION REQUEST_ID_REUSED (that export asked for something else) and EXPORT_NOT_BEGUN
// (a later page, and no export of that request in the last 24 h), RESOURCE_EXHAUSTED
// EXPORT_QUOTA_USED (metadata retry_after_s).
Result<void> BeginExport(storage::Transaction& tx, AuditStore& store, IdGenerator& ids,
                         int64_t now_ms, const By& by, const ExportRequest& request);

// What a reading of the trail leaves in it: whose, and what it asked about.
Record AboutFilter(Action action, const By& by, const Filter& filter);

}  // namespace fairlead::audit

#endif  // SERVICES_AUDIT_COMMANDS_BEGIN_EXPORT_H_
