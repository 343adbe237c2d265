// Of call_store.h: bed calls.
#include <string_view>

#include "services/common/base/text.h"
#include "services/common/storage/answers.h"
#include "services/messaging/store/call_store.h"

namespace fairlead::messaging {
namespace {

using storage::Done;
using storage::Row;
using storage::Value;

constexpr std::string_view kCallColumns =
    "id, channel_id, agency_id, need_code, urgency, age_band, household_band, household_codes, "
    "languages, county, accessibility_codes, state, create_ms, until_ms, end_ms, expire_ms, "
    "taken_agency_id, referral_id, version";
constexpr char kAfterEveryCall[] = "g";  // larger than every id

BedCall ToCall(const Row& row) {
  return {.id = row.Text(0),
          .channel_id = row.Text(1),
          .agency_id = row.Text(2),
          .need = {.need_code = row.Text(3),
                   .urgency = static_cast<Urgency>(row.Int(4)),
                   .age_band = row.Text(5),
                   .household_band = row.Text(6),
                   .household_codes = Split(row.Text(7), ' '),
                   .languages = Split(row.Text(8), ' '),
                   .county = row.Text(9),
                   .accessibility_codes = Split(row.Text(10), ' ')},
          .state = static_cast<CallState>(row.Int(11)),
          .create_ms = row.Int(12),
          .until_ms = row.Int(13),
          .end_ms = row.Int(14),
          .expire_ms = row.Int(15),
          .taken_agency_id = row.Text(16),
          .referral_id = row.Text(17),
          .version = row.Int(18)};
}

Result<std::vector<CallAnswer>> AnswersTo(storage::ReadTransaction& tx, const std::string& id) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT agency_id, answer, unit, units, service_id, answer_ms FROM "
                           "bed_answer WHERE bed_call_id = $1 ORDER BY answer, answer_ms, "
                           "agency_id",
                           {id}));
  std::vector<CallAnswer> answers;
  for (const Row& row : rows) {
    answers.push_back({.agency_id = row.Text(0),
                       .answer = static_cast<BedAnswer>(row.Int(1)),
                       .unit = row.Text(2),
                       .units = row.Int(3),
                       .service_id = row.Text(4),
                       .answer_ms = row.Int(5)});
  }
  return answers;
}

Result<std::vector<std::string>> TextsOf(const Result<std::vector<Row>>& rows) {
  if (!rows) return Fail(rows.error());
  std::vector<std::string> texts;
  for (const Row& row : *rows) texts.push_back(row.Text(0));
  return texts;
}

}  // namespace

Result<std::optional<BedCall>> FindBedCall(storage::ReadTransaction& tx, const std::string& id) {
  static const std::string kSql =
      "SELECT " + std::string(kCallColumns) + " FROM bed_call WHERE id = $1";
  FAIRLEAD_ASSIGN(std::optional<BedCall> call,
                  storage::First<BedCall>(tx.Query(kSql, {id}), ToCall));
  // In any case: the time must not tell a call that is somebody else's from none.
  FAIRLEAD_ASSIGN(std::vector<CallAnswer> answers, AnswersTo(tx, id));
  if (call) call->answers = std::move(answers);
  return call;
}

Result<std::vector<BedCall>> ListBedCalls(storage::ReadTransaction& tx, const CallQuery& query) {
  const std::string before = query.before_id.empty() ? kAfterEveryCall : query.before_id;
  // One that is over and whose clock has not run yet counts as over.
  std::vector<Value> values = {before, query.open_only, query.now_ms, query.agency_id};
  std::string sql = "SELECT " + std::string(kCallColumns) +
                    " FROM bed_call WHERE id < $1 AND ($2 = 0 OR (state = 1 AND until_ms > $3)) "
                    "AND ($4 = '' OR agency_id = $4) AND channel_id IN (";
  for (const std::string& id : query.channel_ids) {
    values.emplace_back(id);
    sql += (values.size() == 5 ? "$" : ", $") + std::to_string(values.size());
  }
  values.emplace_back(query.limit);
  sql += ") ORDER BY id DESC LIMIT $" + std::to_string(values.size());
  FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx.Query(sql, storage::Params(values)));
  std::vector<BedCall> calls;
  for (const Row& row : rows) {
    calls.push_back(ToCall(row));
    FAIRLEAD_ASSIGN(calls.back().answers, AnswersTo(tx, calls.back().id));
  }
  return calls;
}

