#include "services/common/storage/postgres/postgres_database.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "services/common/base/clock.h"
#include "services/common/storage/bounded_queue.h"
#include "services/common/storage/gate.h"
#include "services/common/storage/guard_job.h"
#include "services/common/storage/migrate.h"
#include "services/common/storage/postgres/connection.h"

namespace fairlead::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Millis = std::chrono::milliseconds;

constexpr char kWriteSession[] =
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE; "
    "SET synchronous_commit = on; SET client_encoding = 'UTF8'; SET search_path = public; "
    "SET client_min_messages = error; SET lock_timeout = '5s'; SET statement_timeout = '30s'";
constexpr char kReadSession[] =
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
    "SET client_encoding = 'UTF8'; SET search_path = public; "
    "SET client_min_messages = error; SET statement_timeout = '30s'";
// Any number that no one else uses: "fairlead" in ASCII.
constexpr int64_t kMigrationLock = 0x666169726c656164;
// A job waits this long in all for a server that has gone away.
constexpr Millis kGiveUpAfter(10'000);
constexpr Millis kFirstPause(20);
constexpr Millis kLongestPause(500);
// Conflicts: so many tries beside the others, then so many alone (other processes may still be
// in the way).
constexpr int kSharedTries = 4;
constexpr int kMaxTries = 12;

class PostgresTransaction final : public Transaction {
 public:
  PostgresTransaction(PostgresConnection& connection, const std::vector<std::string>& schemas)
      : connection_(connection), schemas_(schemas) {}
  Result<std::vector<Row>> Query(std::string_view sql, Params params) override {
    if (failed_) return Fail(*failed_);
    queried_ = true;
    return Keep(connection_.Query(sql, params));
  }
  Result<int64_t> Execute(std::string_view sql, Params params) override {
    if (failed_) return Fail(*failed_);
    Result<int64_t> changed = Keep(connection_.Execute(sql, params));
    wrote_ |= changed.has_value() && *changed > 0;
    return changed;
  }
  void ScrubAfterCommit(std::string_view schema) override {
    for (const std::string& known : schemas_)
      if (known == schema) {
        scrub_ = true;
        return;
      }
    if (!failed_)
      failed_ =
          Error{Code::kInternal, "STORAGE_ERROR", "no attached schema " + std::string(schema), {}};
  }
  Engine engine() const override { return Engine::kPostgres; }

  const std::optional<Error>& failed() const { return failed_; }
  bool scrub() const { return scrub_; }
  bool wrote() const { return wrote_ || queried_; }

 private:
  template <class T>
  Result<T> Keep(Result<T> result) {
    if (!result) failed_ = result.error();
    return result;
  }
  PostgresConnection& connection_;
  const std::vector<std::string>& schemas_;
  std::optional<Error> failed_;
  bool scrub_ = false;
  bool wrote_ = false;
  bool queried_ = false;  // a query may be INSERT … RETURNING
};

class PostgresReadTransaction final : public ReadTransaction {
 public:
  explicit PostgresReadTransaction(PostgresConnection& connection) : connection_(connection) {}
  Result<std::vector<Row>> Query(std::string_view sql, Params params) override {
    if (failed_) return Fail(*failed_);
    Result<std::vector<Row>> rows = connection_.Query(sql, params);
    if (!rows) failed_ = rows.error();
    return rows;
  }
  const std::optional<Error>& failed() const { return failed_; }

 private:
  PostgresConnection& connection_;
  std::optional<Error> failed_;
};

struct WriteItem {
  Database::Job job;
  Database::Done done;
};
struct ReadItem {
  Database::ReadJob job;
  Database::Done done;
};

// One try of a transaction.
struct Attempt {
  enum class Next { kDone, kTryAgain, kReconnect };
  Next next = Next::kDone;
  Result<void> result;
  bool wrote = false;
  bool scrub = false;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::string conninfo, const DatabaseOptions& options)
      : conninfo_(std::move(conninfo)),
        options_(options),
        writes_(static_cast<size_t>(options.max_queued_jobs)),
        reads_(static_cast<size_t>(options.max_queued_jobs)) {}
  ~PostgresDatabase() override { Close(); }

  Result<void> Start(const std::vector<Migrations>& sets);
  void Write(Job job, Done done) override {
    Submit(writes_, WriteItem{std::move(job), std::move(done)});
  }
  void Read(ReadJob job, Done done) override {
    Submit(reads_, ReadItem{std::move(job), std::move(done)});
  }
  void OnCommit(std::function<void()> listener) override {
    listeners_.push_back(std::move(listener));
  }
  Result<void> CopyTo(const std::string&) override {
    return Fail(Code::kUnimplemented, "NO_COPY",
                "PostgreSQL is backed up with its own tools: see docs/operations.md.");
  }
  void Close() override;
  Transaction::Engine engine() const override { return Transaction::Engine::kPostgres; }

 private:
  template <class Item>
  void Submit(BoundedQueue<Item>& queue, Item item);
  template <class Try>
  Result<void> Persist(PostgresConnection& connection, const Try& attempt);
  void WriterLoop();
  void ReaderLoop();
  Attempt TryWrite(PostgresConnection& connection, const Job& job);
  Attempt TryRead(PostgresConnection& connection, const ReadJob& job);
  Attempt Failed(PostgresConnection& connection, Error error);
  Result<void> Migrate(PostgresConnection& connection, const std::vector<Migrations>& sets);
  Result<void> MigrateLocked(PostgresConnection& connection, const std::vector<Migrations>& sets);
  Result<void> Scrub(PostgresConnection& connection);
  Result<void> VacuumAll(PostgresConnection& connection);

  std::string conninfo_;
  DatabaseOptions options_;
  Gate gate_;  // a transaction shares it; one that keeps failing, and VACUUM, have it alone
  std::vector<std::function<void()>> listeners_;
  BoundedQueue<WriteItem> writes_;
  BoundedQueue<ReadItem> reads_;
  std::vector<std::thread> threads_;
  std::atomic<uint64_t> scrubs_asked_ = 0;
  std::mutex scrub_mutex_;
  uint64_t scrubs_done_ = 0;
};

