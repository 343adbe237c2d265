#include "services/common/storage/sqlite/sqlite_database.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "services/common/storage/bounded_queue.h"
#include "services/common/storage/gate.h"
#include "services/common/storage/guard_job.h"
#include "services/common/storage/sqlite/attached.h"
#include "services/common/storage/sqlite/connection.h"
#include "services/common/storage/sqlite/writer.h"

namespace fairlead::storage {
namespace {

constexpr int kWriterCacheKib = 16'384;
constexpr int kReaderCacheKib = 4'096;
// Groups whose callers are still to be told; beyond it the writer tells them itself.
constexpr size_t kMaxUntoldGroups = 16;
// Reads that share a snapshot.
constexpr size_t kMaxReadsTogether = 16;
// How long a reader waits for the two files of one commit to be both there.
constexpr int kMaxSnapshotTries = 10'000;
constexpr std::chrono::microseconds kSnapshotPause(200);

// Held for the life of the database: the file is opened once, by one process.
class FileLock {
 public:
  static Result<FileLock> Take(const std::string& database_path) {
    const std::string path = database_path + ".lock";
    FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.fd_ < 0) return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "cannot open " + path);
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0)
      return Fail(Code::kFailedPrecondition, "DATABASE_IN_USE",
                  "another process has " + database_path + " open");
    return lock;
  }
  FileLock() = default;
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

class SqliteReadTransaction final : public ReadTransaction {
 public:
  explicit SqliteReadTransaction(SqliteConnection& connection) : connection_(connection) {}
  Result<std::vector<Row>> Query(std::string_view sql, Params params) override {
    if (failed_) return Fail(*failed_);
    Result<std::vector<Row>> rows = connection_.Query(sql, params);
    if (!rows) failed_ = rows.error();
    return rows;
  }
  const std::optional<Error>& failed() const { return failed_; }

 private:
  SqliteConnection& connection_;
  std::optional<Error> failed_;
};

struct WaitingRead {
  Database::ReadJob job;
  Database::Done done;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const DatabaseOptions& options, FileLock lock)
      : options_(options),
        lock_(std::move(lock)),
        writes_(static_cast<size_t>(options.max_queued_jobs)),
        reads_(static_cast<size_t>(options.max_queued_jobs)),
        untold_(kMaxUntoldGroups) {}
  ~SqliteDatabase() override { Close(); }

  Result<void> Start(const std::string& path, const std::vector<Migrations>& sets);
  void Write(Job job, Done done) override;
  void Read(ReadJob job, Done done) override;
  void OnCommit(std::function<void()> listener) override {
    listeners_.push_back(std::move(listener));
  }
  Result<void> CopyTo(const std::string& path) override;
  void Close() override;
  Transaction::Engine engine() const override { return Transaction::Engine::kSqlite; }

 private:
  template <class Item>
  void Submit(BoundedQueue<Item>& queue, Item item);
  void WriterLoop();
  void TellerLoop();
  void ReaderLoop(SqliteConnection& connection);
  void RunReads(SqliteConnection& connection, std::vector<WaitingRead>& items);
  Result<void> RunRead(SqliteConnection& connection, const ReadJob& job);
  Result<void> BeginSnapshot(SqliteConnection& connection);
  static void Tell(std::vector<FinishedJob>& finished) {
    for (FinishedJob& each : finished) each.done(std::move(each.result));
  }

  std::string path_;
  DatabaseOptions options_;
  FileLock lock_;  // outlives the connections
  Gate reader_gate_;
  std::string consistency_sql_;
  std::unique_ptr<SqliteWriter> writer_;
  std::vector<std::unique_ptr<SqliteConnection>> readers_;
  std::vector<std::function<void()>> listeners_;
  BoundedQueue<WriteJob> writes_;
  BoundedQueue<WaitingRead> reads_;
  BoundedQueue<std::vector<FinishedJob>> untold_;
  std::thread writer_thread_;
  std::thread teller_thread_;
  std::vector<std::thread> reader_threads_;
};

