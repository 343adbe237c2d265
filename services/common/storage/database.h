// One thin layer over SQLite and PostgreSQL: the same SQL text, the same promises.
//
//   auto job = [&](Transaction& tx) -> Result<int64_t> {
//     return tx.Execute("INSERT INTO offer (id, state) VALUES ($1, $2)", {id, "sent"});
//   };
//   Result<int64_t> rows = co_await database.Write<int64_t>(job);   // OK only when it is on disk
//
// Errors of this layer (code, reason):
//   ALREADY_EXISTS       UNIQUE_VIOLATION      metadata: {"constraint"} when the engine tells
//   FAILED_PRECONDITION  FOREIGN_KEY_VIOLATION, CHECK_VIOLATION
//   RESOURCE_EXHAUSTED   STORAGE_BUSY          the queue is full: nothing was done
//   UNAVAILABLE          STORAGE_UNAVAILABLE   the disk or the server failed: outcome not durable
//   ABORTED              STORAGE_CONFLICT      PostgreSQL: other processes kept getting in the way
//   INVALID_ARGUMENT     INVALID_TEXT          a text parameter is not UTF-8 or holds a NUL
//   INTERNAL             STORAGE_ERROR         a defect of ours (bad SQL and the like)
// No message and no metadata ever holds a value of a row or a parameter.
//
// The same in both engines: after a statement has failed, its transaction is lost (further
// statements give the same error, and so does the job whatever it returns), so to insert "unless
// there" write ON CONFLICT DO NOTHING and look at the count. The number of parameters must be that
// of the placeholders. Columns are BIGINT, TEXT or BYTEA in PostgreSQL, INTEGER, TEXT or BLOB in
// SQLite's STRICT tables; anything else is cast in the SQL. In SQLite make tables with rows of
// more than some 200 bytes ordinary ones, not WITHOUT ROWID (those would spill to extra pages).
#ifndef SERVICES_COMMON_STORAGE_DATABASE_H_
#define SERVICES_COMMON_STORAGE_DATABASE_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/base/task.h"

namespace fairlead::storage {

struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};

// What a column can hold: NULL, a 64-bit integer, text (UTF-8) or bytes. Times are integers in
// milliseconds since the Unix epoch (columns end in _ms), booleans the integers 0 and 1.
class Value {
 public:
  using Variant = std::variant<std::monostate, int64_t, std::string, Blob>;
  Value() = default;
  Value(std::nullptr_t) {}                                       // NOLINT
  Value(int value) : variant_(static_cast<int64_t>(value)) {}    // NOLINT
  Value(int64_t value) : variant_(value) {}                      // NOLINT
  Value(bool value) : variant_(static_cast<int64_t>(value)) {}   // NOLINT
  Value(const char* text) : variant_(std::string(text)) {}       // NOLINT
  Value(std::string_view text) : variant_(std::string(text)) {}  // NOLINT
  Value(std::string text) : variant_(std::move(text)) {}         // NOLINT
  Value(Blob blob) : variant_(std::move(blob)) {}                // NOLINT
  template <class T>
  Value(const std::optional<T>& value) {  // NOLINT
    if (value) *this = Value(*value);
  }
  const Variant& variant() const { return variant_; }
  bool operator==(const Value&) const = default;

 private:
  Variant variant_;
};

// One row of an answer. Columns count from 0. Asking a NULL for its value gives 0 or "".
class Row {
 public:
  explicit Row(std::vector<Value> columns) : columns_(std::move(columns)) {}
  size_t size() const { return columns_.size(); }
  bool IsNull(size_t column) const;
  int64_t Int(size_t column) const;
  bool Bool(size_t column) const { return Int(column) != 0; }
  const std::string& Text(size_t column) const;
  const std::string& Bytes(size_t column) const;
  std::optional<int64_t> OptionalInt(size_t column) const;
  std::optional<std::string> OptionalText(size_t column) const;

 private:
  std::vector<Value> columns_;
};

using Params = std::span<const Value>;

// Statements inside one transaction that only reads.
class ReadTransaction {
 public:
  virtual ~ReadTransaction() = default;
  // Parameters are $1, $2, … Rows come whole; write LIMIT in the SQL.
  virtual Result<std::vector<Row>> Query(std::string_view sql, Params params) = 0;
  Result<std::vector<Row>> Query(std::string_view sql, std::initializer_list<Value> params = {}) {
    return Query(sql, Params(params.begin(), params.size()));
  }
};

// Statements inside one transaction that also writes.
class Transaction : public ReadTransaction {
 public:
  using ReadTransaction::Query;
  // Rows changed.
  virtual Result<int64_t> Execute(std::string_view sql, Params params) = 0;
  Result<int64_t> Execute(std::string_view sql, std::initializer_list<Value> params = {}) {
    return Execute(sql, Params(params.begin(), params.size()));
  }
  // After this transaction has committed, and before its caller is told, leave no copy of deleted
  // rows of the attached database `schema` in the file or its journal (SQLite: truncating
  // checkpoint; secure_delete has already cleared the pages. PostgreSQL: VACUUM of its tables).
  virtual void ScrubAfterCommit(std::string_view schema) = 0;
  // Which engine this is, for the few statements that differ.
  enum class Engine { kSqlite, kPostgres };
  virtual Engine engine() const = 0;
};

// A database owned by one service. Thread-safe.
class Database {
 public:
  using Job = std::function<Result<void>(Transaction&)>;
  using ReadJob = std::function<Result<void>(ReadTransaction&)>;
  using Done = std::function<void(Result<void>)>;

  virtual ~Database() = default;