template <class Item>
void PostgresDatabase::Submit(BoundedQueue<Item>& queue, Item item) {
  switch (queue.TryPush(item)) {
    case BoundedQueue<Item>::Push::kQueued:
      return;
    case BoundedQueue<Item>::Push::kFull:
      item.done(Fail(Code::kResourceExhausted, "STORAGE_BUSY", "too much is queued"));
      return;
    case BoundedQueue<Item>::Push::kClosed:
      item.done(Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "the database is closed"));
      return;
  }
}

Result<void> PostgresDatabase::Start(const std::vector<Migrations>& sets) {
  PostgresConnection connection(conninfo_, kWriteSession);
  const auto deadline = SteadyClock::now() + kGiveUpAfter;
  Result<void> connected = connection.Connect();
  while (!connected && SteadyClock::now() < deadline) {  // the server may be starting as well
    std::this_thread::sleep_for(kLongestPause);
    connected = connection.Connect();
  }
  FAIRLEAD_RETURN_IF_ERROR(std::move(connected));
  FAIRLEAD_RETURN_IF_ERROR(Migrate(connection, sets));
  for (int i = 0; i < options_.postgres_connections; ++i)
    threads_.emplace_back([this] { WriterLoop(); });
  for (int i = 0; i < options_.reader_threads; ++i) threads_.emplace_back([this] { ReaderLoop(); });
  return {};
}

Result<void> PostgresDatabase::Migrate(PostgresConnection& connection,
                                       const std::vector<Migrations>& sets) {
  // Several processes may start at once. The lock goes with the connection.
  FAIRLEAD_RETURN_IF_ERROR(connection.RunScript(
      "SET lock_timeout = 0; SET statement_timeout = 0; SELECT pg_advisory_lock(" +
      std::to_string(kMigrationLock) + ")"));
  Result<void> migrated = MigrateLocked(connection, sets);
  connection.Disconnect();
  return migrated;
}

