// An export of the directory: three in 24 hours for one person, each in the audit trail.
#ifndef SERVICES_DIRECTORY_COMMANDS_BEGIN_EXPORT_H_
#define SERVICES_DIRECTORY_COMMANDS_BEGIN_EXPORT_H_

#include <cstdint>
#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"
#include "services/directory/store/export_store.h"

namespace fairlead::directory {

inline constexpr int kExportsInWindow = 3;
inline constexpr int64_t kExportWindowMs = 24LL * 60 * 60 * 1000;
inline constexpr int64_t kExportOpenMs = 60LL * 60 * 1000;  // its parts can be asked for

struct BegunExport {
  ExportRun run;
  int exports_left = 0;
};

// `record_count`: how many records it will have. Errors: FAILED_PRECONDITION NOTHING_TO_EXPORT;
// RESOURCE_EXHAUSTED EXPORT_LIMIT_REACHED (metadata retry_after_s, next_time).
Result<BegunExport> BeginExport(const Deps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const std::string& agency_id,
                                bool as_tables, int64_t record_count);

// That the caller has begun this export, of the same, within the last hour. Error:
// FAILED_PRECONDITION EXPORT_NOT_BEGUN (another one's is as none).
Result<void> CheckExport(storage::ReadTransaction& tx, const rpc::CallContext& context,
                         const ExportRun& asked, int64_t now_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_BEGIN_EXPORT_H_
