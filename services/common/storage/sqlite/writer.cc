#include "services/common/storage/sqlite/writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "services/common/base/clock.h"
#include "services/common/storage/guard_job.h"
#include "services/common/storage/migrate.h"

namespace fairlead::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Pages of 4 KiB in the journal at which it is copied into the database file. Nothing is committed
// meanwhile: about 15 ms for 1,000 pages and in proportion for more, so that few at a time cost no
// more in all and keep nobody waiting long.
constexpr int64_t kCheckpointPages = 1'000;
// When the queue is never empty, at this many all the same.
constexpr int64_t kBusyCheckpointPages = 2 * kCheckpointPages;

class SqliteTransaction final : public Transaction {
 public:
  SqliteTransaction(SqliteConnection& connection, AttachedBooks& books)
      : connection_(connection), books_(books) {}

  Result<std::vector<Row>> Query(std::string_view sql, Params params) override {
    if (failed_) return Fail(*failed_);
    return Keep(connection_.Query(sql, params));
  }
  Result<int64_t> Execute(std::string_view sql, Params params) override {
    if (failed_) return Fail(*failed_);
    return Keep(connection_.Execute(sql, params));
  }
  void ScrubAfterCommit(std::string_view schema) override {
    if (books_.RequestScrub(schema)) {
      wants_scrub_ = true;
    } else if (!failed_) {
      failed_ =
          Error{Code::kInternal, "STORAGE_ERROR", "no attached schema " + std::string(schema), {}};
    }
  }
  Engine engine() const override { return Engine::kSqlite; }

  const std::optional<Error>& failed() const { return failed_; }
  bool wants_scrub() const { return wants_scrub_; }

 private:
  template <class T>
  Result<T> Keep(Result<T> result) {
    if (!result) failed_ = result.error();
    return result;
  }
  SqliteConnection& connection_;
  AttachedBooks& books_;
  std::optional<Error> failed_;
  bool wants_scrub_ = false;
};

}  // namespace

Result<std::unique_ptr<SqliteWriter>> SqliteWriter::Open(const SqliteConnection::Settings& settings,
                                                         const std::vector<Migrations>& sets,
                                                         Gate& reader_gate) {
  std::unique_ptr<SqliteWriter> writer(new SqliteWriter(settings, reader_gate));
  FAIRLEAD_RETURN_IF_ERROR(writer->Start(sets));
  return writer;
}

Result<void> SqliteWriter::Start(const std::vector<Migrations>& sets) {
  FAIRLEAD_ASSIGN(connection_, SqliteConnection::Open(settings_));
  books_ = std::make_unique<AttachedBooks>(*connection_, settings_);
  FAIRLEAD_RETURN_IF_ERROR(books_->Open(sets));
  FAIRLEAD_RETURN_IF_ERROR(Migrate(sets));
  return books_->Scrub();  // there are no readers yet
}

Result<void> SqliteWriter::Migrate(const std::vector<Migrations>& sets) {
  FAIRLEAD_RETURN_IF_ERROR(connection_->RunScript(kCreateMigrationsTable));
  FAIRLEAD_ASSIGN(const std::vector<Row> rows, connection_->Query(kSelectMigrations, Params()));
  std::vector<AppliedMigration> applied;
  for (const Row& row : rows)
    applied.push_back(AppliedMigration{row.Text(0), row.Int(1), row.Text(2)});
  FAIRLEAD_ASSIGN(const std::vector<PendingMigration> plan,
                  PlanMigrations(sets, Transaction::Engine::kSqlite, applied));
  for (const PendingMigration& pending : plan) {
    const Result<void> done = ApplyMigration(pending.service, *pending.migration);
    if (!done) {
      Rollback();
      return MigrationFailed(pending, done.error());
    }
  }
  return {};
}