  // Runs `job` in a transaction, then calls `done`, with success only after a durable commit.
  // A job that returns an error changes nothing. A job may be run more than once (PostgreSQL's
  // serialisation failures): it must have no effect but through the Transaction and must reset
  // what it writes to. Neither jobs nor `done` may block on anything else. All jobs are
  // serialisable: the outcome is that of running them one after another.
  virtual void Write(Job job, Done done) = 0;
  // Runs `job` on a reader, against a committed snapshot that holds every acknowledged write.
  virtual void Read(ReadJob job, Done done) = 0;
  // `listener` is called after each commit that held a write; from any thread; must not block.
  // Set before the first Write. Several may be added.
  virtual void OnCommit(std::function<void()> listener) = 0;
  // A copy of the database as of one moment, as the new file `path` (mode 0600), without what the
  // attached schemas hold: that is in no copy. Blocks for as long as it takes; reads and writes go
  // on beside it. Errors: UNIMPLEMENTED NO_COPY (PostgreSQL: pg_dump makes one),
  // FAILED_PRECONDITION FILE_EXISTS, UNAVAILABLE STORAGE_UNAVAILABLE.
  virtual Result<void> CopyTo(const std::string& path) = 0;
  // Ends what is queued, then refuses with UNAVAILABLE. Blocks. Called once, before destruction.
  virtual void Close() = 0;
  virtual Transaction::Engine engine() const = 0;

  // The same with a value, to co_await. `job` is copied.
  template <class T>
  Task<Result<T>> Write(std::function<Result<T>(Transaction&)> job) {
    auto slot = std::make_shared<std::optional<T>>();
    Async<Result<void>> pending([this, slot, job = std::move(job)](Done done) {
      Write(
          [slot, job](Transaction& tx) -> Result<void> {
            slot->reset();
            Result<T> result = job(tx);
            if (!result) return Fail(std::move(result.error()));
            slot->emplace(std::move(*result));
            return {};
          },
          std::move(done));
    });
    Result<void> outcome = co_await pending;
    if (!outcome) co_return Fail(std::move(outcome.error()));
    co_return std::move(**slot);
  }
  template <class T>
  Task<Result<T>> Read(std::function<Result<T>(ReadTransaction&)> job) {
    auto slot = std::make_shared<std::optional<T>>();
    Async<Result<void>> pending([this, slot, job = std::move(job)](Done done) {
      Read(
          [slot, job](ReadTransaction& tx) -> Result<void> {
            slot->reset();
            Result<T> result = job(tx);
            if (!result) return Fail(std::move(result.error()));
            slot->emplace(std::move(*result));
            return {};
          },
          std::move(done));
    });
    Result<void> outcome = co_await pending;
    if (!outcome) co_return Fail(std::move(outcome.error()));
    co_return std::move(**slot);
  }
};

// One numbered migration file: services/<service>/migrations/{sqlite,postgres}/NNN_name.sql,
// compiled into the program.
struct Migration {
  int number = 0;  // 1, 2, 3, … without gaps
  std::string_view name;
  std::string_view sql;
};

// One set of migrations, for both engines: a service's own, or one that services share (the outbox,
// the inbox). The CMake function `fairlead_migrations(TARGET name)`, called in the folder that has
// `migrations/{sqlite,postgres}/`, generates "<that folder>/migrations.h" with
// `namespace fairlead::<name> { const storage::Migrations& Migrations(); }` and adds it to TARGET.
struct Migrations {
  std::string_view service;  // the set's name: its key in the table schema_migrations
  std::vector<Migration> sqlite;
  std::vector<Migration> postgres;
};

// Where a database is and its limits.
struct DatabaseOptions {
  // "sqlite:/path/file.db" or "postgres:host=… dbname=… user=…" (a libpq connection string).
  std::string url = {};
  // Attached databases with secure deletion, by schema name: SQLite keeps each in a file of its
  // own beside the main one (file-<schema>.db), PostgreSQL in a schema of its own. Tables are
  // written as schema.table in both. One transaction covers main and attached, crashes included;
  // for that, a statement that writes an attached schema may read only that schema and its
  // parameters (no other table, no random(), no datetime()): else STORAGE_ERROR.
  std::vector<std::string> attached = {};
  int max_queued_jobs = 4096;
  int reader_threads = 2;
  int postgres_connections = 8;
};

// Opens, takes the single-opener lock (SQLite: FAILED_PRECONDITION DATABASE_IN_USE), migrates
// (FAILED_PRECONDITION DATABASE_TOO_NEW when the database is of a newer program; INTERNAL
// MIGRATION_FAILED, and nothing of that migration kept, when its SQL fails or its numbers have a
// gap), starts the threads. The sets run in the order given, each numbered on its own:
//
//   auto database = OpenDatabase({.url = "sqlite:/srv/fairlead/referral.db"},
//                                {outbox::Migrations(), referral::Migrations()});
//
// A malformed url or schema name: INVALID_ARGUMENT INVALID_DATABASE_OPTIONS. SQLite, when the file
// of an attached schema is older than the main one, or another's: FAILED_PRECONDITION
// ATTACHED_DATABASE_MISMATCH (a missing one is made anew, empty: it is in no backup).
Result<std::unique_ptr<Database>> OpenDatabase(const DatabaseOptions& options,
                                               const std::vector<Migrations>& sets);

// Whether a file that Database::CopyTo made is whole: reads all of it. Error: INVALID_ARGUMENT
// DATABASE_DAMAGED.
Result<void> CheckCopy(const std::string& path);

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_DATABASE_H_