Result<void> SqliteDatabase::Start(const std::string& path, const std::vector<Migrations>& sets) {
  path_ = path;
  const SqliteConnection::Settings settings{
      .path = path, .attached = options_.attached, .cache_kib = kWriterCacheKib};
  FAIRLEAD_ASSIGN(writer_, SqliteWriter::Open(settings, sets, reader_gate_));
  SqliteConnection::Settings reading = settings;
  reading.read_only = true;
  reading.cache_kib = kReaderCacheKib;
  for (int i = 0; i < options_.reader_threads; ++i) {
    FAIRLEAD_ASSIGN(std::unique_ptr<SqliteConnection> reader, SqliteConnection::Open(reading));
    readers_.push_back(std::move(reader));
  }
  if (!options_.attached.empty())
    consistency_sql_ = AttachedBooks::ConsistencySql(options_.attached);
  writer_thread_ = std::thread([this] { WriterLoop(); });
  teller_thread_ = std::thread([this] { TellerLoop(); });
  for (const auto& reader : readers_)
    reader_threads_.emplace_back([this, &reader] { ReaderLoop(*reader); });
  return {};
}

template <class Item>
void SqliteDatabase::Submit(BoundedQueue<Item>& queue, Item item) {
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

void SqliteDatabase::Write(Job job, Done done) {
  Submit(writes_, WriteJob{std::move(job), std::move(done)});
}

void SqliteDatabase::Read(ReadJob job, Done done) {
  Submit(reads_, WaitingRead{std::move(job), std::move(done)});
}

void SqliteDatabase::WriterLoop() {
  const std::function<std::optional<WriteJob>()> next = [this] { return writes_.TryPop(); };
  while (std::optional<WriteJob> first = writes_.Pop()) {
    bool wrote = false;
    std::vector<FinishedJob> finished = writer_->RunBatch(std::move(*first), next, wrote);
    if (wrote)
      for (const auto& listener : listeners_) listener();
    // What the callers do next must not keep the next group waiting; but a lone caller is told
    // at once, without a change of thread.
    const bool alone = finished.size() == 1 && writes_.Empty();
    using Push = BoundedQueue<std::vector<FinishedJob>>::Push;
    if (alone || untold_.TryPush(finished) != Push::kQueued) Tell(finished);
    writer_->Maintain(writes_.Empty());
  }
}

void SqliteDatabase::TellerLoop() {
  while (std::optional<std::vector<FinishedJob>> finished = untold_.Pop()) Tell(*finished);
}

void SqliteDatabase::ReaderLoop(SqliteConnection& connection) {
  std::vector<WaitingRead> items;
  while (std::optional<WaitingRead> first = reads_.Pop()) {
    items.push_back(std::move(*first));
    reads_.TryPopShare(readers_.size(), kMaxReadsTogether - 1, items);
    RunReads(connection, items);
    items.clear();
  }
}

// One snapshot for all: taking it means locks in the file, and after every commit SQLite reads the
// pages it uses from the journal anew. The snapshot begins after all of them were asked for, so
// each sees what was committed before it was asked.
void SqliteDatabase::RunReads(SqliteConnection& connection, std::vector<WaitingRead>& items) {
  std::vector<Result<void>> results;
  results.reserve(items.size());
  {
    const Gate::Shared pass(reader_gate_);
    for (WaitingRead& item : items) {
      results.push_back(RunRead(connection, item.job));
      item.job = nullptr;
    }
    if (connection.InTransaction()) (void)connection.Execute("ROLLBACK");
  }
  // Whatever the callers do next, a checkpoint or a revocation's scrub does not wait for it.
  for (size_t i = 0; i < items.size(); ++i) items[i].done(std::move(results[i]));
}

Result<void> SqliteDatabase::RunRead(SqliteConnection& connection, const ReadJob& job) {
  if (!connection.InTransaction()) FAIRLEAD_RETURN_IF_ERROR(BeginSnapshot(connection));
  SqliteReadTransaction transaction(connection);
  Result<void> result = GuardJob(job, transaction);
  if (result && transaction.failed()) result = Fail(*transaction.failed());
  // Whatever it was that failed shall not be the next one's concern.
  if (transaction.failed() && connection.InTransaction()) (void)connection.Execute("ROLLBACK");
  return result;
}

Result<void> SqliteDatabase::BeginSnapshot(SqliteConnection& connection) {
  FAIRLEAD_RETURN_IF_ERROR(connection.Execute("BEGIN"));
  if (consistency_sql_.empty()) return {};
  for (int i = 0; i < kMaxSnapshotTries; ++i) {
    const Result<std::vector<Row>> same = connection.Query(consistency_sql_, Params());
    if (same && (*same)[0].Int(0) == 1) return {};
    (void)connection.Execute("ROLLBACK");
    if (!same) return Fail(same.error());
    // Between the commits of the two files: they are a moment apart.
    std::this_thread::sleep_for(kSnapshotPause);
    FAIRLEAD_RETURN_IF_ERROR(connection.Execute("BEGIN"));
  }
  (void)connection.Execute("ROLLBACK");
  return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "an attached database needs repair");
}

