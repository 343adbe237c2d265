#include "services/directory/store/export_store.h"

namespace fairlead::directory {

Result<std::optional<ExportRun>> FindExportRun(storage::ReadTransaction& tx, std::string_view id) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT id, staff_id, agency_id, as_tables, begin_ms FROM export_run "
                           "WHERE id = $1",
                           {id}));
  if (rows.empty()) return std::optional<ExportRun>();
  const storage::Row& row = rows.front();
  return std::optional<ExportRun>(ExportRun{.id = row.Text(0),
                                            .staff_id = row.Text(1),
                                            .agency_id = row.Text(2),
                                            .as_tables = row.Bool(3),
                                            .begin_ms = row.Int(4)});
}

Result<std::vector<int64_t>> ExportsBegunAfter(storage::ReadTransaction& tx,
                                               const std::string& staff_id, int64_t after_ms,
                                               int limit) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT begin_ms FROM export_run WHERE staff_id = $1 AND begin_ms > $2 "
                           "ORDER BY begin_ms LIMIT $3",
                           {staff_id, after_ms, limit}));
  std::vector<int64_t> times;
  for (const storage::Row& row : rows) times.push_back(row.Int(0));
  return times;
}

Result<void> AddExportRun(storage::Transaction& tx, const ExportRun& run, int64_t forget_ms) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM export_run WHERE begin_ms <= $1", {forget_ms}));
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO export_run (id, staff_id, agency_id, as_tables, begin_ms) VALUES "
                 "($1, $2, $3, $4, $5)",
                 {run.id, run.staff_id, run.agency_id, run.as_tables, run.begin_ms}));
  return {};
}

}  // namespace fairlead::directory
