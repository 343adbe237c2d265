#include "services/referral/store/assignment_store.h"

#include <algorithm>

#include "services/referral/store/rows.h"

namespace fairlead::referral {
namespace {

using storage::Row;

constexpr int kMostLines = 200;

}  // namespace

Result<Assignment> FindAssignment(storage::ReadTransaction& tx, const std::string& referral_id,
                                  const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT staff_id, assign_ms, version FROM assignment "
                           "WHERE agency_id = $1 AND referral_id = $2",
                           {agency_id, referral_id}));
  Assignment found{.referral_id = referral_id, .agency_id = agency_id, .staff_id = ""};
  if (rows.empty()) return found;
  found.staff_id = rows[0].Text(0);
  found.assign_ms = rows[0].Int(1);
  found.version = rows[0].Int(2);
  return found;
}

Result<void> PutAssignment(storage::Transaction& tx, const Assignment& a) {
  return Done(tx.Execute(
      "INSERT INTO assignment (agency_id, referral_id, staff_id, assign_ms, version) "
      "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (agency_id, referral_id) DO UPDATE SET "
      "staff_id = excluded.staff_id, assign_ms = excluded.assign_ms, version = excluded.version",
      {a.agency_id, a.referral_id, a.staff_id, a.assign_ms, a.version}));
}

std::string WhereAssigned(Assigned assigned, std::string_view id) {
  std::string sql;
  if (assigned == Assigned::kMine) {
    sql.append(" AND ").append(id);
    sql += " IN (SELECT a.referral_id FROM assignment a WHERE a.staff_id = $5 AND "
           "a.agency_id = $1)";
  } else if (assigned == Assigned::kNobody) {
    sql += " AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.agency_id = $1 AND ";
    sql.append("a.referral_id = ").append(id);
    sql += " AND a.staff_id <> '')";
  }
  return sql;
}

Result<std::vector<std::string>> AssignedTo(storage::Transaction& tx, const std::string& agency_id,
                                            const std::string& staff_id,
                                            const std::string& after_id) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT referral_id FROM assignment WHERE staff_id = $1 AND "
                           "agency_id = $2 AND referral_id > $3 ORDER BY referral_id LIMIT 200",
                           {staff_id, agency_id, after_id}));
  std::vector<std::string> ids;
  for (const Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

Result<void> AddAssignmentLine(storage::Transaction& tx, const TimelineEntry& e) {
  return Done(tx.Execute(
      "INSERT INTO assignment_line (agency_id, referral_id, id, time_ms, event, staff_id, "
      "to_staff_id, from_staff_id, reason_code, offer_id) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      {e.agency_id, e.referral_id, e.id, e.time_ms, e.event, e.staff_id, e.to_staff_id,
       e.from_staff_id, e.reason_code, e.offer_id}));
}

Result<std::vector<TimelineEntry>> AssignmentStory(storage::ReadTransaction& tx,
                                                   const std::string& referral_id,
                                                   const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT id, time_ms, event, staff_id, to_staff_id, from_staff_id, "
                           "reason_code, offer_id FROM assignment_line WHERE agency_id = $1 AND "
                           "referral_id = $2 ORDER BY id DESC LIMIT $3",
                           {agency_id, referral_id, kMostLines}));
  std::vector<TimelineEntry> lines;
  lines.reserve(rows.size());
  for (const Row& row : rows) {
    lines.push_back({.id = row.Text(0),
                     .referral_id = referral_id,
                     .time_ms = row.Int(1),
                     .event = row.Text(2),
                     .agency_id = agency_id,
                     .staff_id = row.Text(3),
                     .reason_code = row.Text(6),
                     .offer_id = row.Text(7),
                     .to_staff_id = row.Text(4),
                     .from_staff_id = row.Text(5)});
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

Result<void> DropAssignments(storage::Transaction& tx, const std::string& referral_id) {
  // By the agencies that there are: the tables are in their order.
  static const std::string kOfIt =
      " WHERE agency_id IN (SELECT sender_agency_id FROM referral WHERE id = $1 UNION SELECT "
      "recipient_agency_id FROM offer WHERE referral_id = $1) AND referral_id = $1 AND NOT EXISTS "
      "(SELECT 1 FROM follow_up WHERE referral_id = $1 AND record_ms = 0)";
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM assignment" + kOfIt, {referral_id}));
  return Done(tx.Execute("DELETE FROM assignment_line" + kOfIt, {referral_id}));
}

Result<void> PutLeaver(storage::Transaction& tx, const std::string& staff_id, int64_t now_ms) {
  return Done(
      tx.Execute("INSERT INTO leaver (staff_id, leave_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                 {staff_id, now_ms}));
}

Result<void> DropOldLeavers(storage::Transaction& tx, int64_t before_ms, int limit) {
  return Done(tx.Execute("DELETE FROM leaver WHERE staff_id IN (SELECT staff_id FROM leaver WHERE "
                         "leave_ms <= $1 ORDER BY leave_ms LIMIT $2)",
                         {before_ms, limit}));
}

Result<bool> HasLeft(storage::ReadTransaction& tx, const std::string& staff_id) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT 1 FROM leaver WHERE staff_id = $1", {staff_id}));
  return !rows.empty();
}

}  // namespace fairlead::referral
