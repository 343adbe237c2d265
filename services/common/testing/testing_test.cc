// The fixtures themselves: what a test asks of them holds.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "services/common/testing/child_process.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/redis_server.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::testing {
namespace {

TEST(TempDirTest, IsPrivateAndGoesAway) {
  std::string path;
  {
    const TempDir folder;
    path = folder.path();
    std::ofstream(folder.File("a")) << "x";
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    EXPECT_TRUE(std::filesystem::exists(folder.File("a")));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ChildProcessTest, GivesExitCodesAndOutput) {
  const ChildOptions options{.argv = {"sh", "-c", "read x; echo \"<$x>\"; exit 3"},
                             .pipe_stdout = true,
                             .pipe_stdin = true};
  Result<ChildProcess> child = ChildProcess::Spawn(options);
  ASSERT_TRUE(child.has_value());
  EXPECT_TRUE(child->WriteInput("hello\n"));
  EXPECT_EQ(child->ReadLine(5'000), "<hello>");
  EXPECT_EQ(child->Wait(5'000), 3);
  EXPECT_FALSE(child->Running());
}

TEST(ChildProcessTest, KillsForCertain) {
  const ChildOptions options{.argv = {"sh", "-c", "trap '' TERM; echo up; sleep 60"},
                             .pipe_stdout = true};
  Result<ChildProcess> child = ChildProcess::Spawn(options);
  ASSERT_TRUE(child.has_value());
  ASSERT_EQ(child->ReadLine(5'000), "up");
  child->Signal(SIGTERM);
  EXPECT_EQ(child->Wait(50).error().reason, "CHILD_STILL_RUNNING");
  child->Kill9();
  EXPECT_EQ(child->Wait(0), 128 + SIGKILL);
}

TEST(ChildProcessTest, AMissingProgramEndsWith127) {
  const ChildOptions options{.argv = {"/no/such/program"}};
  Result<ChildProcess> child = ChildProcess::Spawn(options);
  ASSERT_TRUE(child.has_value());
  EXPECT_EQ(child->Wait(5'000), 127);
}

TEST(RedisServerTest, StartsDiesAndComesBack) {
  Result<std::unique_ptr<RedisServer>> redis = RedisServer::Start();
  ASSERT_TRUE(redis.has_value()) << ToString(redis.error());
  EXPECT_TRUE((*redis)->FlushAll().has_value());
  (*redis)->Kill9();
  EXPECT_FALSE((*redis)->Running());
  EXPECT_EQ((*redis)->FlushAll().error().reason, "REDIS_NOT_FLUSHED");
  ASSERT_TRUE((*redis)->Restart().has_value());
  EXPECT_TRUE((*redis)->Running());
  ASSERT_TRUE(std::filesystem::exists((*redis)->folder() + "/appendonlydir"));
  ASSERT_TRUE((*redis)->EraseAndRestart().has_value());
  EXPECT_TRUE((*redis)->FlushAll().has_value());
}

TEST(PostgresServerTest, StartsDiesAndComesBack) {
  Result<std::unique_ptr<PostgresServer>> server = PostgresServer::Start();
  ASSERT_TRUE(server.has_value()) << ToString(server.error());
  const Result<std::string> first = (*server)->NewDatabase();
  const Result<std::string> second = (*server)->NewDatabase();
  ASSERT_TRUE(first.has_value()) << ToString(first.error());
  ASSERT_TRUE(second.has_value()) << ToString(second.error());
  EXPECT_NE(*first, *second);
  (*server)->Kill9();
  EXPECT_FALSE((*server)->Running());
  EXPECT_FALSE((*server)->NewDatabase().has_value());
  const Result<void> restarted = (*server)->Restart();
  ASSERT_TRUE(restarted.has_value()) << ToString(restarted.error());
  EXPECT_TRUE((*server)->NewDatabase().has_value());
}

}  // namespace
}  // namespace fairlead::testing