Result<void> PostgresDatabase::MigrateLocked(PostgresConnection& connection,
                                             const std::vector<Migrations>& sets) {
  FAIRLEAD_RETURN_IF_ERROR(connection.RunScript(std::string(kCreateMigrationsTable)));
  for (const std::string& schema : options_.attached)
    FAIRLEAD_RETURN_IF_ERROR(connection.RunScript("CREATE SCHEMA IF NOT EXISTS " + schema));
  FAIRLEAD_ASSIGN(const std::vector<Row> rows, connection.Query(kSelectMigrations, Params()));
  std::vector<AppliedMigration> applied;
  for (const Row& row : rows)
    applied.push_back(AppliedMigration{row.Text(0), row.Int(1), row.Text(2)});
  FAIRLEAD_ASSIGN(const std::vector<PendingMigration> plan,
                  PlanMigrations(sets, Transaction::Engine::kPostgres, applied));
  for (const PendingMigration& pending : plan) {
    Result<void> done = connection.RunScript("BEGIN");
    if (done) done = connection.RunScript(std::string(pending.migration->sql));
    if (done && !connection.InTransaction())
      done = Fail(Code::kInternal, "STORAGE_ERROR", "a migration must not end its transaction");
    if (done) {
      const std::vector<Value> values = {pending.service, pending.migration->number,
                                         pending.migration->name, SystemClock().NowMs()};
      const Result<int64_t> inserted = connection.Execute(kInsertMigration, values);
      if (!inserted) done = Fail(inserted.error());
    }
    if (done) done = connection.RunScript("COMMIT");
    if (!done) {
      (void)connection.RunScript("ROLLBACK");
      return MigrationFailed(pending, done.error());
    }
  }
  return {};
}

// After an error that ended a transaction: what to do next, and a connection fit for it.
Attempt PostgresDatabase::Failed(PostgresConnection& connection, Error error) {
  Attempt attempt;
  if (connection.LastErrorWasConnection() || !connection.Connected()) {
    attempt.next = Attempt::Next::kReconnect;
  } else if (connection.LastErrorWasConflict()) {
    attempt.next = Attempt::Next::kTryAgain;
  }
  attempt.result = Fail(std::move(error));
  if (attempt.next == Attempt::Next::kReconnect ||
      (connection.InTransaction() && !connection.RunScript("ROLLBACK")))
    connection.Disconnect();
  return attempt;
}

Attempt PostgresDatabase::TryWrite(PostgresConnection& connection, const Job& job) {
  Result<int64_t> begun = connection.Execute("BEGIN");
  if (!begun) return Failed(connection, std::move(begun.error()));
  PostgresTransaction transaction(connection, options_.attached);
  Result<void> result = GuardJob(job, transaction);
  if (transaction.failed()) {
    // What the statement failed for decides whether to try again; else the job's own error stays.
    Attempt attempt = Failed(connection, result ? *transaction.failed() : result.error());
    return attempt;
  }
  Attempt attempt;
  if (!result) {
    attempt.result = std::move(result);
    if (!connection.Execute("ROLLBACK")) connection.Disconnect();
    return attempt;
  }
  const Result<int64_t> committed = connection.Execute("COMMIT");
  if (!committed) {
    attempt = Failed(connection, committed.error());
    if (attempt.next == Attempt::Next::kReconnect) {
      // It may or may not be on disk: to run it again could do it twice.
      attempt.next = Attempt::Next::kDone;
      attempt.result = Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE",
                            "the connection was lost during the commit");
    }
    return attempt;
  }
  attempt.wrote = transaction.wrote();
  attempt.scrub = transaction.scrub();
  return attempt;
}

Attempt PostgresDatabase::TryRead(PostgresConnection& connection, const ReadJob& job) {
  Result<int64_t> begun = connection.Execute("BEGIN");
  if (!begun) return Failed(connection, std::move(begun.error()));
  PostgresReadTransaction transaction(connection);
  Result<void> result = GuardJob(job, transaction);
  if (transaction.failed())
    return Failed(connection, result ? *transaction.failed() : result.error());
  Attempt attempt;
  attempt.result = std::move(result);
  if (!connection.Execute("ROLLBACK")) connection.Disconnect();
  return attempt;
}

