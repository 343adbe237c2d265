// Attached schemas: one transaction over both, deletion that leaves nothing, and files that do
// not belong together.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/storage/engine_test.h"

namespace fairlead::storage {
namespace {

constexpr char kCanary[] = "CANARY-custody-key-5be1c0ffee-CANARY";

class AttachedTest : public EngineTest {
 protected:
  Result<int64_t> Put(const std::string& id, const std::string& bytes = kCanary) {
    return Write([id, bytes](Transaction& tx) -> Result<int64_t> {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO secret_log VALUES ($1)", {id}));
      return tx.Execute("INSERT INTO vault.secret VALUES ($1, $2)", {id, Blob{bytes}});
    });
  }
  Result<int64_t> Remove(const std::string& id, bool scrub) {
    return Write([id, scrub](Transaction& tx) -> Result<int64_t> {
      if (scrub) tx.ScrubAfterCommit("vault");
      return tx.Execute("DELETE FROM vault.secret WHERE id = $1", {id});
    });
  }
  int64_t Secrets() { return Number("SELECT count(*) FROM vault.secret"); }
  int64_t Logged() { return Number("SELECT count(*) FROM secret_log"); }
};
FAIRLEAD_ON_BOTH_ENGINES(AttachedTest);

TEST_P(AttachedTest, OneTransactionCoversBoth) {
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  EXPECT_EQ(Put("a").error().reason, "UNIQUE_VIOLATION");
  const auto half = [](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO vault.secret VALUES ('b', $1)", {Blob{"x"}}));
    return tx.Execute("INSERT INTO secret_log VALUES ('a')");
  };
  EXPECT_EQ(Write(half).error().reason, "UNIQUE_VIOLATION");
  EXPECT_EQ(Secrets(), 1);
  EXPECT_EQ(Logged(), 1);
  Close();
  ASSERT_TRUE(OpenVault());
  EXPECT_EQ(Secrets(), 1);
  EXPECT_EQ(Logged(), 1);
}

// A job that fails in company is undone in both schemas, the others' work in neither; also when
// the file is made whole again afterwards.
TEST_P(AttachedTest, AJobThatFailsInAGroupLeavesNothingInEither) {
  ASSERT_TRUE(OpenVault());
  constexpr int kJobs = 120;
  Countdown left(kJobs);
  std::atomic<int> failed = 0;
  for (int i = 0; i < kJobs; ++i) {
    const auto job = [id = "s" + std::to_string(i), i](Transaction& tx) -> Result<void> {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO vault.secret VALUES ($1, $2)", {id, Blob{kCanary}}));
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO secret_log VALUES ($1)", {id}));
      if (i % 4 == 3) return Fail(Code::kAborted, "CHANGED_MY_MIND", "");
      return {};
    };
    database_->Write(job, [&](const Result<void>& result) {
      if (!result) ++failed;
      left.Done();
    });
  }
  left.Wait();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(failed, kJobs / 4);
    EXPECT_EQ(Secrets(), kJobs * 3 / 4);
    EXPECT_EQ(Logged(), kJobs * 3 / 4);
    Close();
    ASSERT_TRUE(OpenVault());
  }
}

// Readers never see one of the two without the other.
TEST_P(AttachedTest, AReadShowsBothOrNeither) {
  ASSERT_TRUE(OpenVault());
  constexpr int kPairs = 300;
  Countdown left(kPairs);
  std::atomic<int> torn = 0;
  std::atomic<bool> stop = false;
  std::atomic<int> reads = 0;
  std::thread reader([&] {
    while (!stop) {
      const Result<std::vector<Row>> rows =
          Select("SELECT (SELECT count(*) FROM secret_log) - (SELECT count(*) FROM vault.secret)");
      if (!rows || (*rows)[0].Int(0) != 0) ++torn;
      ++reads;
    }
  });
  for (int i = 0; i < kPairs; ++i) {
    const std::string id = std::to_string(i);
    const auto job = [id](Transaction& tx) -> Result<void> {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO secret_log VALUES ($1)", {id}));
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO vault.secret VALUES ($1, $2)", {id, Blob{"x"}}));
      return {};
    };
    database_->Write(job, [&](const Result<void>& result) {
      EXPECT_TRUE(result.has_value()) << ToString(result.error());
      left.Done();
    });
    if (i % 4 == 0) std::this_thread::yield();
  }
  left.Wait();
  stop = true;
  reader.join();
  EXPECT_EQ(torn, 0) << "of " << reads;
  EXPECT_EQ(Secrets(), kPairs);
}

TEST_P(AttachedTest, ScrubNeedsAKnownSchema) {
  ASSERT_TRUE(OpenVault());
  const auto job = [](Transaction& tx) -> Result<int64_t> {
    tx.ScrubAfterCommit("nowhere");
    return 1;
  };
  EXPECT_EQ(Write(job).error().reason, "STORAGE_ERROR");
}

TEST_P(AttachedTest, ScrubUnderLoad) {
  ASSERT_TRUE(OpenVault());
  std::atomic<bool> stop = false;
  std::thread company([&] {
    while (!stop) (void)Select("SELECT count(*) FROM vault.secret");
  });
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Put(std::to_string(i)).has_value());
    const Result<int64_t> removed = Remove(std::to_string(i), true);
    ASSERT_TRUE(removed.has_value()) << ToString(removed.error());
  }
  stop = true;
  company.join();
  EXPECT_EQ(Secrets(), 0);
}

