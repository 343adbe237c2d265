// The single writer of a SQLite database: its transactions, one group at a time, and the only
// checkpoints there are. All methods are called on one thread.
#ifndef SERVICES_COMMON_STORAGE_SQLITE_WRITER_H_
#define SERVICES_COMMON_STORAGE_SQLITE_WRITER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "services/common/storage/database.h"
#include "services/common/storage/gate.h"
#include "services/common/storage/sqlite/attached.h"
#include "services/common/storage/sqlite/connection.h"

namespace fairlead::storage {

struct WriteJob {
  Database::Job job;
  Database::Done done;
};

// A job that has ended; its caller is still to be told.
struct FinishedJob {
  Database::Done done;
  Result<void> result;
};

class SqliteWriter {
 public:
  static constexpr size_t kMaxBatchJobs = 64;
  static constexpr int64_t kMaxBatchMicros = 2'000;
  // Groups whose jobs run each in a savepoint of its own, after one in which a job failed.
  static constexpr int kCarefulGroups = 16;

  // Opens, repairs and migrates.
  static Result<std::unique_ptr<SqliteWriter>> Open(const SqliteConnection::Settings& settings,
                                                    const std::vector<Migrations>& sets,
                                                    Gate& reader_gate);

  // Runs `first` and what `next` gives meanwhile as one transaction. After it returns, what
  // succeeded is on disk. `wrote` tells whether a row changed.
  //
  // Jobs fail rarely once they have begun to write, and a savepoint costs as much as a statement
  // or two: so they run without. When one fails all the same, the whole group is rolled back and
  // run again, each job in a savepoint: then only that one is undone. (Jobs may be run again:
  // database.h says so.)
  std::vector<FinishedJob> RunBatch(WriteJob first,
                                    const std::function<std::optional<WriteJob>()>& next,
                                    bool& wrote);
  // Checkpoints when it is time: with `idle` (nothing queued) earlier than without.
  void Maintain(bool idle);

  // While a copy reads the main file, its journal is left to grow: to start it over would mean to
  // wait for the copy, and everybody with it. From any thread.
  class Copying {
   public:
    explicit Copying(SqliteWriter& writer) : writer_(writer) { ++writer_.copies_; }
    ~Copying() { --writer_.copies_; }
    Copying(const Copying&) = delete;
    Copying& operator=(const Copying&) = delete;

   private:
    SqliteWriter& writer_;
  };

 private:
  SqliteWriter(const SqliteConnection::Settings& settings, Gate& reader_gate)
      : settings_(settings), reader_gate_(reader_gate) {}
  Result<void> Start(const std::vector<Migrations>& sets);
  Result<void> Migrate(const std::vector<Migrations>& sets);
  Result<void> ApplyMigration(std::string_view service, const Migration& migration);
  Result<void> Begin();
  // What a group's jobs have come to.
  struct Group {
    std::vector<WriteJob> jobs;
    std::vector<Result<void>> results;
    std::vector<bool> scrubs;
    bool AnyToKeep() const;
    bool AnyScrub() const;
  };
  void RunJobs(const std::function<std::optional<WriteJob>()>& next, Group& group);
  void RunAgainCarefully(Group& group);
  bool RunInto(Group& group, size_t index, bool careful);
  Result<void> RunJob(const Database::Job& job, bool& wants_scrub);
  Result<void> RunInSavepoint(const Database::Job& job, bool& wants_scrub);
  Result<void> Commit();
  void Rollback();
  Result<void> ScrubNow();
  void MaintainSchema(const std::string& schema, bool idle);

  SqliteConnection::Settings settings_;
  Gate& reader_gate_;
  std::atomic<int> copies_{0};  // being made
  std::unique_ptr<SqliteConnection> connection_;
  std::unique_ptr<AttachedBooks> books_;
  bool repair_needed_ = false;
  int careful_groups_ = 0;  // still to come
};

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_SQLITE_WRITER_H_
