#include "services/common/outbox/outbox_store.h"

#include "fairlead/events/v1/events.pb.h"

namespace fairlead::outbox {
namespace {

using storage::ReadTransaction;
using storage::Row;
using storage::Transaction;
using Engine = storage::Transaction::Engine;

constexpr int kMaxNumberedAtOnce = 4'096;
// Any number that nothing else in a service's database locks: "outbox" in ASCII.
constexpr int64_t kNumberingLock = 0x6f7574626f78;

Result<std::vector<OutboxRow>> Numbered(ReadTransaction& tx, int64_t after, int limit) {
  FAIRLEAD_ASSIGN(std::vector<Row> rows,
                  tx.Query("SELECT sequence, envelope FROM outbox WHERE sequence > $1 "
                           "ORDER BY sequence LIMIT $2",
                           {after, limit}));
  std::vector<OutboxRow> found;
  found.reserve(rows.size());
  for (const Row& row : rows) found.push_back({row.Int(0), row.Bytes(1)});
  return found;
}

Result<int64_t> LastSequence(ReadTransaction& tx, Engine engine) {
  FAIRLEAD_ASSIGN(std::vector<Row> rows,
                  tx.Query(engine == Engine::kSqlite
                               ? "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"
                               : "SELECT last_sequence FROM outbox_counter WHERE id = 1"));
  return rows.empty() ? 0 : rows[0].Int(0);
}

}  // namespace

std::string CompleteEnvelope(const OutboxRow& row, const std::string& service) {
  events::v1::EventEnvelope rest;
  rest.set_source("fairlead/" + service);
  rest.set_sequence(row.sequence);
  std::string bytes = row.envelope;
  rest.AppendToString(&bytes);
  return bytes;
}

Result<OutboxState> OutboxStore::ReadState() {
  const Engine engine = database_.engine();
  const std::function<Result<OutboxState>(ReadTransaction&)> job =
      [engine](ReadTransaction& tx) -> Result<OutboxState> {
    OutboxState state;
    FAIRLEAD_ASSIGN(state.last, LastSequence(tx, engine));
    FAIRLEAD_ASSIGN(std::vector<Row> rows, tx.Query("SELECT min(sequence) FROM outbox"));
    state.oldest = rows[0].OptionalInt(0).value_or(state.last + 1);
    FAIRLEAD_ASSIGN(std::vector<Row> groups,
                    tx.Query("SELECT name, acknowledged FROM outbox_group LIMIT 1000"));
    for (const Row& row : groups) state.groups[row.Text(0)] = row.Int(1);
    return state;
  };
  return SyncWait(database_.Read<OutboxState>(job));
}

Result<std::vector<OutboxRow>> OutboxStore::Fetch(int64_t after, int limit) {
  const bool numbers = database_.engine() == Engine::kPostgres;
  auto unnumbered = std::make_shared<bool>(false);
  const std::function<Result<std::vector<OutboxRow>>(ReadTransaction&)> job =
      [=](ReadTransaction& tx) -> Result<std::vector<OutboxRow>> {
    if (numbers) {
      FAIRLEAD_ASSIGN(std::vector<Row> fresh,
                      tx.Query("SELECT position FROM outbox WHERE sequence IS NULL LIMIT 1"));
      *unnumbered = !fresh.empty();
      if (*unnumbered) return std::vector<OutboxRow>();
    }
    return Numbered(tx, after, limit);
  };
  Result<std::vector<OutboxRow>> rows = SyncWait(database_.Read<std::vector<OutboxRow>>(job));
  if (!rows || !*unnumbered) return rows;
  return NumberAndFetch(after, limit);
}

// Positions are given when a row is inserted and seen when it commits, so rows come into sight out
// of order; whatever is in sight is numbered after all that was numbered before. What one
// transaction could see of another stays in order: it took its position later, and is never seen
// before it.
Result<std::vector<OutboxRow>> OutboxStore::NumberAndFetch(int64_t after, int limit) {
  const std::function<Result<std::vector<OutboxRow>>(Transaction&)> job =
      [=](Transaction& tx) -> Result<std::vector<OutboxRow>> {
    // Under SERIALIZABLE the snapshot would be older than the lock, and reading the rows without
    // a number would conflict with every service transaction that adds one. The lock is all that
    // this needs: nothing else reads or writes numbers.
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"));
    FAIRLEAD_RETURN_IF_ERROR(tx.Query("SELECT 1 FROM pg_advisory_xact_lock($1)", {kNumberingLock}));
    FAIRLEAD_ASSIGN(
        const int64_t numbered,
        tx.Execute("UPDATE outbox SET sequence = fresh.number + "
                   "(SELECT last_sequence FROM outbox_counter WHERE id = 1) "
                   "FROM (SELECT position, row_number() OVER (ORDER BY position) AS number "
                   "FROM (SELECT position FROM outbox WHERE sequence IS NULL "
                   "ORDER BY position LIMIT $1) AS seen) AS fresh "
                   "WHERE outbox.position = fresh.position",
                   {kMaxNumberedAtOnce}));
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "UPDATE outbox_counter SET last_sequence = last_sequence + $1 WHERE id = 1", {numbered}));
    return Numbered(tx, after, limit);
  };
  return SyncWait(database_.Write<std::vector<OutboxRow>>(job));
}

Result<void> OutboxStore::SaveGroups(const std::map<std::string, int64_t>& groups, int64_t now_ms,
                                     int64_t forget_before_ms) {
  const std::function<Result<bool>(Transaction&)> job = [=](Transaction& tx) -> Result<bool> {
    for (const auto& [name, acknowledged] : groups) {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO outbox_group (name, acknowledged, seen_ms) VALUES ($1, $2, $3) "
                     "ON CONFLICT (name) DO UPDATE SET acknowledged = excluded.acknowledged, "
                     "seen_ms = excluded.seen_ms",
                     {name, acknowledged, now_ms}));
    }
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM outbox_group WHERE seen_ms < $1", {forget_before_ms}));
    return true;
  };
  Result<bool> saved = SyncWait(database_.Write<bool>(job));
  if (!saved) return Fail(std::move(saved.error()));
  return {};
}

Result<int64_t> OutboxStore::Trim(int64_t sequence, int64_t before_ms) {
  const std::function<Result<int64_t>(ReadTransaction&)> look =
      [=](ReadTransaction& tx) -> Result<int64_t> {
    FAIRLEAD_ASSIGN(std::vector<Row> rows,
                    tx.Query("SELECT sequence, time_ms FROM outbox WHERE sequence <= $1 "
                             "ORDER BY sequence LIMIT $2",
                             {sequence, kMaxTrimmedAtOnce}));
    // Only from the beginning on, so that what stays has no hole, whatever the clocks said.
    int64_t until = 0;
    for (const Row& row : rows) {
      if (row.Int(1) >= before_ms) break;
      until = row.Int(0);
    }
    return until;
  };
  FAIRLEAD_ASSIGN(const int64_t until, SyncWait(database_.Read<int64_t>(look)));
  if (until == 0) return 0;
  const std::function<Result<int64_t>(Transaction&)> job = [=](Transaction& tx) {
    return tx.Execute("DELETE FROM outbox WHERE sequence <= $1", {until});
  };
  return SyncWait(database_.Write<int64_t>(job));
}

}  // namespace fairlead::outbox