Result<void> SqliteWriter::ApplyMigration(std::string_view service, const Migration& migration) {
  FAIRLEAD_RETURN_IF_ERROR(Begin());
  FAIRLEAD_RETURN_IF_ERROR(connection_->RunScript(migration.sql));
  if (!connection_->InTransaction())
    return Fail(Code::kInternal, "STORAGE_ERROR", "a migration must not end its transaction");
  if (connection_->HasDeferredViolations())
    return Fail(Code::kInternal, "STORAGE_ERROR", "it breaks a foreign key");
  const std::vector<Value> values = {service, migration.number, migration.name,
                                     SystemClock().NowMs()};
  FAIRLEAD_RETURN_IF_ERROR(connection_->Execute(kInsertMigration, values));
  return Commit();
}

Result<void> SqliteWriter::Begin() {
  if (repair_needed_) {
    FAIRLEAD_RETURN_IF_ERROR(books_->Repair());
    repair_needed_ = false;
  }
  FAIRLEAD_RETURN_IF_ERROR(books_->SyncWhereDue(false));
  FAIRLEAD_RETURN_IF_ERROR(connection_->Execute("BEGIN IMMEDIATE"));
  return {};
}

Result<void> SqliteWriter::Commit() {
  const bool touches_attached = books_->TouchesAttached();
  if (touches_attached) FAIRLEAD_RETURN_IF_ERROR(books_->BeforeCommit());
  const Result<int64_t> committed = connection_->Execute("COMMIT");
  if (!committed) {
    // The main file may have been committed and an attached one not.
    repair_needed_ |= touches_attached;
    return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE",
                "the commit failed: " + ToString(committed.error()));
  }
  books_->AfterCommit();
  return {};
}

void SqliteWriter::Rollback() {
  if (connection_->InTransaction()) (void)connection_->Execute("ROLLBACK");
  books_->AfterRollback();
}

Result<void> SqliteWriter::RunJob(const Database::Job& job, bool& wants_scrub) {
  SqliteTransaction transaction(*connection_, *books_);
  Result<void> result = GuardJob(job, transaction);
  wants_scrub = transaction.wants_scrub();
  // As in PostgreSQL, a failed statement ends the transaction even if the job goes on.
  if (result && transaction.failed()) result = Fail(*transaction.failed());
  if (result && connection_->HasDeferredViolations())
    result = Fail(Code::kFailedPrecondition, "FOREIGN_KEY_VIOLATION",
                  "a row that this one names is missing");
  wants_scrub &= result.has_value();
  return result;
}

Result<void> SqliteWriter::RunInSavepoint(const Database::Job& job, bool& wants_scrub) {
  FAIRLEAD_RETURN_IF_ERROR(connection_->Execute("SAVEPOINT job"));
  const size_t mark = books_->Mark();
  Result<void> result = RunJob(job, wants_scrub);
  if (!connection_->InTransaction()) return result;  // SQLite gave the whole group up
  if (!result) {
    books_->RewindTo(mark);
    const Result<int64_t> undone = connection_->Execute("ROLLBACK TO job");
    if (!undone) {
      Rollback();  // nothing of this group can be kept apart from it any more
      return Fail(undone.error());
    }
  }
  const Result<int64_t> released = connection_->Execute("RELEASE job");
  if (!released) {
    Rollback();
    return Fail(released.error());
  }
  return result;
}

bool SqliteWriter::Group::AnyToKeep() const {
  return std::any_of(results.begin(), results.end(),
                     [](const Result<void>& result) { return result.has_value(); });
}
bool SqliteWriter::Group::AnyScrub() const {
  return std::find(scrubs.begin(), scrubs.end(), true) != scrubs.end();
}

// False when the job has failed and left something behind: the group must be run again.
bool SqliteWriter::RunInto(Group& group, size_t index, bool careful) {
  const int64_t writes_before = connection_->writes_begun();
  const Database::Job& job = group.jobs[index].job;
  bool wants_scrub = false;
  Result<void> result =
      careful ? RunInSavepoint(job, wants_scrub) : RunJob(job, wants_scrub);
  group.scrubs[index] = wants_scrub;
  group.results[index] = std::move(result);
  return careful || group.results[index] || connection_->writes_begun() == writes_before;
}

