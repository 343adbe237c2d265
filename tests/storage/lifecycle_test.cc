// Opening, migrating, limits, closing.
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "services/common/storage/migrate.h"
#include "tests/storage/engine_test.h"

namespace fairlead::storage {
namespace {

class LifecycleTest : public EngineTest {};
FAIRLEAD_ON_BOTH_ENGINES(LifecycleTest);

TEST_P(LifecycleTest, MigratesOnceAndKeepsWhatIsThere) {
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Run("INSERT INTO counter VALUES ('a', 1)").has_value());
  Close();
  ASSERT_TRUE(Open());
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), 1);
  EXPECT_EQ(Number("SELECT count(*) FROM schema_migrations WHERE service = 'storage_test'"), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM schema_migrations WHERE applied_ms > 0"), 2);
}

TEST_P(LifecycleTest, AnOlderDatabaseIsBroughtUpToDate) {
  Migrations older = storage_test::Migrations();
  older.sqlite.pop_back();
  older.postgres.pop_back();
  ASSERT_TRUE(OpenWith({older}));
  ASSERT_TRUE(Run("INSERT INTO item VALUES ('a', 1, NULL, NULL)").has_value());
  EXPECT_FALSE(Select("SELECT * FROM counter").has_value());
  Close();
  ASSERT_TRUE(Open());
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM item"), 1);
}

TEST_P(LifecycleTest, ANewerDatabaseIsRefused) {
  ASSERT_TRUE(Open());
  Close();
  Migrations older = storage_test::Migrations();
  older.sqlite.pop_back();
  older.postgres.pop_back();
  Result<std::unique_ptr<Database>> opened = OpenDatabase(options_, {older});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(opened.error().reason, "DATABASE_TOO_NEW");
  // So is one with a set of tables that this program has never heard of.
  opened = OpenDatabase(options_, {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().reason, "DATABASE_TOO_NEW");
  ASSERT_TRUE(Open());
}

TEST_P(LifecycleTest, AGapIsRefused) {
  Migrations gap = storage_test::Migrations();
  gap.sqlite[1].number = 3;
  gap.postgres[1].number = 3;
  const Result<std::unique_ptr<Database>> opened = OpenDatabase(options_, {gap});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().reason, "MIGRATION_FAILED");
}

TEST_P(LifecycleTest, ARenamedMigrationIsRefused) {
  ASSERT_TRUE(Open());
  Close();
  Migrations renamed = storage_test::Migrations();
  renamed.sqlite[0].name = "something_else";
  renamed.postgres[0].name = "something_else";
  EXPECT_EQ(OpenDatabase(options_, {renamed}).error().reason, "MIGRATION_FAILED");
}

TEST_P(LifecycleTest, AFailingMigrationLeavesNothingOfItself) {
  Migrations bad = storage_test::Migrations();
  const Migration broken{3, "broken",
                         "CREATE TABLE half_done (id TEXT); INSERT INTO nowhere VALUES (1);"};
  bad.sqlite.push_back(broken);
  bad.postgres.push_back(broken);
  const Result<std::unique_ptr<Database>> opened = OpenDatabase(options_, {bad});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().reason, "MIGRATION_FAILED");
  ASSERT_TRUE(Open()) << "the two good ones were kept";
  EXPECT_FALSE(Select("SELECT * FROM half_done").has_value());
}