// On a connection of its own, so that no reader is missing meanwhile. VACUUM INTO writes no page
// that a row was deleted from: what is gone is gone from the copy too.
Result<void> SqliteDatabase::CopyTo(const std::string& path) {
  if (std::filesystem::exists(path))
    return Fail(Code::kFailedPrecondition, "FILE_EXISTS", "there is already a " + path);
  FAIRLEAD_RETURN_IF_ERROR(CreatePrivateFile(path));
  FAIRLEAD_ASSIGN(
      const std::unique_ptr<SqliteConnection> connection,
      SqliteConnection::Open({.path = path_, .read_only = true, .cache_kib = kReaderCacheKib}));
  const SqliteWriter::Copying copying(*writer_);
  const Value target(path);
  FAIRLEAD_RETURN_IF_ERROR(connection->Execute("VACUUM main INTO $1", Params(&target, 1)));
  return {};
}

void SqliteDatabase::Close() {
  writes_.Close();
  reads_.Close();
  if (writer_thread_.joinable()) writer_thread_.join();
  untold_.Close();
  if (teller_thread_.joinable()) teller_thread_.join();
  for (std::thread& reader : reader_threads_)
    if (reader.joinable()) reader.join();
  readers_.clear();  // before the writer, whose close is the last and makes the checkpoint
  writer_.reset();
  lock_ = FileLock();
}

// Missing folders are made for the owner alone.
Result<void> MakeFolder(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  std::error_code error;
  std::filesystem::path made;
  for (const auto& part : folder) {
    made /= part;
    if (::mkdir(made.c_str(), 0700) != 0 && !std::filesystem::is_directory(made, error))
      return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "cannot make " + made.string());
  }
  return {};
}

// Before the first connection of the process. SQLite's memory statistics, which nobody reads, take
// a lock of the whole process at every allocation: several hundred times a transaction.
void ConfigureSqliteOnce() {
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)configured;  // SQLITE_MISUSE when somebody was first: slower, and no harm done
}

}  // namespace

Result<void> CheckCopy(const std::string& path) {
  ConfigureSqliteOnce();
  sqlite3* file = nullptr;
  bool is_whole = false;
  const int opened = sqlite3_open_v2(path.c_str(), &file, SQLITE_OPEN_READONLY, nullptr);
  const auto see_ok = [](void* answer, int columns, char** values, char**) {
    *static_cast<bool*>(answer) = columns == 1 && values[0] == std::string_view("ok");
    return 0;
  };
  // An empty file is whole too, and no database of ours.
  const bool looked =
      opened == SQLITE_OK &&
      sqlite3_exec(file, "SELECT 1 FROM schema_migrations", nullptr, nullptr, nullptr) ==
          SQLITE_OK &&
      sqlite3_exec(file, "PRAGMA quick_check(1)", see_ok, &is_whole, nullptr) == SQLITE_OK;
  sqlite3_close(file);
  if (looked && is_whole) return {};
  return Fail(Code::kInvalidArgument, "DATABASE_DAMAGED", path + " is not whole");
}

Result<std::unique_ptr<Database>> OpenSqlite(const std::string& path,
                                             const DatabaseOptions& options,
                                             const std::vector<Migrations>& sets) {
  ConfigureSqliteOnce();
  FAIRLEAD_RETURN_IF_ERROR(MakeFolder(path));
  FAIRLEAD_ASSIGN(FileLock lock, FileLock::Take(path));
  auto database = std::make_unique<SqliteDatabase>(options, std::move(lock));
  FAIRLEAD_RETURN_IF_ERROR(database->Start(path, sets));
  return database;
}

}  // namespace fairlead::storage