Result<void> InsertBedCall(storage::Transaction& tx, const BedCall& c) {
  static const std::string kSql =
      "INSERT INTO bed_call (" + std::string(kCallColumns) +
      ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
      "$19)";
  return Done(tx.Execute(
      kSql, {c.id, c.channel_id, c.agency_id, c.need.need_code,
             static_cast<int64_t>(c.need.urgency), c.need.age_band, c.need.household_band,
             Join(c.need.household_codes, ' '), Join(c.need.languages, ' '), c.need.county,
             Join(c.need.accessibility_codes, ' '), static_cast<int64_t>(c.state), c.create_ms,
             c.until_ms, c.end_ms, c.expire_ms, c.taken_agency_id, c.referral_id, c.version}));
}

Result<void> UpdateBedCall(storage::Transaction& tx, BedCall& c) {
  c.version += 1;
  return Done(
      tx.Execute("UPDATE bed_call SET state = $2, end_ms = $3, taken_agency_id = $4, "
                 "referral_id = $5, version = $6 WHERE id = $1",
                 {c.id, static_cast<int64_t>(c.state), c.end_ms, c.taken_agency_id, c.referral_id,
                  c.version}));
}

Result<void> PutCallAnswer(storage::Transaction& tx, const std::string& call_id,
                           const CallAnswer& a) {
  return Done(tx.Execute(
      "INSERT INTO bed_answer (bed_call_id, agency_id, answer, unit, units, service_id, answer_ms) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (bed_call_id, agency_id) DO UPDATE SET "
      "answer = excluded.answer, unit = excluded.unit, units = excluded.units, service_id = "
      "excluded.service_id, answer_ms = excluded.answer_ms",
      {call_id, a.agency_id, static_cast<int64_t>(a.answer), a.unit, a.units, a.service_id,
       a.answer_ms}));
}

Result<int64_t> CountOpenCalls(storage::ReadTransaction& tx, const std::string& agency_id,
                               int64_t now_ms, int limit) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT id FROM bed_call WHERE agency_id = $1 AND state = 1 AND "
                           "until_ms > $2 LIMIT $3",
                           {agency_id, now_ms, limit}));
  return static_cast<int64_t>(rows.size());
}

Result<std::vector<std::string>> LapsedCalls(storage::ReadTransaction& tx, int64_t now_ms,
                                             int limit) {
  return TextsOf(tx.Query(
      "SELECT id FROM bed_call WHERE state = 1 AND until_ms <= $1 ORDER BY until_ms LIMIT $2",
      {now_ms, limit}));
}

Result<int64_t> DropExpired(storage::Transaction& tx, int64_t now_ms, int limit) {
  int64_t dropped = 0;
  struct Kind {
    const char* of;
    const char* parts;
    const char* whole;
  };
  constexpr Kind kKinds[] = {
      {"SELECT id FROM bed_call WHERE expire_ms <= $1 ORDER BY expire_ms LIMIT $2",
       "DELETE FROM bed_answer WHERE bed_call_id = $1", "DELETE FROM bed_call WHERE id = $1"},
      {"SELECT id FROM alert WHERE expire_ms <= $1 ORDER BY expire_ms LIMIT $2",
       "DELETE FROM alert_agency WHERE alert_id = $1", "DELETE FROM alert WHERE id = $1"}};
  for (const Kind& kind : kKinds) {
    FAIRLEAD_ASSIGN(const std::vector<std::string> ids,
                    TextsOf(tx.Query(kind.of, {now_ms, limit})));
    for (const std::string& id : ids) {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute(kind.parts, {id}));
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute(kind.whole, {id}));
    }
    dropped += static_cast<int64_t>(ids.size());
  }
  return dropped;
}

Result<bool> IsAnythingDue(storage::ReadTransaction& tx, int64_t now_ms) {
  FAIRLEAD_ASSIGN(const std::vector<std::string> lapsed, LapsedCalls(tx, now_ms, 1));
  if (!lapsed.empty()) return true;
  FAIRLEAD_ASSIGN(const std::vector<AlertAgency> due, DueAlerts(tx, now_ms, 1));
  return !due.empty();
}

}  // namespace fairlead::messaging