TEST_P(LifecycleTest, SetsAreNumberedApart) {
  Migrations other;
  other.service = "other";
  const Migration table{1, "others", "CREATE TABLE others (id TEXT PRIMARY KEY)"};
  other.sqlite = {table};
  other.postgres = {table};
  ASSERT_TRUE(OpenWith({storage_test::Migrations(), other}));
  EXPECT_EQ(Number("SELECT count(*) FROM others"), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM schema_migrations"), 3);
  Close();
  EXPECT_EQ(OpenDatabase(options_, {other, other}).error().reason, "MIGRATION_FAILED");
}

TEST_P(LifecycleTest, AFullQueueRefusesAndDoesNothing) {
  options_.max_queued_jobs = 8;
  options_.postgres_connections = 1;
  ASSERT_TRUE(Open());
  std::promise<void> entered;
  std::promise<void> go_on;
  std::shared_future<void> gate = go_on.get_future().share();
  Countdown left(9);
  std::atomic<bool> first = true;
  database_->Write(
      [&](Transaction& tx) -> Result<void> {
        if (first.exchange(false)) entered.set_value();
        gate.wait();
        FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO counter VALUES ('first', 1)"));
        return {};
      },
      [&](const Result<void>& result) {
        EXPECT_TRUE(result.has_value());
        left.Done();
      });
  entered.get_future().wait();  // the writer is busy: from here on everything is queued
  int refused = 0;
  for (int i = 0; i < 12; ++i) {
    const auto job = [i](Transaction& tx) -> Result<void> {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO counter VALUES ($1, 1)", {std::to_string(i)}));
      return {};
    };
    database_->Write(job, [&, i](const Result<void>& result) {
      if (i < 8) {
        EXPECT_TRUE(result.has_value());
        left.Done();
      } else {
        ASSERT_FALSE(result.has_value());  // told at once, on this thread
        EXPECT_EQ(result.error().code, Code::kResourceExhausted);
        EXPECT_EQ(result.error().reason, "STORAGE_BUSY");
        ++refused;
      }
    });
  }
  EXPECT_EQ(refused, 4);
  go_on.set_value();
  left.Wait();
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), 9);
}

TEST_P(LifecycleTest, CloseEndsWhatIsQueuedThenRefuses) {
  ASSERT_TRUE(Open());
  std::atomic<int> succeeded = 0;
  std::atomic<int> told = 0;
  constexpr int kJobs = 300;
  for (int i = 0; i < kJobs; ++i) {
    const auto job = [i](Transaction& tx) -> Result<void> {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO counter VALUES ($1, 1)", {std::to_string(i)}));
      return {};
    };
    database_->Write(job, [&](const Result<void>& result) {
      succeeded += result.has_value();
      ++told;
    });
  }
  database_->Close();
  EXPECT_EQ(told, kJobs) << "Close returns only when everyone has been told";
  EXPECT_EQ(succeeded, kJobs);
  Result<void> late;
  database_->Write([](Transaction&) -> Result<void> { return {}; },
                   [&](Result<void> result) { late = std::move(result); });
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, Code::kUnavailable);
  late = {};
  database_->Read([](ReadTransaction&) -> Result<void> { return {}; },
                  [&](Result<void> result) { late = std::move(result); });
  EXPECT_FALSE(late.has_value());
  database_.reset();
  ASSERT_TRUE(Open());
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), kJobs);
}

TEST_P(LifecycleTest, BadOptionsAreRefused) {
  const auto reason = [this](const std::function<void(DatabaseOptions&)>& change) {
    DatabaseOptions options = options_;
    change(options);
    const Result<std::unique_ptr<Database>> opened = OpenDatabase(options, {});
    return opened ? std::string() : opened.error().reason;
  };
  const std::string bad = "INVALID_DATABASE_OPTIONS";
  EXPECT_EQ(reason([](DatabaseOptions& o) { o.url = "mysql:x"; }), bad);
  EXPECT_EQ(reason([](DatabaseOptions& o) { o.url = "sqlite:"; }), bad);
  EXPECT_EQ(reason([](DatabaseOptions& o) { o.url = "sqlite::memory:"; }), bad);
  EXPECT_EQ(reason([](DatabaseOptions& o) { o.attached = {"a; DROP"}; }), bad);
  EXPECT_EQ(reason([](DatabaseOptions& o) { o.attached = {"main"}; }), bad);
  EXPECT_EQ(reason([](DatabaseOptions& o) { o.attached = {"vault", "vault"}; }), bad);
  EXPECT_EQ(reason([](DatabaseOptions& o) { o.max_queued_jobs = 0; }), bad);
}

