// An archive opens whole, for its keeper, or not at all.
#include "services/common/backup/archive.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "services/common/base/random.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::backup {
namespace {

namespace fs = std::filesystem;

class ArchiveTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.File(name); }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void Write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  // An archive of one file of so many bytes, and a small one.
  void Make(const std::string& contents) {
    Write(Path("source"), contents);
    auto writer = ArchiveWriter::Create(Path("archive"), key_.hub);
    ASSERT_TRUE(writer) << ToString(writer.error());
    ASSERT_TRUE((*writer)->AddBytes("manifest.json", "{}"));
    ASSERT_TRUE((*writer)->AddFile("audit.db", Path("source")));
    EXPECT_FALSE(fs::exists(Path("archive")));
    ASSERT_TRUE((*writer)->Finish());
    EXPECT_EQ(static_cast<uintmax_t>((*writer)->bytes_written()), fs::file_size(Path("archive")));
  }
  std::string ReasonOf(const KeeperKey& key) {
    fs::remove_all(Path("out"));
    fs::create_directory(Path("out"));
    const auto entries = Extract(Path("archive"), key, Path("out"));
    return entries ? "" : entries.error().reason;
  }

  testing::TempDir folder_;
  const KeeperKey key_ = GenerateKey();
};

TEST_F(ArchiveTest, GivesBackWhatWasPutIn) {
  for (const size_t size : {0U, 1U, 65'500U, 65'536U, 200'000U, 131'072U - 8 - 9 - 8 - 16 - 2}) {
    const std::string contents = SystemRandom().Bytes(size);
    fs::remove(Path("archive"));
    ASSERT_NO_FATAL_FAILURE(Make(contents));
    ASSERT_EQ(ReasonOf(key_), "") << size;
    EXPECT_EQ(Read(Path("out/audit.db")), contents);
    EXPECT_EQ(Read(Path("out/manifest.json")), "{}");
    struct stat about = {};
    ASSERT_EQ(::stat(Path("out/audit.db").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
  }
}

TEST_F(ArchiveTest, NothingOfItCanBeReadInTheFile) {
  const std::string canary = "a place nobody may know";
  ASSERT_NO_FATAL_FAILURE(Make(canary + std::string(100, 'x')));
  const std::string bytes = Read(Path("archive"));
  EXPECT_EQ(bytes.find(canary), std::string::npos);
  EXPECT_EQ(bytes.find("manifest"), std::string::npos);
}

TEST_F(ArchiveTest, CutOffAnywhereItDoesNotOpen) {
  ASSERT_NO_FATAL_FAILURE(Make(SystemRandom().Bytes(150'000)));
  const std::string whole = Read(Path("archive"));
  for (const size_t size : {size_t{0}, size_t{5}, size_t{18}, size_t{121}, size_t{122},
                            size_t{122 + 65'553}, size_t{122 + 2 * 65'553}, whole.size() - 1}) {
    Write(Path("archive"), whole.substr(0, size));
    EXPECT_EQ(ReasonOf(key_), size < 18 ? "NOT_A_BACKUP" : "BACKUP_DAMAGED") << size;
  }
}

TEST_F(ArchiveTest, AlteredAnywhereItDoesNotOpen) {
  ASSERT_NO_FATAL_FAILURE(Make(SystemRandom().Bytes(150'000)));
  const std::string whole = Read(Path("archive"));
  // The second and third chunk change places; something follows the end.
  const std::string swapped = whole.substr(0, 122 + 65'553) + whole.substr(122 + 2 * 65'553) +
                              whole.substr(122 + 65'553, 65'553);
  for (const std::string& other : {swapped, whole + "x", whole + whole}) {
    Write(Path("archive"), other);
    EXPECT_EQ(ReasonOf(key_), "BACKUP_DAMAGED");
  }
  for (size_t at = 18; at < whole.size(); at += 9'973) {
    std::string other = whole;
    other[at] = static_cast<char>(other[at] ^ 1);
    Write(Path("archive"), other);
    EXPECT_NE(ReasonOf(key_), "") << at;
  }
}

TEST_F(ArchiveTest, OpensForItsKeeperOnly) {
  ASSERT_NO_FATAL_FAILURE(Make("x"));
  EXPECT_EQ(ReasonOf(GenerateKey()), "BACKUP_KEY_WRONG");
}

// The public half is all that sealing needs: somebody else's archive is known by the origin.
TEST_F(ArchiveTest, AStrangersArchiveIsNotTaken) {
  HubKey strangers = key_.hub;
  strangers.origin = SystemRandom().Bytes(32);
  auto writer = ArchiveWriter::Create(Path("archive"), strangers);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->AddBytes("manifest.json", "{}"));
  ASSERT_TRUE((*writer)->Finish());
  EXPECT_EQ(ReasonOf(key_), "BACKUP_DAMAGED");
}

TEST_F(ArchiveTest, NoNameLeavesTheFolder) {
  auto writer = ArchiveWriter::Create(Path("archive"), key_.hub);
  ASSERT_TRUE(writer);
  for (const std::string name : {"", "../x", "/x", ".x", "a/b", "A"}) {
    EXPECT_FALSE((*writer)->AddBytes(name, "x")) << name;
  }
}

TEST_F(ArchiveTest, AnUnfinishedOneLeavesNothingAndAFinishedOneIsNotOverwritten) {
  {
    auto writer = ArchiveWriter::Create(Path("archive"), key_.hub);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->AddBytes("manifest.json", "{}"));
  }
  EXPECT_TRUE(fs::is_empty(fs::path(Path("archive")).parent_path()));
  ASSERT_NO_FATAL_FAILURE(Make("x"));
  const auto again = ArchiveWriter::Create(Path("archive"), key_.hub);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "FILE_EXISTS");
}

TEST_F(ArchiveTest, AHalfOfAKeyIsReadAsThatHalfOnly) {
  EXPECT_TRUE(ParseKeeperKey(ToJson(key_)));
  EXPECT_TRUE(ParseHubKey(ToJson(key_.hub)));
  EXPECT_EQ(ToJson(key_.hub).find("secret"), std::string::npos);
  for (const auto& refused :
       {ParseHubKey(ToJson(key_)), ParseHubKey("{}"), ParseHubKey("x"),
        ParseHubKey(R"({"type":"fairlead-backup-hub-1","public":"AA","origin":"AA"})")}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "INVALID_BACKUP_KEY");
  }
  EXPECT_FALSE(ParseKeeperKey(ToJson(key_.hub)));
}

}  // namespace
}  // namespace fairlead::backup
