#include "services/audit/commands/begin_export.h"

#include "services/common/base/clock.h"

namespace fairlead::audit {

Record AboutFilter(Action action, const By& by, const Filter& filter) {
  Record record{.action = action, .by = by};
  record.subject_staff_id = filter.staff_id;
  record.subject_agency_id = filter.agency_id;
  record.case_handle = filter.case_handle;
  record.referral_id = filter.referral_id;
  record.release_id = filter.release_id;
  return record;
}

Result<void> BeginExport(storage::Transaction& tx, AuditStore& store, IdGenerator& ids,
                         int64_t now_ms, const By& by, const ExportRequest& request) {
  FAIRLEAD_ASSIGN(const std::optional<ExportRun> begun,
                  store.FindExport(by.staff_id, request.request_id));
  if (begun && begun->query != request.query) {
    return Fail(Code::kFailedPrecondition, "REQUEST_ID_REUSED",
                "This request_id began an export of something else: use a new one.");
  }
  if (begun && now_ms - begun->time_ms < kExportWindowMs) return {};
  if (begun || !request.first_page) {
    return Fail(Code::kFailedPrecondition, "EXPORT_NOT_BEGUN",
                "There is no such export under way: begin a new one.");
  }
  FAIRLEAD_ASSIGN(
      const std::vector<int64_t> recent,
      store.ExportsSince(by.staff_id, now_ms - kExportWindowMs, request.exports_per_day));
  if (static_cast<int>(recent.size()) >= request.exports_per_day) {
    const int64_t wait_ms = recent.front() + kExportWindowMs - now_ms;
    return Fail(Code::kResourceExhausted, "EXPORT_QUOTA_USED",
                "All exports of these 24 hours have been made.",
                {{"retry_after_s", std::to_string(WholeSeconds(wait_ms))}});
  }
  FAIRLEAD_RETURN_IF_ERROR(store.AddExport(
      by.staff_id, request.request_id, {.time_ms = now_ms, .query = request.query}));
  return Append(tx, ids, now_ms, AboutFilter(Action::kAuditExported, by, request.filter));
}

}  // namespace fairlead::audit
