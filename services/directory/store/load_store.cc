#include "services/directory/store/load_store.h"

#include <map>
#include <utility>

namespace fairlead::directory {

Result<int64_t> LastLoadDay(storage::ReadTransaction& tx) {
  FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT last_day FROM load_day WHERE only_row = 1"));
  return rows.at(0).Int(0);
}

Result<void> PutLoads(storage::Transaction& tx, int64_t day,
                      const std::vector<AgencyPoints>& points) {
  FAIRLEAD_ASSIGN(
      const int64_t moved,
      tx.Execute("UPDATE load_day SET last_day = $1 WHERE only_row = 1 AND last_day < $1", {day}));
  if (moved == 0) return {};
  for (const AgencyPoints& one : points) {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO agency_load (day, agency_id, points) VALUES ($1, $2, $3) "
                   "ON CONFLICT (day, agency_id) DO NOTHING",
                   {day, one.agency_id, one.points}));
  }
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM agency_load WHERE day <= $1", {day - kLoadDays}));
  return {};
}

Result<AgencyLoads> ReadLoads(storage::ReadTransaction& tx, int64_t last_day) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT agency_id, CAST(SUM(points) AS BIGINT) FROM agency_load "
                           "WHERE day > $1 AND day <= $2 GROUP BY agency_id",
                           {last_day - kLoadDays, last_day}));
  std::map<IdNumber, int> levels;
  for (const storage::Row& row : rows) {
    if (const int level = LoadLevelOf(row.Int(1)); level > 0) {
      levels[ToIdNumber(row.Text(0))] = level;
    }
  }
  return AgencyLoads(std::move(levels));
}

}  // namespace fairlead::directory