TEST_P(AttachedTest, PostgresVacuumsWhatItScrubs) {
  if (IsSqlite()) GTEST_SKIP() << "see the canary test";
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  ASSERT_TRUE(Remove("a", false).has_value());
  EXPECT_GT(Number("SELECT pg_relation_size('vault.secret')"), 0);
  ASSERT_TRUE(Put("b").has_value());
  ASSERT_TRUE(Remove("b", true).has_value());
  // VACUUM gives the emptied pages at the end of a table back.
  EXPECT_EQ(Number("SELECT pg_relation_size('vault.secret')"), 0);
}

class SqliteAttachedTest : public AttachedTest {
 protected:
  std::string VaultPath() const { return folder_.File("test-vault.db"); }
  // Names of files with the canary.
  std::vector<std::string> FilesWith(const std::string& needle) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(file)),
                              std::istreambuf_iterator<char>());
      if (bytes.find(needle) != std::string::npos) names.push_back(entry.path().filename());
    }
    return names;
  }
  static void Copy(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, SqliteAttachedTest, ::testing::Values(Engine::kSqlite),
                         EngineName);

TEST_P(SqliteAttachedTest, AScrubLeavesNoTrace) {
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  ASSERT_TRUE(Put("b", std::string(20'000, '.') + kCanary).has_value());
  const std::vector<std::string> where = FilesWith(kCanary);
  ASSERT_EQ(where, std::vector<std::string>{"test-vault.db-wal"})
      << "in the vault's journal for now, and never in the main files";
  ASSERT_TRUE(Remove("b", false).has_value());
  ASSERT_TRUE(Remove("a", true).has_value());
  EXPECT_EQ(FilesWith(kCanary), std::vector<std::string>()) << "the moment it was acknowledged";
  Close();
  EXPECT_EQ(FilesWith(kCanary), std::vector<std::string>());
}

// The redo record in the main file is of no use to one who has that file and a later vault.
TEST_P(SqliteAttachedTest, AnOldMainFileCannotBringASecretBack) {
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  Close();
  Copy(SqlitePath(), folder_.File("backup"));
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Remove("a", true).has_value());
  Close();
  Copy(folder_.File("backup"), SqlitePath());
  ASSERT_TRUE(OpenVault()) << "a main file restored from its backup";
  EXPECT_EQ(Logged(), 1);
  EXPECT_EQ(Secrets(), 0);
  ASSERT_TRUE(Put("b").has_value());
  Close();
  ASSERT_TRUE(OpenVault());
  EXPECT_EQ(Secrets(), 1);
}

// What a crash between the commits of the two files leaves: the main one is ahead by one.
TEST_P(SqliteAttachedTest, ATornCommitIsMadeWhole) {
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  Close();
  Copy(VaultPath(), folder_.File("before"));
  ASSERT_TRUE(OpenVault());
  const auto job = [](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO secret_log VALUES ('b'), ('c')"));
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM vault.secret WHERE id = 'a'"));
    FAIRLEAD_RETURN_IF_ERROR(tx.Query("INSERT INTO vault.secret VALUES ('b', $1) RETURNING id",
                                      {Blob{std::string("\0\1", 2)}}));
    tx.ScrubAfterCommit("vault");
    return tx.Execute("INSERT INTO vault.secret VALUES ($2, $1)", {Blob{"cc"}, "c"});
  };
  ASSERT_TRUE(Write(job).has_value());
  Close();
  Copy(folder_.File("before"), VaultPath());
  ASSERT_TRUE(OpenVault());
  const Result<std::vector<Row>> rows = Select("SELECT id, bytes FROM vault.secret ORDER BY id");
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].Text(0), "b");
  EXPECT_EQ((*rows)[0].Bytes(1), std::string("\0\1", 2));
  EXPECT_EQ((*rows)[1].Bytes(1), "cc");
  ASSERT_TRUE(Put("d").has_value());
  EXPECT_TRUE(FilesWith(kCanary) == std::vector<std::string>{"test-vault.db-wal"} ||
              FilesWith(kCanary) == (std::vector<std::string>{"before", "test-vault.db-wal"}) ||
              FilesWith(kCanary) == (std::vector<std::string>{"test-vault.db-wal", "before"}));
}