void SqliteWriter::RunJobs(const std::function<std::optional<WriteJob>()>& next, Group& group) {
  const bool careful = careful_groups_ > 0;
  if (careful) --careful_groups_;
  const auto deadline = SteadyClock::now() + std::chrono::microseconds(kMaxBatchMicros);
  for (size_t i = 0;; ++i) {
    group.results.emplace_back();
    group.scrubs.push_back(false);
    const bool clean = RunInto(group, i, careful);
    if (!connection_->InTransaction()) return;
    if (!clean) {
      RunAgainCarefully(group);
      return;
    }
    if (group.jobs.size() >= kMaxBatchJobs || SteadyClock::now() >= deadline) return;
    std::optional<WriteJob> another = next();
    if (!another) return;
    group.jobs.push_back(std::move(*another));
  }
}

void SqliteWriter::RunAgainCarefully(Group& group) {
  careful_groups_ = kCarefulGroups;
  Rollback();
  if (const Result<void> begun = Begin(); !begun) {
    for (Result<void>& result : group.results) result = begun;
    return;
  }
  for (size_t i = 0; i < group.jobs.size() && connection_->InTransaction(); ++i)
    RunInto(group, i, true);
}

std::vector<FinishedJob> SqliteWriter::RunBatch(
    WriteJob first, const std::function<std::optional<WriteJob>()>& next, bool& wrote) {
  Group group;
  group.jobs.push_back(std::move(first));
  const int64_t changes_before = connection_->TotalChanges();
  Result<void> outcome = Begin();
  if (outcome) {
    RunJobs(next, group);
    if (!connection_->InTransaction()) {
      outcome = Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "the transaction was given up");
      Rollback();
    } else if (group.AnyToKeep()) {
      outcome = Commit();
      if (!outcome) Rollback();
    } else {
      Rollback();  // nothing to keep
    }
  } else {
    group.results.push_back(outcome);
    group.scrubs.push_back(false);
  }
  Result<void> scrubbed;
  if (outcome && group.AnyScrub()) scrubbed = ScrubNow();
  std::vector<FinishedJob> finished;
  finished.reserve(group.jobs.size());
  for (size_t i = 0; i < group.jobs.size(); ++i) {
    Result<void>& result = group.results[i];
    if (result && !outcome) result = outcome;
    else if (result && group.scrubs[i] && !scrubbed) result = scrubbed;
    finished.push_back(FinishedJob{std::move(group.jobs[i].done), std::move(result)});
  }
  wrote = outcome.has_value() && connection_->TotalChanges() != changes_before;
  return finished;
}

Result<void> SqliteWriter::ScrubNow() {
  const Gate::Alone alone(reader_gate_);
  return books_->Scrub();
}

void SqliteWriter::Maintain(bool idle) {
  // A failed checkpoint loses nothing: the journal still has it all, and it is tried again.
  if (books_->ScrubWanted()) (void)ScrubNow();
  (void)books_->SyncWhereDue(true);  // failed: tried again before it is too late
  MaintainSchema("main", idle);
  for (const std::string& schema : settings_.attached) MaintainSchema(schema, idle);
}

void SqliteWriter::MaintainSchema(const std::string& schema, bool idle) {
  if (connection_->WalPages(schema) < (idle ? kCheckpointPages : kBusyCheckpointPages)) return;
  if (schema == "main" && copies_ > 0) return;
  // The bulk beside the readers. Then, for a moment without them, what they may have kept from
  // being copied, and the journal starts over in its place: it stays short for them to search, and
  // a commit that overwrites changes no file's size, which would be one more write for each sync.
  if (!connection_->Checkpoint(schema, SQLITE_CHECKPOINT_PASSIVE)) return;
  const Gate::Alone alone(reader_gate_);
  (void)connection_->Checkpoint(schema, SQLITE_CHECKPOINT_RESTART);
}

}  // namespace fairlead::storage
