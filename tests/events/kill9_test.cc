// A whole process, producing, relaying and consuming at once, is killed with SIGKILL at random
// moments, and Redis is erased on the way. What it acknowledged is kept; what it did is done once.
//
// The process is this program itself, started with --child PRODUCER_URL CONSUMER_URL REDIS_SOCKET.
#include <gtest/gtest.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <iostream>
#include <thread>

#include "services/common/base/random.h"
#include "services/common/testing/child_process.h"
#include "tests/events/events_fixture.h"

namespace fairlead::events {
namespace {

constexpr int kKills = 30;
constexpr int kWriters = 4;

std::unique_ptr<storage::Database> OpenPatiently(const std::string& url) {
  storage::DatabaseOptions options;
  options.url = url;
  std::unique_ptr<storage::Database> database;
  // The lock of the process killed just before may live a moment longer.
  WaitUntil([&] {
    auto opened = storage::OpenDatabase(
        options, {outbox::OutboxMigrations(), InboxMigrations(), ProbeMigrations()});
    if (opened) database = std::move(*opened);
    return database != nullptr;
  });
  return database;
}

// Writes until it is killed; one line for each acknowledged value.
int RunChild(const std::string& producer_url, const std::string& consumer_url,
             const std::string& redis_socket) {
  auto producer = OpenPatiently(producer_url);
  auto consumer_database = OpenPatiently(consumer_url);
  if (!producer || !consumer_database) return 1;
  outbox::RelayOptions relay_options{
      .service = kService, .redis_socket = redis_socket, .event_key = kEventKey};
  relay_options.maintain_ms = 20;
  relay_options.retain_entries = 0;
  auto relay = outbox::StartRelay(*producer, relay_options, SystemClock());
  ConsumerOptions consumer_options{
      .name = "reader", .stream = kService, .redis_socket = redis_socket, .event_key = kEventKey};
  auto consumer = StartConsumer(*consumer_database, consumer_options, RecordEffect, SystemClock());
  std::atomic<int64_t> next{CountIn(*producer, "SELECT max(value) FROM produced") + 1};
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      while (true) {
        const int64_t value = next++;
        // Subjects differ: writers are not ordered among each other.
        if (!ProduceInto(*producer, value, "v" + std::to_string(value))) ::_exit(2);
        const std::string line = std::to_string(value) + "\n";
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(3);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  return 0;
}

class Kill9Test : public EventsTest {};
INSTANTIATE_TEST_SUITE_P(Engines, Kill9Test, ::testing::Values(Kind::kSqlite, Kind::kPostgres),
                         KindName);

TEST_P(Kill9Test, NothingAcknowledgedIsLostAndNothingIsDoneTwice) {
  producer_->Close();
  producer_.reset();
  consumer_database_->Close();
  consumer_database_.reset();
  SeededRandom random(20'260'131);
  std::set<int64_t> acknowledged;
  for (int kill = 0; kill < kKills; ++kill) {
    const testing::ChildOptions options{.argv = {"/proc/self/exe", "--child", producer_url_,
                                                 consumer_url_, redis_server_->socket_path()},
                                        .pipe_stdout = true};
    auto child = testing::ChildProcess::Spawn(options);
    ASSERT_TRUE(child.has_value());
    const auto die_after = std::chrono::milliseconds(random.Below(150));
    std::optional<std::string> line = child->ReadLine(30'000);
    ASSERT_TRUE(line.has_value()) << "the child wrote nothing";
    const auto die_at = std::chrono::steady_clock::now() + die_after;
    bool killed = false;
    while (line) {
      acknowledged.insert(std::stoll(*line));
      if (!killed && std::chrono::steady_clock::now() >= die_at) {
        if (kill % 5 == 4) {
          ASSERT_TRUE(redis_server_->EraseAndRestart().has_value());
        }
        child->Signal(SIGKILL);
        killed = true;
      }
      line = child->ReadLine(1'000);  // also what was still in the pipe
    }
    ASSERT_TRUE(killed) << "the child ended by itself";
    ASSERT_TRUE(child->Wait(5'000).has_value());
  }
  producer_ = OpenPatiently(producer_url_);
  consumer_database_ = OpenPatiently(consumer_url_);
  ASSERT_TRUE(producer_ && consumer_database_);
  StartRelay(RelayDefaults());
  StartConsumer();
  const std::vector<int64_t> produced = ProducedIn(*producer_);
  const std::set<int64_t> kept(produced.begin(), produced.end());
  for (const int64_t value : acknowledged) EXPECT_TRUE(kept.contains(value)) << value;
  ASSERT_TRUE(ConsumerReaches(static_cast<int64_t>(produced.size())));
  ExpectEachEffectOnce();
  EXPECT_EQ(consumer_->status().dead_letters, 0);
  std::cout << kKills << " kills, " << acknowledged.size() << " acknowledged\n";
  EXPECT_GT(acknowledged.size(), static_cast<size_t>(kKills));
}

}  // namespace
}  // namespace fairlead::events

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--child") {
    return fairlead::events::RunChild(argv[2], argv[3], argv[4]);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
