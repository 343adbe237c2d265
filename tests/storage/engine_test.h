// The frame of the suite: the same tests against both engines.
//
//   TEST_P(EngineTest, DoesSomething) {
//     ASSERT_TRUE(Open());
//     EXPECT_TRUE(Run("INSERT INTO counter VALUES ($1, $2)", {"a", 1}));
//   }
#ifndef TESTS_STORAGE_ENGINE_TEST_H_
#define TESTS_STORAGE_ENGINE_TEST_H_

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "services/common/base/task.h"
#include "services/common/storage/database.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temp_dir.h"
#include "tests/storage/migrations.h"
#include "tests/storage/vault_migrations.h"

namespace fairlead::storage {

using Engine = Transaction::Engine;

class EngineTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::kSqlite) {
      options_.url = "sqlite:" + SqlitePath();
      return;
    }
    const Result<testing::PostgresServer*> server = testing::PostgresServer::Shared();
    ASSERT_TRUE(server.has_value()) << ToString(server.error());
    const Result<std::string> url = (*server)->NewDatabase();
    ASSERT_TRUE(url.has_value()) << ToString(url.error());
    options_.url = *url;
  }
  void TearDown() override { Close(); }

  bool IsSqlite() const { return GetParam() == Engine::kSqlite; }
  std::string SqlitePath() const { return folder_.File("test.db"); }

  ::testing::AssertionResult Open() { return OpenWith({storage_test::Migrations()}); }
  ::testing::AssertionResult OpenVault() {
    options_.attached = {"vault"};
    return OpenWith({storage_test::Migrations(), VaultMigrations()});
  }
  ::testing::AssertionResult OpenWith(const std::vector<Migrations>& sets) {
    Result<std::unique_ptr<Database>> opened = OpenDatabase(options_, sets);
    if (!opened) return ::testing::AssertionFailure() << ToString(opened.error());
    database_ = std::move(*opened);
    return ::testing::AssertionSuccess();
  }
  void Close() {
    if (database_) database_->Close();
    database_.reset();
  }

  Result<int64_t> Write(std::function<Result<int64_t>(Transaction&)> job) {
    return SyncWait(database_->Write<int64_t>(std::move(job)));
  }
  // One statement, one transaction.
  Result<int64_t> Run(const std::string& sql, std::vector<Value> params = {}) {
    return Write([sql, params](Transaction& tx) { return tx.Execute(sql, Params(params)); });
  }
  Result<std::vector<Row>> Select(const std::string& sql, std::vector<Value> params = {}) {
    return SyncWait(database_->Read<std::vector<Row>>(
        [sql, params](ReadTransaction& tx) { return tx.Query(sql, Params(params)); }));
  }
  int64_t Number(const std::string& sql) {
    const Result<std::vector<Row>> rows = Select(sql);
    EXPECT_TRUE(rows.has_value()) << ToString(rows.error());
    return rows && rows->size() == 1 ? (*rows)[0].Int(0) : -1;
  }

  const testing::TempDir folder_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
};

// Counts down; waits for zero.
class Countdown {
 public:
  explicit Countdown(int count) : left_(count) {}
  void Done() {
    const std::lock_guard lock(mutex_);
    if (--left_ == 0) zero_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    zero_.wait(lock, [this] { return left_ <= 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable zero_;
  int left_;
};

inline std::string EngineName(const ::testing::TestParamInfo<Engine>& info) {
  return info.param == Engine::kSqlite ? "Sqlite" : "Postgres";
}

}  // namespace fairlead::storage

#define FAIRLEAD_ON_BOTH_ENGINES(Fixture)                                             \
  INSTANTIATE_TEST_SUITE_P(Engines, Fixture,                                          \
                           ::testing::Values(::fairlead::storage::Engine::kSqlite,    \
                                             ::fairlead::storage::Engine::kPostgres), \
                           ::fairlead::storage::EngineName)

#endif  // TESTS_STORAGE_ENGINE_TEST_H_
