#include "services/common/events/inbox.h"

#include "services/common/events/migrations.h"

namespace fairlead::events {
namespace {

using storage::Blob;
using storage::Row;
using storage::Transaction;
using v1::EventEnvelope;

constexpr int64_t kMaxDeadLetters = 10'000;

Result<int64_t> Position(storage::ReadTransaction& tx, const std::string& consumer,
                         const std::string& stream) {
  FAIRLEAD_ASSIGN(std::vector<Row> rows,
                  tx.Query("SELECT sequence FROM inbox WHERE consumer = $1 AND stream = $2",
                           {consumer, stream}));
  return rows.empty() ? 0 : rows[0].Int(0);
}

// Failures of the event after the position.
Result<int64_t> Attempts(storage::ReadTransaction& tx, const std::string& consumer,
                         const std::string& stream) {
  FAIRLEAD_ASSIGN(std::vector<Row> rows,
                  tx.Query("SELECT attempts FROM inbox WHERE consumer = $1 AND stream = $2",
                           {consumer, stream}));
  return rows.empty() ? 0 : rows[0].Int(0);
}

Result<void> MoveTo(Transaction& tx, const std::string& consumer, const std::string& stream,
                    int64_t sequence) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO inbox (consumer, stream, sequence, attempts) VALUES ($1, $2, $3, 0) "
                 "ON CONFLICT (consumer, stream) DO UPDATE SET sequence = excluded.sequence, "
                 "attempts = 0",
                 {consumer, stream, sequence}));
  return {};
}

Result<EventEnvelope> Parse(const Entry& entry) {
  EventEnvelope event;
  if (!event.ParseFromString(entry.envelope) || event.sequence() != entry.sequence) {
    return Fail(Code::kDataLoss, "EVENT_MALFORMED", "an entry that is not an event");
  }
  return event;
}

}  // namespace

const storage::Migrations& InboxMigrations() { return Migrations(); }

Result<Inbox::State> Inbox::Load() {
  const std::function<Result<State>(storage::ReadTransaction&)> job =
      [this](storage::ReadTransaction& tx) -> Result<State> {
    State state;
    FAIRLEAD_ASSIGN(
        std::vector<Row> rows,
        tx.Query("SELECT sequence, attempts FROM inbox WHERE consumer = $1 AND stream = $2",
                 {consumer_, stream_}));
    if (!rows.empty()) {
      state.sequence = rows[0].Int(0);
      state.attempts = rows[0].Int(1);
    }
    FAIRLEAD_ASSIGN(std::vector<Row> dead,
                    tx.Query("SELECT count(*) FROM dead_letter WHERE consumer = $1 AND stream = $2",
                             {consumer_, stream_}));
    state.dead_letters = dead[0].Int(0);
    return state;
  };
  return SyncWait(database_.Read<State>(job));
}

Inbox::Outcome Inbox::ApplyAll(std::span<const Entry> entries) {
  // Shared because a job is copied; it may run again, but not after this call has returned.
  auto handler_failed = std::make_shared<std::atomic<bool>>(false);
  const std::function<Result<int64_t>(Transaction&)> job =
      [this, entries, handler_failed](Transaction& tx) -> Result<int64_t> {
    handler_failed->store(false);
    FAIRLEAD_ASSIGN(int64_t position, Position(tx, consumer_, stream_));
    const int64_t before = position;
    for (const Entry& entry : entries) {
      if (entry.sequence <= position) continue;
      if (entry.sequence != position + 1) {
        return Fail(Code::kAborted, "EVENT_GAP", "the inbox is not where it was");
      }
      Result<EventEnvelope> event = Parse(entry);
      Result<void> applied = event ? apply_(tx, *event) : Fail(std::move(event.error()));
      if (!applied) {
        handler_failed->store(true);
        return Fail(std::move(applied.error()));
      }
      position = entry.sequence;
    }
    if (position != before) FAIRLEAD_RETURN_IF_ERROR(MoveTo(tx, consumer_, stream_, position));
    return position;
  };
  Result<int64_t> position = SyncWait(database_.Write<int64_t>(job));
  return {std::move(position), handler_failed->load()};
}

Result<int64_t> Inbox::CountAttempt(int64_t position) {
  const std::function<Result<int64_t>(Transaction&)> job =
      [this, position](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO inbox (consumer, stream, sequence, attempts) VALUES ($1, $2, $3, 1) "
        "ON CONFLICT (consumer, stream) DO UPDATE SET attempts = inbox.attempts + 1",
        {consumer_, stream_, position}));
    return Attempts(tx, consumer_, stream_);
  };
  return SyncWait(database_.Write<int64_t>(job));
}

Result<void> Inbox::DeadLetter(const Entry& entry, const std::string& reason, int64_t now_ms) {
  const std::function<Result<int64_t>(Transaction&)> job =
      [this, entry, reason, now_ms](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_ASSIGN(const int64_t position, Position(tx, consumer_, stream_));
    if (position >= entry.sequence) return position;
    FAIRLEAD_ASSIGN(const int64_t deliveries, Attempts(tx, consumer_, stream_));
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO dead_letter (consumer, stream, sequence, reason, envelope, created_ms, "
        "deliveries) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        {consumer_, stream_, entry.sequence, reason, Blob{entry.envelope}, now_ms, deliveries}));
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM dead_letter WHERE consumer = $1 AND stream = $2 AND sequence IN "
                   "(SELECT sequence FROM dead_letter WHERE consumer = $1 AND stream = $2 "
                   "ORDER BY sequence DESC LIMIT 100 OFFSET $3)",
                   {consumer_, stream_, kMaxDeadLetters}));
    FAIRLEAD_RETURN_IF_ERROR(MoveTo(tx, consumer_, stream_, entry.sequence));
    return entry.sequence;
  };
  Result<int64_t> moved = SyncWait(database_.Write<int64_t>(job));
  if (!moved) return Fail(std::move(moved.error()));
  return {};
}

Result<void> Inbox::StartAfter(int64_t sequence) {
  const std::function<Result<int64_t>(Transaction&)> job =
      [this, sequence](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(MoveTo(tx, consumer_, stream_, sequence));
    return sequence;
  };
  Result<int64_t> moved = SyncWait(database_.Write<int64_t>(job));
  if (!moved) return Fail(std::move(moved.error()));
  return {};
}

}  // namespace fairlead::events
