// What has been acknowledged is there: after SIGKILL of the writer, after SIGKILL of the server,
// and when the disk is full.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "services/common/base/random.h"
#include "services/common/testing/child_process.h"
#include "services/common/testing/wait_until.h"
#include "tests/storage/engine_test.h"

namespace fairlead::storage {
namespace {

using testing::ChildOptions;
using testing::ChildProcess;

std::string ChildProgram() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "storage_child";
}

struct Told {
  std::set<int64_t> acknowledged;
  std::vector<std::string> refused;
  bool ended = false;
};

class DurabilityTest : public EngineTest {
 protected:
  // Starts the child, lets it acknowledge `at_least` rows, then kills it `delay_us` later. What it
  // had acknowledged by then stands in the pipe and is read to the end.
  Told RunAndKill(const std::string& mode, int64_t first, size_t at_least, int64_t delay_us) {
    const ChildOptions options{
        .argv = {ChildProgram(), mode, options_.url, std::to_string(first), "1000000"},
        .log_path = folder_.File("child.log"),
        .pipe_stdout = true};
    Result<ChildProcess> child = ChildProcess::Spawn(options);
    EXPECT_TRUE(child.has_value());
    Told told;
    while (told.acknowledged.size() < at_least && ReadOne(*child, told)) {
    }
    std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
    child->Kill9();
    while (ReadOne(*child, told)) {
    }
    EXPECT_GE(told.acknowledged.size(), at_least);
    EXPECT_TRUE(told.refused.empty()) << told.refused.front();
    return told;
  }
  static bool ReadOne(ChildProcess& child, Told& told) {
    const std::optional<std::string> line = child.ReadLine(30'000);
    if (!line) return false;
    if (line->starts_with("+")) told.acknowledged.insert(std::stoll(line->substr(1)));
    if (line->starts_with("!")) told.refused.push_back(*line);
    told.ended |= *line == "end";
    return true;
  }
  std::set<int64_t> Ids(const std::string& table) {
    const Result<std::vector<Row>> rows = Select("SELECT id FROM " + table);
    EXPECT_TRUE(rows.has_value());
    std::set<int64_t> ids;
    for (const Row& row : *rows) ids.insert(std::stoll(row.Text(0)));
    return ids;
  }
  // PostgreSQL goes on for a moment with what a killed client had sent.
  int Rounds() const { return IsSqlite() ? 12 : 6; }
};
FAIRLEAD_ON_BOTH_ENGINES(DurabilityTest);

TEST_P(DurabilityTest, AcknowledgedRowsOutliveAKill) {
  SeededRandom random(20'260'101);
  std::set<int64_t> acknowledged;
  for (int round = 0; round < Rounds(); ++round) {
    const int64_t first = 1'000'000 * (round + 1);
    const Told told = RunAndKill("rows", first, 100 + random.Below(400),
                                 static_cast<int64_t>(random.Below(3'000)));
    acknowledged.insert(told.acknowledged.begin(), told.acknowledged.end());
    ASSERT_TRUE(Open());
    const std::set<int64_t> there = Ids("item");
    for (const int64_t id : acknowledged) ASSERT_TRUE(there.contains(id)) << "row " << id;
    if (IsSqlite()) {
      EXPECT_EQ((*Select("PRAGMA integrity_check"))[0].Text(0), "ok");
    }
    Close();
  }
}

// Killed between the commits of the two files, the next start brings them together again.
TEST_P(DurabilityTest, AKillNeverTearsATransactionOverTwoSchemas) {
  SeededRandom random(20'260'102);
  for (int round = 0; round < Rounds() * 2; ++round) {
    const int64_t first = 1'000'000 * (round + 1);
    const Told told = RunAndKill("vault", first, 20 + random.Below(100),
                                 static_cast<int64_t>(random.Below(4'000)));
    ASSERT_TRUE(OpenVault());
    const std::set<int64_t> logged = Ids("secret_log");
    ASSERT_EQ(logged, Ids("vault.secret"));
    for (const int64_t id : told.acknowledged) {
      const bool taken_away = id % 16 == 8;  // by row id + 8, if that one came to be
      ASSERT_TRUE(taken_away || logged.contains(id)) << "row " << id;
    }
    Close();
  }
}

// A small disk: rows are refused, none that was acknowledged is lost, and with room again it goes
// on.
TEST_P(DurabilityTest, AFullDiskRefusesAndLosesNothing) {
  if (!IsSqlite()) GTEST_SKIP() << "PostgreSQL's disk is its own server's matter";
  for (const std::string mode : {"rows", "vault"}) {
    options_.url = "sqlite:" + folder_.File(mode + ".db");
    const ChildOptions options{.argv = {ChildProgram(), mode, options_.url, "1", "3000"},
                               .log_path = folder_.File("child.log"),
                               .pipe_stdout = true,
                               .max_file_bytes = 700'000};
    Result<ChildProcess> child = ChildProcess::Spawn(options);
    ASSERT_TRUE(child.has_value());
    Told told;
    while (ReadOne(*child, told)) {
    }
    EXPECT_EQ(child->Wait(10'000), 0);
    EXPECT_TRUE(told.ended) << "it lived on";
    EXPECT_GT(told.acknowledged.size(), 10U);
    ASSERT_GT(told.refused.size(), 10U);
    for (const std::string& refused : told.refused)
      EXPECT_TRUE(refused.ends_with("STORAGE_UNAVAILABLE")) << refused;
    ASSERT_TRUE(mode == "rows" ? Open() : OpenVault());
    const std::set<int64_t> there = Ids(mode == "rows" ? "item" : "secret_log");
    for (const int64_t id : told.acknowledged)
      ASSERT_TRUE(there.contains(id) || (mode == "vault" && id % 16 == 8)) << "row " << id;
    if (mode == "vault") {
      EXPECT_EQ(there, Ids("vault.secret"));
    }
    EXPECT_TRUE(Run("INSERT INTO counter VALUES ('a', 1)").has_value());
    EXPECT_EQ((*Select("PRAGMA integrity_check"))[0].Text(0), "ok");
    Close();
  }
}

// The server is killed and started again under load: nothing acknowledged is lost, nothing is
// done twice, and the connections heal by themselves.
TEST(PostgresKillTest, TheServerDiesUnderLoadAndNothingIsLost) {
  Result<std::unique_ptr<testing::PostgresServer>> server = testing::PostgresServer::Start();
  ASSERT_TRUE(server.has_value()) << ToString(server.error());
  const Result<std::string> url = (*server)->NewDatabase();
  ASSERT_TRUE(url.has_value());
  const DatabaseOptions options{.url = *url};
  Result<std::unique_ptr<Database>> database = OpenDatabase(options, {storage_test::Migrations()});
  ASSERT_TRUE(database.has_value()) << ToString(database.error());

  std::mutex mutex;
  std::set<int64_t> acknowledged;
  std::map<std::string, int> refused;
  std::atomic<int64_t> next = 0;
  std::atomic<bool> stop = false;
  constexpr int kInFlight = 32;
  Countdown left(kInFlight);
  std::function<void()> submit = [&] {
    if (stop) return left.Done();
    const int64_t number = next++;
    const auto job = [number](Transaction& tx) -> Result<void> {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO item VALUES ($1, $2, NULL, NULL)",
                                          {std::to_string(number), number}));
      return {};
    };
    (*database)->Write(job, [&, number](const Result<void>& result) {
      {
        const std::lock_guard lock(mutex);
        if (result)
          acknowledged.insert(number);
        else
          ++refused[ToString(result.error())];
      }
      submit();
    });
  };
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return acknowledged.size();
  };
  const auto wait_for_more = [&](size_t more) {
    const size_t target = count() + more;
    return testing::WaitUntil([&] { return count() >= target; });
  };
  for (int i = 0; i < kInFlight; ++i) submit();
  for (int kill = 0; kill < 4; ++kill) {
    ASSERT_TRUE(wait_for_more(200)) << "after kill " << kill;
    (*server)->Kill9();
    const Result<void> restarted = (*server)->Restart();
    ASSERT_TRUE(restarted.has_value()) << ToString(restarted.error());
  }
  EXPECT_TRUE(wait_for_more(200));
  stop = true;
  left.Wait();
  // UNAVAILABLE is the honest answer for what was in flight; a repeat of something that had been
  // committed would show as UNIQUE_VIOLATION.
  for (const auto& [error, times] : refused)
    EXPECT_NE(error.find("STORAGE_UNAVAILABLE"), std::string::npos) << error << " × " << times;
  const Result<std::vector<Row>> rows = SyncWait((*database)->Read<std::vector<Row>>(
      [](ReadTransaction& tx) { return tx.Query("SELECT number FROM item"); }));
  ASSERT_TRUE(rows.has_value());
  std::set<int64_t> there;
  for (const Row& row : *rows) there.insert(row.Int(0));
  for (const int64_t number : acknowledged) ASSERT_TRUE(there.contains(number)) << number;
  (*database)->Close();
}

}  // namespace
}  // namespace fairlead::storage
