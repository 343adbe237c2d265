#include "services/common/base/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "services/common/testing/temp_dir.h"

namespace fairlead {
namespace {

class PrivateFileTest : public ::testing::Test {
 protected:
  std::string At(const std::string& name) const { return folder_.File(name); }
  // What is in the folder: drafts must not stay.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename().string());
    return names;
  }
  static std::string Problem(const Result<std::string>& read) {
    if (read) return "";
    const auto found = read.error().metadata.find("problem");
    return found == read.error().metadata.end() ? read.error().reason : found->second;
  }

  testing::TempDir folder_;
};

TEST_F(PrivateFileTest, IsMadeOnceWithModeOwnerOnly) {
  const std::string path = At("key");
  EXPECT_EQ(Problem(ReadPrivateFile(path, 100)), "PRIVATE_FILE_MISSING");
  ::umask(0);
  EXPECT_TRUE(MakePrivateFile(path, "first").value());
  ::umask(022);
  EXPECT_FALSE(MakePrivateFile(path, "second").value());
  EXPECT_EQ(ReadPrivateFile(path, 100).value(), "first");
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_EQ(Names(), std::vector<std::string>{"key"});
}

TEST_F(PrivateFileTest, IsReplacedWhole) {
  const std::string path = At("key");
  ASSERT_TRUE(ReplacePrivateFile(path, "first"));
  ASSERT_TRUE(ReplacePrivateFile(path, "second"));
  EXPECT_EQ(ReadPrivateFile(path, 6).value(), "second");
  EXPECT_EQ(Problem(ReadPrivateFile(path, 5)), "too large");
  EXPECT_EQ(Names(), std::vector<std::string>{"key"});
  EXPECT_FALSE(ReplacePrivateFile(At("no/folder"), "x"));
}

TEST_F(PrivateFileTest, IsNotReadWhenOthersMay) {
  const std::string path = At("key");
  ASSERT_TRUE(MakePrivateFile(path, "secret"));
  for (const unsigned mode : {0640U, 0604U, 0620U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(Problem(ReadPrivateFile(path, 100)), "others may read it; chmod 600");
  }
  ASSERT_EQ(::symlink(path.c_str(), At("link").c_str()), 0);
  EXPECT_EQ(Problem(ReadPrivateFile(At("link"), 100)), "cannot be opened");
  EXPECT_EQ(Problem(ReadPrivateFile(folder_.path(), 100)), "not a file");
}

TEST_F(PrivateFileTest, ReadOrMadeWhateverCameFirst) {
  const std::string path = At("key");
  const auto make = [](const char* text) { return [text] { return std::string(text); }; };
  EXPECT_EQ(ReadOrMakePrivateFile(path, 100, make("one")).value(), "one");
  EXPECT_EQ(ReadOrMakePrivateFile(path, 100, make("two")).value(), "one");
  EXPECT_EQ(Problem(ReadOrMakePrivateFile(At("no/folder"), 100, make("x"))), "cannot be made");
}

}  // namespace
}  // namespace fairlead
