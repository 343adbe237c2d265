#include "services/referral/store/routing_store.h"

#include "services/common/base/text.h"
#include "services/referral/store/rows.h"

namespace fairlead::referral {
namespace {

using storage::Row;

// One to a line: the agency, and why.
std::string Encode(const std::vector<NotToBeAsked>& entries) {
  std::string text;
  for (const NotToBeAsked& entry : entries) {
    if (!text.empty()) text += '\n';
    text += entry.agency_id;
    text += ' ';
    text += entry.reason_code;
  }
  return text;
}

std::vector<NotToBeAsked> Decode(const std::string& text) {
  std::vector<NotToBeAsked> entries;
  for (const std::string& line : Split(text, '\n')) {
    std::vector<std::string> parts = Split(line, ' ');
    parts.resize(2);
    entries.push_back({.agency_id = parts[0], .reason_code = parts[1]});
  }
  return entries;
}

// A referral that was sent or offered and is of the case still: until its packet is shredded.
Result<bool> IsCaseKnown(storage::ReadTransaction& tx, const std::string& agency_id,
                         const std::string& case_handle) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT 1 FROM referral WHERE case_handle = $1 AND case_handle <> '' "
                           "AND state BETWEEN 2 AND 8 AND sender_agency_id || '' = $2 LIMIT 1",
                           {case_handle, agency_id}));
  return !rows.empty();
}

}  // namespace

Result<DoNotRoute> FindDoNotRoute(storage::ReadTransaction& tx, const std::string& agency_id,
                                  const std::string& case_handle) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT entries, version FROM do_not_route WHERE agency_id = $1 AND "
                           "case_handle = $2",
                           {agency_id, case_handle}));
  DoNotRoute list{
      .agency_id = agency_id, .case_handle = case_handle, .entries = {}, .version = 0};
  if (rows.empty()) return list;
  list.entries = Decode(rows[0].Text(0));
  list.version = rows[0].Int(1);
  return list;
}

Result<void> PutDoNotRoute(storage::Transaction& tx, const DoNotRoute& list, int64_t now_ms) {
  return Done(tx.Execute(
      "INSERT INTO do_not_route (agency_id, case_handle, entries, version, touch_ms) VALUES ($1, "
      "$2, $3, $4, $5) ON CONFLICT (agency_id, case_handle) DO UPDATE SET entries = "
      "excluded.entries, version = excluded.version, touch_ms = excluded.touch_ms",
      {list.agency_id, list.case_handle, Encode(list.entries), list.version, now_ms}));
}

Result<std::vector<std::string>> LiveOfCase(storage::ReadTransaction& tx,
                                            const std::string& agency_id,
                                            const std::string& case_handle,
                                            const std::string& after_id) {
  // No plain column of the sender's: SQLite would walk through all that it ever sent
  // (plan_test.cc).
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT id FROM referral WHERE case_handle = $1 AND state BETWEEN 2 AND "
                           "4 AND sender_agency_id || '' = $2 AND id > $3 ORDER BY id LIMIT 200",
                           {case_handle, agency_id, after_id}));
  std::vector<std::string> ids;
  for (const Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

Result<std::vector<Suggestion>> FindSuggestions(storage::ReadTransaction& tx,
                                                const std::string& referral_id) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT agency_id, suggest_ms FROM suggestion WHERE referral_id = $1 "
                           "ORDER BY suggest_ms DESC, agency_id",
                           {referral_id}));
  std::vector<Suggestion> suggestions;
  for (const Row& row : rows) {
    suggestions.push_back(
        {.referral_id = referral_id, .agency_id = row.Text(0), .suggest_ms = row.Int(1)});
  }
  return suggestions;
}

Result<void> PutSuggestion(storage::Transaction& tx, const Suggestion& suggestion) {
  return Done(
      tx.Execute("INSERT INTO suggestion (referral_id, agency_id, suggest_ms) VALUES ($1, $2, $3)",
                 {suggestion.referral_id, suggestion.agency_id, suggestion.suggest_ms}));
}

Result<void> LetGoOfCase(storage::Transaction& tx, const Referral& referral) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM suggestion WHERE referral_id = $1", {referral.id}));
  return Done(
      tx.Execute("UPDATE do_not_route SET touch_ms = $3 WHERE agency_id = $1 AND "
                 "case_handle = $2 AND touch_ms < $3",
                 {referral.sender_agency_id, referral.case_handle, referral.update_ms}));
}

Result<int64_t> DropOldLists(storage::Transaction& tx, int64_t before_ms, int64_t now_ms,
                             int limit) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT agency_id, case_handle FROM do_not_route WHERE touch_ms <= $1 "
                           "ORDER BY touch_ms LIMIT $2",
                           {before_ms, limit}));
  for (const Row& row : rows) {
    FAIRLEAD_ASSIGN(const bool is_known, IsCaseKnown(tx, row.Text(0), row.Text(1)));
    if (!is_known) {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("DELETE FROM do_not_route WHERE agency_id = $1 AND case_handle = $2",
                     {row.Text(0), row.Text(1)}));
    } else {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("UPDATE do_not_route SET touch_ms = $3 WHERE agency_id = $1 AND "
                     "case_handle = $2",
                     {row.Text(0), row.Text(1), now_ms}));
    }
  }
  return static_cast<int64_t>(rows.size());
}

}  // namespace fairlead::referral