// Calls attempt(alone) until it is done, reconnecting and retrying within bounds.
template <class Try>
Result<void> PostgresDatabase::Persist(PostgresConnection& connection, const Try& attempt) {
  const auto deadline = SteadyClock::now() + kGiveUpAfter;
  Millis pause = kFirstPause;
  for (int tries = 0;;) {
    Attempt outcome;
    if (Result<void> connected = connection.Connect(); !connected) {
      outcome.next = Attempt::Next::kReconnect;
      outcome.result = std::move(connected);
    } else if (tries < kSharedTries) {
      const Gate::Shared shared(gate_);
      outcome = attempt();
    } else {
      const Gate::Alone alone(gate_);
      outcome = attempt();
    }
    switch (outcome.next) {
      case Attempt::Next::kDone:
        return std::move(outcome.result);
      case Attempt::Next::kTryAgain:
        if (++tries >= kMaxTries) return std::move(outcome.result);
        break;
      case Attempt::Next::kReconnect:
        if (SteadyClock::now() >= deadline)
          return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "PostgreSQL is not reachable");
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, kLongestPause);
        break;
    }
  }
}

void PostgresDatabase::WriterLoop() {
  PostgresConnection connection(conninfo_, kWriteSession);
  (void)connection.Connect();  // so that the first job need not wait for it
  while (std::optional<WriteItem> item = writes_.Pop()) {
    Attempt last;
    const auto attempt = [&] {
      last = TryWrite(connection, item->job);
      return last;
    };
    Result<void> result = Persist(connection, attempt);
    if (result && last.scrub) result = Scrub(connection);
    if (last.wrote)
      for (const auto& listener : listeners_) listener();
    item->job = nullptr;
    item->done(std::move(result));
  }
}

void PostgresDatabase::ReaderLoop() {
  PostgresConnection connection(conninfo_, kReadSession);
  (void)connection.Connect();
  while (std::optional<ReadItem> item = reads_.Pop()) {
    const auto attempt = [&] { return TryRead(connection, item->job); };
    Result<void> result = Persist(connection, attempt);
    item->job = nullptr;
    item->done(std::move(result));
  }
}

// One VACUUM serves all who asked before it began.
Result<void> PostgresDatabase::Scrub(PostgresConnection& connection) {
  const uint64_t ticket = ++scrubs_asked_;
  const std::lock_guard lock(scrub_mutex_);
  if (scrubs_done_ >= ticket) return {};
  const uint64_t served = scrubs_asked_.load();
  // Alone: an open snapshot would keep the deleted rows alive.
  const Gate::Alone alone(gate_);
  FAIRLEAD_RETURN_IF_ERROR(VacuumAll(connection));
  scrubs_done_ = served;
  return {};
}

Result<void> PostgresDatabase::VacuumAll(PostgresConnection& connection) {
  FAIRLEAD_RETURN_IF_ERROR(connection.Connect());
  for (const std::string& schema : options_.attached) {
    const Value name(schema);
    FAIRLEAD_ASSIGN(const std::vector<Row> tables,
                    connection.Query("SELECT quote_ident(tablename) FROM pg_tables WHERE "
                                     "schemaname = $1",
                                     Params(&name, 1)));
    for (const Row& table : tables)
      FAIRLEAD_RETURN_IF_ERROR(connection.RunScript("VACUUM " + schema + "." + table.Text(0)));
  }
  return {};
}

void PostgresDatabase::Close() {
  writes_.Close();
  reads_.Close();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace

Result<std::unique_ptr<Database>> OpenPostgres(const std::string& conninfo,
                                               const DatabaseOptions& options,
                                               const std::vector<Migrations>& sets) {
  auto database = std::make_unique<PostgresDatabase>(conninfo, options);
  FAIRLEAD_RETURN_IF_ERROR(database->Start(sets));
  return database;
}

}  // namespace fairlead::storage