class SqliteFileTest : public EngineTest {};
INSTANTIATE_TEST_SUITE_P(Engines, SqliteFileTest, ::testing::Values(Engine::kSqlite), EngineName);

TEST_P(SqliteFileTest, ASecondOpenerIsRefused) {
  ASSERT_TRUE(Open());
  Result<std::unique_ptr<Database>> second = OpenDatabase(options_, {storage_test::Migrations()});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(second.error().reason, "DATABASE_IN_USE");
  Close();
  second = OpenDatabase(options_, {storage_test::Migrations()});
  EXPECT_TRUE(second.has_value());
}

TEST_P(SqliteFileTest, FilesAndFoldersAreForTheOwnerAlone) {
  const mode_t before = ::umask(0);
  options_.url = "sqlite:" + folder_.File("new/deeper/test.db");
  EXPECT_TRUE(OpenVault());
  ::umask(before);
  ASSERT_NE(database_, nullptr);
  ASSERT_TRUE(Run("INSERT INTO vault.secret VALUES ('a', $1)", {Blob{"x"}}).has_value());
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.File("new"))) {
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, entry.is_directory() ? 0700U : 0600U) << entry.path();
    files += entry.is_regular_file();
  }
  EXPECT_GE(files, 5) << "two databases, each with its journal, and the lock";
}

TEST_P(SqliteFileTest, AFileThatIsNoDatabaseIsRefused) {
  std::ofstream(SqlitePath()) << std::string(8192, 'x');
  const Result<std::unique_ptr<Database>> opened =
      OpenDatabase(options_, {storage_test::Migrations()});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().reason, "STORAGE_UNAVAILABLE");
}

// The journal is copied back off the answering path, starts over however much is read meanwhile,
// and loses nothing.
TEST_P(SqliteFileTest, TheJournalStaysBounded) {
  ASSERT_TRUE(Open());
  constexpr int kRows = 3'000;  // of 64 KiB: 190 MiB in all; copied at 4 to 8 MiB
  std::atomic<bool> stop = false;
  std::atomic<int> failed_reads = 0;
  std::thread company([&] {
    while (!stop) {
      if (!Select("SELECT count(*) FROM item")) ++failed_reads;
    }
  });
  const std::string body(64 * 1024, 'b');
  for (int i = 0; i < kRows; i += 50) {
    const auto job = [&, i](Transaction& tx) -> Result<int64_t> {
      for (int j = i; j < i + 50; ++j)
        FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO item VALUES ($1, $2, NULL, $3)",
                                            {std::to_string(j), j, Blob{body}}));
      return 50;
    };
    EXPECT_TRUE(Write(job).has_value());
  }
  stop = true;
  company.join();
  EXPECT_EQ(failed_reads, 0);
  EXPECT_EQ(Number("SELECT count(*) FROM item"), kRows);
  EXPECT_LT(std::filesystem::file_size(SqlitePath() + "-wal"), 13U * 1024 * 1024);
  EXPECT_GT(std::filesystem::file_size(SqlitePath()), 50U * 1024 * 1024);
  EXPECT_EQ((*Select("PRAGMA integrity_check"))[0].Text(0), "ok");
}

TEST(PlanMigrationsTest, RunsTheRestInOrder) {
  const Migrations a{"a", {{1, "x", "1"}, {2, "y", "2"}, {3, "z", "3"}}, {}};
  const Migrations b{"b", {{1, "q", "4"}}, {}};
  const std::vector<Migrations> sets = {a, b};  // the plan points into it
  const Result<std::vector<PendingMigration>> plan =
      PlanMigrations(sets, Engine::kSqlite, {{"a", 1, "x"}});
  ASSERT_TRUE(plan.has_value());
  ASSERT_EQ(plan->size(), 3U);
  EXPECT_EQ((*plan)[0].migration->sql, "2");
  EXPECT_EQ((*plan)[2].service, "b");
  EXPECT_EQ(PlanMigrations({a}, Engine::kSqlite, {{"a", 2, "y"}}).error().reason,
            "MIGRATION_FAILED");
}

}  // namespace
}  // namespace fairlead::storage
