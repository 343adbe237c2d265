// Of call_store.h: alerts.
#include <string_view>

#include "services/common/storage/answers.h"
#include "services/messaging/store/call_store.h"

namespace fairlead::messaging {
namespace {

using storage::Done;
using storage::Row;

constexpr std::string_view kAlertColumns =
    "id, channel_id, agency_id, staff_id, title, text, urgency, create_ms, remind_ms, admin_ms, "
    "coordinator_ms, expire_ms, agency_count, acknowledged_count";
constexpr char kAfterEveryAlert[] = "g";  // larger than every id

Alert ToAlert(const Row& row) {
  return {.id = row.Text(0),
          .channel_id = row.Text(1),
          .agency_id = row.Text(2),
          .staff_id = row.Text(3),
          .title = row.Text(4),
          .text = row.Text(5),
          .urgency = static_cast<Urgency>(row.Int(6)),
          .create_ms = row.Int(7),
          .ladder = {row.Int(8), row.Int(9), row.Int(10)},
          .expire_ms = row.Int(11),
          .agency_count = row.Int(12),
          .acknowledged_count = row.Int(13)};
}

AlertAgency ToAlertAgency(const Row& row) {
  return {.alert_id = row.Text(0),
          .agency_id = row.Text(1),
          .step = static_cast<AlertStep>(row.Int(2)),
          .due_ms = row.Int(3),
          .acknowledge_ms = row.Int(4)};
}

Result<std::vector<AlertAgency>> ToAlertAgencies(const Result<std::vector<Row>>& rows) {
  if (!rows) return Fail(rows.error());
  std::vector<AlertAgency> agencies;
  for (const Row& row : *rows) agencies.push_back(ToAlertAgency(row));
  return agencies;
}

}  // namespace

Result<std::optional<Alert>> FindAlert(storage::ReadTransaction& tx, const std::string& id,
                                       int64_t now_ms) {
  static const std::string kSql =
      "SELECT " + std::string(kAlertColumns) + " FROM alert WHERE id = $1 AND expire_ms > $2";
  return storage::First<Alert>(tx.Query(kSql, {id, now_ms}), ToAlert);
}

Result<std::vector<Alert>> ListAlerts(storage::ReadTransaction& tx, const AlertQuery& query) {
  static const std::string kWaiting =
      "SELECT " + std::string(kAlertColumns) +
      " FROM alert WHERE id < $2 AND expire_ms > $3 AND id IN (SELECT alert_id FROM alert_agency "
      "WHERE agency_id = $1 AND step < 5) ORDER BY id DESC LIMIT $4";
  static const std::string kAll =
      "SELECT " + std::string(kAlertColumns) +
      " FROM alert WHERE id < $2 AND expire_ms > $3 AND (agency_id = $1 OR id IN (SELECT alert_id "
      "FROM alert_agency WHERE agency_id = $1)) ORDER BY id DESC LIMIT $4";
  const std::string before = query.before_id.empty() ? kAfterEveryAlert : query.before_id;
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query(query.waiting_only ? kWaiting : kAll,
                           {query.agency_id, before, query.now_ms, query.limit}));
  std::vector<Alert> alerts;
  for (const Row& row : rows) alerts.push_back(ToAlert(row));
  return alerts;
}

Result<void> InsertAlert(storage::Transaction& tx, const Alert& a,
                         const std::vector<std::string>& agency_ids) {
  static const std::string kSql =
      "INSERT INTO alert (" + std::string(kAlertColumns) +
      ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute(kSql, {a.id, a.channel_id, a.agency_id, a.staff_id, a.title, a.text,
                        static_cast<int64_t>(a.urgency), a.create_ms, a.ladder.remind_ms,
                        a.ladder.admin_ms, a.ladder.coordinator_ms, a.expire_ms,
                        static_cast<int64_t>(agency_ids.size()), a.acknowledged_count}));
  for (const std::string& agency_id : agency_ids) {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO alert_agency (alert_id, agency_id, step, due_ms, acknowledge_ms, "
                   "staff_id) VALUES ($1, $2, 1, $3, 0, '')",
                   {a.id, agency_id, a.ladder.remind_ms}));
  }
  return {};
}

Result<std::optional<AlertAgency>> FindAlertAgency(storage::ReadTransaction& tx,
                                                   const std::string& alert_id,
                                                   const std::string& agency_id) {
  return storage::First<AlertAgency>(
      tx.Query("SELECT alert_id, agency_id, step, due_ms, acknowledge_ms FROM alert_agency WHERE "
               "alert_id = $1 AND agency_id = $2",
               {alert_id, agency_id}),
      ToAlertAgency);
}

Result<std::vector<AlertAgency>> ListAlertAgencies(storage::ReadTransaction& tx,
                                                   const std::string& alert_id,
                                                   const std::string& after_id, int limit) {
  return ToAlertAgencies(
      tx.Query("SELECT alert_id, agency_id, step, due_ms, acknowledge_ms FROM alert_agency WHERE "
               "alert_id = $1 AND agency_id > $2 ORDER BY agency_id LIMIT $3",
               {alert_id, after_id, limit}));
}

Result<void> UpdateAlertAgency(storage::Transaction& tx, const AlertAgency& a) {
  return Done(tx.Execute(
      "UPDATE alert_agency SET step = $3, due_ms = $4, acknowledge_ms = $5 "
      "WHERE alert_id = $1 AND agency_id = $2",
      {a.alert_id, a.agency_id, static_cast<int64_t>(a.step), a.due_ms, a.acknowledge_ms}));
}

Result<void> PutAcknowledged(storage::Transaction& tx, const AlertAgency& agency,
                             const std::string& staff_id) {
  FAIRLEAD_RETURN_IF_ERROR(UpdateAlertAgency(tx, agency));
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE alert_agency SET staff_id = $3 WHERE alert_id = $1 AND agency_id = $2",
                 {agency.alert_id, agency.agency_id, staff_id}));
  return Done(
      tx.Execute("UPDATE alert SET acknowledged_count = acknowledged_count + 1 WHERE id = $1",
                 {agency.alert_id}));
}

Result<std::vector<AlertAgency>> DueAlerts(storage::ReadTransaction& tx, int64_t now_ms,
                                           int limit) {
  return ToAlertAgencies(
      tx.Query("SELECT alert_id, agency_id, step, due_ms, acknowledge_ms FROM alert_agency WHERE "
               "step BETWEEN 1 AND 3 AND due_ms <= $1 ORDER BY due_ms, alert_id LIMIT $2",
               {now_ms, limit}));
}

}  // namespace fairlead::messaging
