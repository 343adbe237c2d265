// Wherever the power fails while a backup takes the place of what is there, the next start finishes
// it: all new, with the old ones aside.
#include "services/hub/restore.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "services/common/backup/archive.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::hub {
namespace {

namespace fs = std::filesystem;

class RestoreTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  static void Write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void SetUp() override {
    for (const char* name : {"audit.db", "audit.db-wal", "audit.db-shm", "consent.db",
                             "consent-custody.db", "referral.db"}) {
      Write(Path(name), std::string("old ") + name);
    }
    fs::create_directory(Path("restore.ready"));
    Write(Path("restore.ready/manifest.json"),
          ToJson(Manifest{.create_ms = 1, .services = {"audit", "consent"}}));
    fs::create_directory(Path("keys"));
    Write(Path("restore.ready/replaced"), "replaced-then");
    Write(Path("restore.ready/audit.db"), "new audit");
    Write(Path("restore.ready/consent.db"), "new consent");
  }
  Result<void> Finish() {
    FAIRLEAD_ASSIGN(const DatabaseLocks locks, DatabaseLocks::Take(folder_.path()));
    return FinishRestore(folder_.path(), locks);
  }
  void ExpectFinished() {
    EXPECT_EQ(Read(Path("audit.db")), "new audit");
    EXPECT_EQ(Read(Path("consent.db")), "new consent");
    EXPECT_FALSE(fs::exists(Path("audit.db-wal"))) << "it would be read as the new one's";
    EXPECT_FALSE(fs::exists(Path("audit.db-shm")));
    EXPECT_EQ(Read(Path("consent-custody.db")), "old consent-custody.db");
    EXPECT_EQ(Read(Path("referral.db")), "old referral.db") << "it was not in the backup";
    EXPECT_EQ(Read(Path("replaced-then/audit.db")), "old audit.db");
    EXPECT_EQ(Read(Path("replaced-then/audit.db-wal")), "old audit.db-wal");
    EXPECT_EQ(Read(Path("replaced-then/consent.db")), "old consent.db");
    EXPECT_TRUE(IsAfterRestore(folder_.path(), "audit"));
    EXPECT_TRUE(IsAfterRestore(folder_.path(), "consent"));
    EXPECT_EQ(ReplacedFolder(folder_.path(), "audit").value_or(""), Path("replaced-then"));
    EXPECT_EQ(ReplacedFolder(folder_.path(), "referral").value_or("?"), "");
    EXPECT_NE(EventEpoch(folder_.path()).value_or(""), "");
    EXPECT_FALSE(IsAfterRestore(folder_.path(), "referral"));
    EXPECT_FALSE(IsRestoreUnfinished(folder_.path()));
    EXPECT_FALSE(fs::exists(Path("restore.staging")));
  }
  testing::TempDir folder_;
};

TEST_F(RestoreTest, IsFinishedAtTheNextStart) {
  ASSERT_TRUE(Finish());
  ExpectFinished();
  StartedAfterRestore(folder_.path(), "audit");
  EXPECT_FALSE(IsAfterRestore(folder_.path(), "audit"));
  EXPECT_TRUE(IsAfterRestore(folder_.path(), "consent"));
  ASSERT_TRUE(Finish()) << "there is nothing to finish";
}

// The steps that a restore makes, up to each of them.
TEST_F(RestoreTest, AlsoWhenItWasCutShortAnywhere) {
  const std::vector<std::pair<std::string, std::string>> steps = {
      {"audit.db-wal", "replaced-then/audit.db-wal"},
      {"audit.db-shm", "replaced-then/audit.db-shm"},
      {"audit.db", "replaced-then/audit.db"},
      {"", "restored/audit"},
      {"restore.ready/audit.db", "audit.db"},
      {"consent.db", "replaced-then/consent.db"},
      {"", "restored/consent"},
      {"restore.ready/consent.db", "consent.db"},
  };
  for (size_t made = 0; made <= steps.size(); ++made) {
    SCOPED_TRACE(made);
    for (const auto& entry : fs::directory_iterator(folder_.path())) fs::remove_all(entry);
    SetUp();
    fs::create_directory(Path("replaced-then"));
    fs::create_directory(Path("restored"));
    for (size_t i = 0; i < made; ++i) {
      if (steps[i].first.empty()) {
        Write(Path(steps[i].second), "replaced-then");
      } else {
        fs::rename(Path(steps[i].first), Path(steps[i].second));
      }
    }
    ASSERT_TRUE(IsRestoreUnfinished(folder_.path()));
    ASSERT_TRUE(Finish());
    ExpectFinished();
  }
}

