#include "services/referral/store/follow_up_store.h"

#include <limits>
#include <string_view>
#include <utility>

#include "services/referral/store/rows.h"

namespace fairlead::referral {
namespace {

using storage::Row;

constexpr std::string_view kColumns =
    "f.referral_id, f.point, f.agency_id, f.due_ms, f.told, f.outcome_code, f.record_ms";

FollowUp ToFollowUp(const Row& row) {
  return {.referral_id = row.Text(0),
          .point = static_cast<FollowUpPoint>(row.Int(1)),
          .agency_id = row.Text(2),
          .due_ms = row.Int(3),
          .told = row.Bool(4),
          .outcome_code = row.Text(5),
          .record_ms = row.Int(6)};
}

Result<std::vector<FollowUp>> ToFollowUps(Result<std::vector<Row>> rows) {
  if (!rows) return Fail(std::move(rows.error()));
  std::vector<FollowUp> all;
  all.reserve(rows->size());
  for (const Row& row : *rows) all.push_back(ToFollowUp(row));
  return all;
}

}  // namespace

Result<void> PutFollowUpsOwed(storage::Transaction& tx, const std::string& referral_id,
                              const std::string& agency_id, int64_t start_ms) {
  for (const FollowUpPoint point : kFollowUpPoints) {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO follow_up (referral_id, point, agency_id, due_ms, told, outcome_code, "
        "record_ms) VALUES ($1, $2, $3, $4, 0, '', 0)",
        {referral_id, static_cast<int64_t>(point), agency_id, FollowUpDueMs(point, start_ms)}));
  }
  return {};
}

Result<std::vector<FollowUp>> FollowUpsOf(storage::ReadTransaction& tx,
                                          const std::string& referral_id) {
  static const std::string kSql = "SELECT " + std::string(kColumns) +
                                  " FROM follow_up f WHERE f.referral_id = $1 ORDER BY f.point";
  return ToFollowUps(tx.Query(kSql, {referral_id}));
}

Result<std::vector<FollowUp>> FindFollowUps(storage::ReadTransaction& tx,
                                            const FollowUpQuery& query) {
  static const std::string kSelect = "SELECT " + std::string(kColumns) +
                                     ", r.sender_agency_id, r.need_code FROM follow_up f JOIN "
                                     "referral r ON r.id = f.referral_id WHERE f.agency_id = $1 ";
  static const std::string kOwed =
      kSelect +
      "AND f.record_ms = 0 AND (f.due_ms, f.referral_id, f.point) > ($2, $3, $4) "
      "AND f.due_ms <= $6 ORDER BY f.due_ms, f.referral_id, f.point LIMIT $5";
  static const std::string kDone =
      kSelect +
      "AND f.record_ms > 0 AND (f.record_ms, f.referral_id, f.point) < ($2, $3, $4) "
      "ORDER BY f.record_ms DESC, f.referral_id DESC, f.point DESC LIMIT $5";
  constexpr int64_t kEver = std::numeric_limits<int64_t>::max();
  // What is due and what comes later are two parts of one order, before and after now.
  FollowUpPlace begin;
  if (query.box == FollowUpBox::kLater) begin = {query.now_ms, kAfterEveryId};
  if (query.box == FollowUpBox::kDone) begin = {kEver, kAfterEveryId};
  const FollowUpPlace& after = query.after ? *query.after : begin;
  std::vector<storage::Value> params = {query.agency_id, after.ms, after.referral_id,
                                        static_cast<int64_t>(after.point), query.limit};
  const bool done = query.box == FollowUpBox::kDone;
  if (!done) params.emplace_back(query.box == FollowUpBox::kDue ? query.now_ms : kEver);
  Result<std::vector<Row>> rows = tx.Query(done ? kDone : kOwed, storage::Params(params));
  if (!rows) return Fail(std::move(rows.error()));
  std::vector<FollowUp> all;
  for (const Row& row : *rows) {
    FollowUp follow_up = ToFollowUp(row);
    follow_up.sender_agency_id = row.Text(7);
    follow_up.need_code = row.Text(8);
    all.push_back(std::move(follow_up));
  }
  return all;
}

Result<void> UpdateFollowUp(storage::Transaction& tx, const FollowUp& follow_up) {
  return Done(tx.Execute(
      "UPDATE follow_up SET told = $3, outcome_code = $4, record_ms = $5 WHERE referral_id = $1 "
      "AND point = $2",
      {follow_up.referral_id, static_cast<int64_t>(follow_up.point), follow_up.told ? 1 : 0,
       follow_up.outcome_code, follow_up.record_ms}));
}

Result<void> EndFollowUpsOf(storage::Transaction& tx, const std::string& referral_id) {
  return Done(
      tx.Execute("DELETE FROM follow_up WHERE referral_id = $1 AND record_ms = 0", {referral_id}));
}

Result<void> EndFollowUpsOwedBy(storage::Transaction& tx, const std::string& agency_id) {
  return Done(
      tx.Execute("DELETE FROM follow_up WHERE agency_id = $1 AND record_ms = 0", {agency_id}));
}

Result<bool> IsFollowUpDue(storage::ReadTransaction& tx, int64_t now_ms) {
  FAIRLEAD_ASSIGN(
      const std::vector<Row> rows,
      tx.Query("SELECT 1 FROM follow_up WHERE told = 0 AND due_ms <= $1 LIMIT 1", {now_ms}));
  return !rows.empty();
}

Result<std::vector<FollowUp>> FollowUpsToTell(storage::ReadTransaction& tx, int64_t now_ms,
                                              int limit) {
  static const std::string kSql = "SELECT " + std::string(kColumns) +
                                  " FROM follow_up f WHERE f.told = 0 AND f.due_ms <= $1 "
                                  "ORDER BY f.due_ms, f.referral_id, f.point LIMIT $2";
  return ToFollowUps(tx.Query(kSql, {now_ms, limit}));
}

}  // namespace fairlead::referral
