// The single writer of a SQLite database: its transactions, one group at a time, and the only
// checkpoints there are. All methods are called on one thread.
#ifndef SERVICES_COMMON_STORAGE_SQLITE_WRITER_H_
#define SERVICES_COMMON_STORAGE_SQLITE_WRITER_H_

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

  // Opens, repairs and migrates.
  static Result<std::unique_ptr<SqliteWriter>> Open(const SqliteConnection::Settings& settings,
                                                    const std::vector<Migrations>& sets,
                                                    Gate& reader_gate);

  // Runs `first` and what `next` gives meanwhile as one transaction. After it returns, what
  // succeeded is on disk. `wrote` tells whether a row changed.
  std::vector<FinishedJob> RunBatch(WriteJob first,
                                    const std::function<std::optional<WriteJob>()>& next,
                                    bool& wrote);
  // Checkpoints when it is time: with `idle` (nothing queued) earlier than without.
  void Maintain(bool idle);

 private:
  SqliteWriter(const SqliteConnection::Settings& settings, Gate& reader_gate)
      : settings_(settings), reader_gate_(reader_gate) {}
  Result<void> Start(const std::vector<Migrations>& sets);
  Result<void> Migrate(const std::vector<Migrations>& sets);
  Result<void> ApplyMigration(std::string_view service, const Migration& migration);
  Result<void> Begin();
  Result<void> RunOne(const Database::Job& job, bool& wants_scrub);
  Result<void> Commit();
  void Rollback();
  Result<void> ScrubNow();
  void MaintainSchema(const std::string& schema, int64_t& checkpointed_pages, bool idle);

  SqliteConnection::Settings settings_;
  Gate& reader_gate_;
  std::unique_ptr<SqliteConnection> connection_;
  std::unique_ptr<AttachedBooks> books_;
  bool repair_needed_ = false;
  std::vector<int64_t> checkpointed_pages_;  // per schema: main, then the attached ones
};

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_SQLITE_WRITER_H_