// The wrong backup, then the right one, and only then a start: what was never started on has
// nothing to hand over, and what was served before has.
TEST_F(RestoreTest, ASecondOneBeforeTheStartStillPointsToWhatWasServed) {
  ASSERT_TRUE(Finish());
  fs::create_directory(Path("restore.ready"));
  Write(Path("restore.ready/manifest.json"),
        ToJson(Manifest{.create_ms = 1, .services = {"audit"}}));
  Write(Path("restore.ready/replaced"), "replaced-later");
  Write(Path("restore.ready/audit.db"), "newer audit");
  ASSERT_TRUE(Finish());
  EXPECT_EQ(Read(Path("audit.db")), "newer audit");
  EXPECT_EQ(ReplacedFolder(folder_.path(), "audit").value_or(""), Path("replaced-then"));
}

// Whoever has a database open holds its lock.
TEST_F(RestoreTest, NothingIsMovedUnderSomebodyWhoHasItOpen) {
  const auto held = DatabaseLocks::Take(folder_.path());
  ASSERT_TRUE(held);
  const Result<void> refused = Finish();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "DATA_FOLDER_IN_USE");
  EXPECT_EQ(Read(Path("audit.db")), "old audit.db");
}

// Which keys are still to be destroyed stands in there: unread, none is kept.
TEST_F(RestoreTest, CustodyGoesWhenTheDatabaseOfBeforeCannotBeRead) {
  fs::rename(Path("restore.ready"), Path("restore.staging"));
  fs::remove(Path("restore.staging/replaced"));
  const auto locks = DatabaseLocks::Take(folder_.path());
  ASSERT_TRUE(locks);
  ASSERT_TRUE(CommitRestore(folder_.path(), *locks));
  EXPECT_EQ(Read(Path("audit.db")), "new audit");
  EXPECT_FALSE(fs::exists(Path("consent-custody.db")));
}

TEST_F(RestoreTest, WhatWasPutBackByOtherMeansIsMarkedToo) {
  fs::remove_all(Path("restore.ready"));
  EXPECT_EQ(EventEpoch(folder_.path()).value_or("?"), "");
  ASSERT_TRUE(MarkRestored(folder_.path()));
  EXPECT_TRUE(IsAfterRestore(folder_.path(), "identity"));
  EXPECT_EQ(ReplacedFolder(folder_.path(), "identity").value_or("?"), "");
  const std::string epoch = EventEpoch(folder_.path()).value_or("");
  EXPECT_FALSE(epoch.empty());
  ASSERT_TRUE(MarkRestored(folder_.path()));
  EXPECT_NE(EventEpoch(folder_.path()).value_or(""), epoch);
}

TEST_F(RestoreTest, WhatIsNoDatabaseIsNotPutBack) {
  fs::remove_all(Path("restore.ready"));
  const backup::KeeperKey key = backup::GenerateKey();
  const std::vector<std::string> services = {"audit",    "consent",   "directory",
                                             "identity", "messaging", "referral"};
  const auto pack = [&](const std::string& manifest, const std::string& contents) {
    fs::remove(Path("archive"));
    auto writer = backup::ArchiveWriter::Create(Path("archive"), key.hub);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->AddBytes(kManifestName, manifest));
    for (const std::string& service : services) {
      ASSERT_TRUE((*writer)->AddBytes(service + ".db", contents));
    }
    ASSERT_TRUE((*writer)->Finish());
  };
  const auto reason = [&] {
    const auto staged = StageRestore(Path("archive"), key, folder_.path());
    return staged ? "ok" : staged.error().reason;
  };
  const std::string good = ToJson(Manifest{.create_ms = 1, .services = services});
  pack(good, "no database");
  EXPECT_EQ(reason(), "DATABASE_DAMAGED");
  pack(good, "");
  EXPECT_EQ(reason(), "DATABASE_DAMAGED");
  for (const char* manifest :
       {"", "{}", R"({"create_ms":1,"services":[]})", R"({"create_ms":1,"services":["../x"]})",
        R"({"create_ms":1,"services":["audit","consent"]})",
        R"({"create_ms":1,"services":["audit","consent","directory","identity","identity"]})"}) {
    pack(manifest, "x");
    EXPECT_EQ(reason(), "BACKUP_DAMAGED") << manifest;
  }
  DropStaged(folder_.path());
  EXPECT_EQ(Read(Path("audit.db")), "old audit.db");
}

}  // namespace
}  // namespace fairlead::hub