// What a lost power supply leaves: the vault, which is not synced at every commit, a few behind.
TEST_P(SqliteAttachedTest, WhatAVaultHasLostIsRepeated) {
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  Close();
  Copy(VaultPath(), folder_.File("before"));
  ASSERT_TRUE(OpenVault());
  for (const char* id : {"b", "c", "d", "e"}) ASSERT_TRUE(Put(id).has_value());
  ASSERT_TRUE(Remove("b", false).has_value());
  ASSERT_TRUE(Remove("a", true).has_value()) << "the last may replace the key";
  Close();
  Copy(folder_.File("before"), VaultPath());
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(OpenVault());
    const Result<std::vector<Row>> rows = Select("SELECT id FROM vault.secret ORDER BY id");
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(rows->size(), 3U);
    EXPECT_EQ((*rows)[0].Text(0), "c");
    EXPECT_EQ((*rows)[2].Text(0), "e");
    Close();
  }
}

TEST_P(SqliteAttachedTest, AVaultThatHasLostMoreThanIsRecordedIsRefused) {
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  Close();
  Copy(VaultPath(), folder_.File("before"));
  ASSERT_TRUE(OpenVault());
  for (int i = 0; i < 32; ++i) ASSERT_TRUE(Put("b" + std::to_string(i)).has_value());
  Close();
  Copy(VaultPath(), folder_.File("after"));
  Copy(folder_.File("before"), VaultPath());
  ASSERT_TRUE(OpenVault()) << "32 are recorded";
  EXPECT_EQ(Secrets(), 33);
  Close();
  Copy(folder_.File("after"), VaultPath());
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("c").has_value());
  Close();
  Copy(folder_.File("before"), VaultPath());
  EXPECT_EQ(OpenDatabase(options_, {storage_test::Migrations(), VaultMigrations()}).error().reason,
            "ATTACHED_DATABASE_MISMATCH");
}

TEST_P(SqliteAttachedTest, AnOlderVaultIsRefused) {
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  Close();
  Copy(VaultPath(), folder_.File("before"));
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Remove("a", true).has_value());
  ASSERT_TRUE(Put("b").has_value());
  Close();
  Copy(folder_.File("before"), VaultPath());
  const Result<std::unique_ptr<Database>> opened =
      OpenDatabase(options_, {storage_test::Migrations(), VaultMigrations()});
  ASSERT_FALSE(opened.has_value()) << "it would bring the deleted secret back";
  EXPECT_EQ(opened.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(opened.error().reason, "ATTACHED_DATABASE_MISMATCH");
}

TEST_P(SqliteAttachedTest, AnotherVaultIsRefused) {
  ASSERT_TRUE(OpenVault());
  Close();
  Copy(VaultPath(), folder_.File("mine"));
  std::filesystem::remove(SqlitePath());
  std::filesystem::remove(VaultPath());
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  Close();
  Copy(folder_.File("mine"), VaultPath());
  EXPECT_EQ(OpenDatabase(options_, {storage_test::Migrations(), VaultMigrations()}).error().reason,
            "ATTACHED_DATABASE_MISMATCH");
}

// The vault is in no backup: after a restore there is an empty one, ready for use.
TEST_P(SqliteAttachedTest, AMissingVaultIsMadeAnewAndEmpty) {
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  Close();
  std::filesystem::remove(VaultPath());
  ASSERT_TRUE(OpenVault());
  EXPECT_EQ(Logged(), 1);
  EXPECT_EQ(Secrets(), 0);
  ASSERT_TRUE(Put("b").has_value());
  Close();
  ASSERT_TRUE(OpenVault());
  EXPECT_EQ(Secrets(), 1);
}

// A write to the vault must be repeatable from its parameters alone.
TEST_P(SqliteAttachedTest, AVaultStatementDependsOnNothingElse) {
  ASSERT_TRUE(OpenVault());
  ASSERT_TRUE(Put("a").has_value());
  EXPECT_EQ(Run("INSERT INTO vault.secret SELECT id || 'x', x'00' FROM secret_log").error().reason,
            "STORAGE_ERROR");
  EXPECT_EQ(Run("INSERT INTO vault.secret VALUES ('r', randomblob(8))").error().reason,
            "STORAGE_ERROR");
  EXPECT_TRUE(Run("UPDATE vault.secret SET bytes = x'00' WHERE id IN "
                  "(SELECT id FROM vault.secret)")
                  .has_value());
}

}  // namespace
}  // namespace fairlead::storage
