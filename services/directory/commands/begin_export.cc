#include "services/directory/commands/begin_export.h"

#include <optional>
#include <vector>

#include "services/common/audit/audit.h"
#include "services/common/base/clock.h"

namespace fairlead::directory {

Result<BegunExport> BeginExport(const Deps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const std::string& agency_id,
                                bool as_tables, int64_t record_count) {
  if (record_count == 0) {
    return Fail(Code::kFailedPrecondition, "NOTHING_TO_EXPORT", "There is nothing to export.");
  }
  const int64_t now_ms = deps.clock.NowMs();
  const std::string& staff_id = context.actor.staff_id;
  const int64_t window_begin_ms = now_ms - kExportWindowMs;
  FAIRLEAD_ASSIGN(const std::vector<int64_t> recent,
                  ExportsBegunAfter(tx, staff_id, window_begin_ms, kExportsInWindow));
  const int begun = static_cast<int>(recent.size());
  if (begun >= kExportsInWindow) {
    const int64_t next_ms = recent.front() + kExportWindowMs;
    return Fail(Code::kResourceExhausted, "EXPORT_LIMIT_REACHED",
                "All exports of these 24 hours have been made.",
                {{"retry_after_s", std::to_string(WholeSeconds(next_ms - now_ms))},
                 {"next_time", FormatTime(next_ms)}});
  }
  BegunExport result{.run = {.id = deps.ids.New(),
                             .staff_id = staff_id,
                             .agency_id = agency_id,
                             .as_tables = as_tables,
                             .begin_ms = now_ms},
                     .exports_left = kExportsInWindow - begun - 1};
  FAIRLEAD_RETURN_IF_ERROR(AddExportRun(tx, result.run, window_begin_ms));
  audit::Record record{.action = as_tables ? audit::Action::kListingsExportedCsv
                                           : audit::Action::kListingsExportedJson,
                       .by = audit::ByCaller(context)};
  record.subject_agency_id = agency_id;
  record.record_id = result.run.id;
  record.count = record_count;
  FAIRLEAD_RETURN_IF_ERROR(audit::Append(tx, deps.ids, now_ms, record));
  return result;
}

Result<void> CheckExport(storage::ReadTransaction& tx, const rpc::CallContext& context,
                         const ExportRun& asked, int64_t now_ms) {
  FAIRLEAD_ASSIGN(const std::optional<ExportRun> run, FindExportRun(tx, asked.id));
  const bool same = run && run->staff_id == context.actor.staff_id &&
                    run->agency_id == asked.agency_id && run->as_tables == asked.as_tables;
  if (same && now_ms - run->begin_ms < kExportOpenMs) return {};
  return Fail(Code::kFailedPrecondition, "EXPORT_NOT_BEGUN",
              "There is no such export under way: begin one (ExportService.BeginExport).",
              {{"field", "export_id"}});
}

}  // namespace fairlead::directory
