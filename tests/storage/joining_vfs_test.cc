// The journal's writes are joined, and nobody can tell but by counting them.
#include "services/common/storage/sqlite/joining_vfs.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>

#include "services/common/testing/temp_dir.h"

namespace fairlead::storage {
namespace {

// A VFS below the one under test, which counts what reaches a journal and can make it fail.
struct Journal {
  int writes = 0;
  bool full_disk = false;
};
Journal& TheJournal() {
  static Journal journal;
  return journal;
}
const sqlite3_io_methods*& SystemMethods() {
  static const sqlite3_io_methods* methods = nullptr;
  return methods;
}

sqlite3_vfs* System() {
  static sqlite3_vfs* const system = sqlite3_vfs_find("unix-excl");
  return system;
}

int CountedWrite(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  ++TheJournal().writes;
  return TheJournal().full_disk ? SQLITE_FULL
                                : SystemMethods()->xWrite(file, bytes, count, offset);
}

int CountedOpen(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* system = System();
  const int code = system->xOpen(system, path, file, flags, out_flags);
  if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
  SystemMethods() = file->pMethods;
  static sqlite3_io_methods counted;
  counted = *file->pMethods;
  counted.xWrite = CountedWrite;
  file->pMethods = &counted;
  return code;
}

using Handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

class JoiningVfsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    static sqlite3_vfs counting = *System();  // by the same name, so that it is found instead
    counting.xOpen = CountedOpen;
    ASSERT_EQ(sqlite3_vfs_register(&counting, 1), SQLITE_OK);
    ASSERT_NE(JoiningVfs(), nullptr);
  }
  void SetUp() override { TheJournal() = Journal(); }

  static Handle Open(const std::string& path, const char* vfs) {
    sqlite3* db = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    EXPECT_EQ(sqlite3_open_v2(path.c_str(), &db, flags, vfs), SQLITE_OK);
    return Handle(db, &sqlite3_close);
  }
  static int Run(const Handle& db, const std::string& sql) {
    return sqlite3_exec(db.get(), sql.c_str(), nullptr, nullptr, nullptr);
  }
  static std::string Ask(const Handle& db, const std::string& sql) {
    std::string answer;
    const auto keep = [](void* to, int, char** columns, char**) {
      *static_cast<std::string*>(to) = columns[0];
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db.get(), sql.c_str(), keep, &answer, nullptr), SQLITE_OK);
    return answer;
  }
  // A writer as the product's: every checkpoint is asked for.
  Handle Writer(const std::string& synchronous) {
    Handle db = Open(path_, JoiningVfs());
    EXPECT_EQ(Run(db, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
                      "PRAGMA synchronous = " + synchronous +
                      "; CREATE TABLE t (id INTEGER PRIMARY KEY, bytes BLOB)"), SQLITE_OK);
    return db;
  }
  static std::string Rows(int count) {
    return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
           std::to_string(count) + ") INSERT INTO t (bytes) SELECT randomblob(3000) FROM n;";
  }
  // What another process would find now, should this one be killed.
  std::string AfterAKill(const std::string& sql) {
    const testing::TempDir elsewhere;
    const std::string copy = elsewhere.path() + "/copy.db";
    std::filesystem::copy_file(path_, copy);
    std::filesystem::copy_file(path_ + "-wal", copy + "-wal");
    return Ask(Open(copy, "unix"), sql);
  }

  const testing::TempDir folder_;
  const std::string path_ = folder_.path() + "/t.db";
};

TEST_F(JoiningVfsTest, ACommitIsWrittenInOnePiece) {
  const Handle db = Writer("FULL");
  ASSERT_EQ(Run(db, Rows(10)), SQLITE_OK);
  TheJournal().writes = 0;
  ASSERT_EQ(Run(db, Rows(20)), SQLITE_OK);
  EXPECT_EQ(TheJournal().writes, 1);
  EXPECT_EQ(AfterAKill("SELECT count(*) FROM t"), "30");
}

TEST_F(JoiningVfsTest, ALargeOneInFew) {
  const Handle db = Writer("FULL");
  TheJournal().writes = 0;
  ASSERT_EQ(Run(db, Rows(400)), SQLITE_OK);
  EXPECT_LT(TheJournal().writes, 20);  // of about 800 frames, in two pieces each
  EXPECT_EQ(AfterAKill("SELECT count(*) FROM t"), "400");
}

TEST_F(JoiningVfsTest, WhatIsCommittedIsThereForEveryoneAtOnce) {
  for (const char* synchronous : {"FULL", "NORMAL"}) {
    SCOPED_TRACE(synchronous);
    std::filesystem::remove(path_);
    const Handle db = Writer(synchronous);
    const Handle reader = Open(path_, JoiningVfs());
    for (int i = 1; i <= 40; ++i) {
      ASSERT_EQ(Run(db, Rows(3)), SQLITE_OK);
      ASSERT_EQ(Ask(reader, "SELECT count(*) FROM t"), std::to_string(3 * i));
      ASSERT_EQ(AfterAKill("SELECT count(*) FROM t"), std::to_string(3 * i));
      const bool checkpoint = i % 10 == 0;
      ASSERT_EQ(Run(db, checkpoint ? "PRAGMA wal_checkpoint(RESTART)" : ""), SQLITE_OK);
    }
    EXPECT_EQ(Ask(reader, "PRAGMA integrity_check"), "ok");
  }
}

// A transaction that outgrows its cache writes pages before its end, and reads them again.
TEST_F(JoiningVfsTest, PagesWrittenBeforeTheEndAreReadAgainAndCanBeGivenUp) {
  const Handle db = Writer("FULL");
  ASSERT_EQ(Run(db, "PRAGMA cache_size = 10"), SQLITE_OK);
  ASSERT_EQ(Run(db, Rows(20)), SQLITE_OK);
  ASSERT_EQ(Run(db, "BEGIN; " + Rows(500)), SQLITE_OK);
  EXPECT_EQ(Ask(db, "SELECT count(*) FROM t WHERE length(bytes) = 3000"), "520");
  EXPECT_EQ(AfterAKill("SELECT count(*) FROM t"), "20");
  ASSERT_EQ(Run(db, "ROLLBACK; " + Rows(1)), SQLITE_OK);
  EXPECT_EQ(AfterAKill("SELECT count(*) FROM t"), "21");
  EXPECT_EQ(AfterAKill("PRAGMA integrity_check"), "ok");
}

TEST_F(JoiningVfsTest, AWriteThatFailsFailsItsCommitAndNoOther) {
  const Handle db = Writer("NORMAL");
  ASSERT_EQ(Run(db, Rows(5)), SQLITE_OK);
  TheJournal().full_disk = true;
  EXPECT_EQ(Run(db, Rows(5)), SQLITE_FULL);
  EXPECT_EQ(AfterAKill("SELECT count(*) FROM t"), "5");
  TheJournal().full_disk = false;
  ASSERT_EQ(Run(db, Rows(2)), SQLITE_OK);
  EXPECT_EQ(AfterAKill("SELECT count(*) FROM t"), "7");
  EXPECT_EQ(AfterAKill("PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace fairlead::storage
