// Rows a second of the storage layer: a 1 KiB row with two indexes and an outbox row, in one
// durable transaction each, closed loop.
//
//   storage_bench [--postgres | --url URL] [--seconds N] [IN_FLIGHT…]
//
// Without a url: a SQLite file in a temporary folder; with --postgres a server of its own.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "services/common/base/ids.h"
#include "services/common/storage/database.h"
#include "services/common/testing/temp_dir.h"
#include "tests/storage/engine_test.h"

namespace fairlead::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;

Migrations BenchMigrations() {
  constexpr std::string_view kSqlite =
      "CREATE TABLE referral (id TEXT PRIMARY KEY, agency TEXT NOT NULL, state TEXT NOT NULL, "
      "created_ms INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
      "CREATE INDEX referral_by_agency ON referral (agency, created_ms);"
      "CREATE INDEX referral_by_state ON referral (state, created_ms);"
      "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, event BLOB NOT NULL) STRICT;";
  constexpr std::string_view kPostgres =
      "CREATE TABLE referral (id TEXT PRIMARY KEY, agency TEXT NOT NULL, state TEXT NOT NULL, "
      "created_ms BIGINT NOT NULL, body BYTEA NOT NULL);"
      "CREATE INDEX referral_by_agency ON referral (agency, created_ms);"
      "CREATE INDEX referral_by_state ON referral (state, created_ms);"
      "CREATE TABLE outbox (seq BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY, event BYTEA NOT "
      "NULL);";
  return Migrations{"bench", {{1, "tables", kSqlite}}, {{1, "tables", kPostgres}}};
}

struct Lane {
  SteadyClock::time_point sent = {};
  std::vector<double> latencies_ms = {};
};

class Bench {
 public:
  Bench(Database& database, int in_flight, int seconds)
      : database_(database), lanes_(static_cast<size_t>(in_flight)), left_(in_flight) {
    end_ = SteadyClock::now() + std::chrono::seconds(seconds);
  }
  void Run() {
    const auto start = SteadyClock::now();
    for (Lane& lane : lanes_) Submit(lane);
    left_.Wait();
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
    std::vector<double> all;
    for (const Lane& lane : lanes_)
      all.insert(all.end(), lane.latencies_ms.begin(), lane.latencies_ms.end());
    std::sort(all.begin(), all.end());
    const auto percentile = [&all](double p) {
      return all[std::min(all.size() - 1,
                          static_cast<size_t>(p * static_cast<double>(all.size())))];
    };
    std::printf(
        "in flight %3zu: %8.0f rows/s  p50 %6.2f ms  p99 %6.2f ms  p99.9 %6.2f ms  errors %d\n",
        lanes_.size(), static_cast<double>(all.size()) / seconds, percentile(0.5), percentile(0.99),
        percentile(0.999), errors_.load());
    std::fflush(stdout);
  }

 private:
  void Submit(Lane& lane) {
    lane.sent = SteadyClock::now();
    if (lane.sent >= end_) return left_.Done();
    const auto job = [this, id = ids_.New()](Transaction& tx) -> Result<void> {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
          "INSERT INTO referral (id, agency, state, created_ms, body) VALUES ($1, $2, $3, $4, $5)",
          {id, "agency-7", "sent", int64_t{1'700'000'000'000}, Blob{body_}}));
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO outbox (event) VALUES ($1)", {Blob{event_}}));
      return {};
    };
    database_.Write(job, [this, &lane](const Result<void>& result) {
      errors_ += !result;
      lane.latencies_ms.push_back(
          std::chrono::duration<double, std::milli>(SteadyClock::now() - lane.sent).count());
      Submit(lane);
    });
  }

  Database& database_;
  std::vector<Lane> lanes_;
  Countdown left_;
  SteadyClock::time_point end_;
  IdGenerator ids_{SystemClock(), SystemRandom()};
  std::string body_ = std::string(1024, 'b');
  std::string event_ = std::string(160, 'e');
  std::atomic<int> errors_ = 0;
};

}  // namespace
}  // namespace fairlead::storage

int main(int argc, char** argv) {
  using fairlead::Result;
  using namespace fairlead::storage;
  const fairlead::testing::TempDir folder;
  DatabaseOptions options{.url = "sqlite:" + folder.File("bench.db")};
  int seconds = 5;
  std::vector<int> loads;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--postgres") {
      // One that flushes, as people's does; it ends with the program.
      static const auto server = fairlead::testing::PostgresServer::Start();
      const Result<std::string> url =
          server ? (*server)->NewDatabase() : Result<std::string>(fairlead::Fail(server.error()));
      if (!url) {
        std::fprintf(stderr, "%s\n", ToString(url.error()).c_str());
        return 1;
      }
      options.url = *url;
    } else if (word == "--url" && i + 1 < argc)
      options.url = argv[++i];
    else if (word == "--seconds" && i + 1 < argc)
      seconds = std::atoi(argv[++i]);
    else
      loads.push_back(std::atoi(word.c_str()));
  }
  if (loads.empty()) loads = {1, 16, 64};
  Result<std::unique_ptr<Database>> database = OpenDatabase(options, {BenchMigrations()});
  if (!database) {
    std::fprintf(stderr, "%s\n", ToString(database.error()).c_str());
    return 1;
  }
  for (const int load : loads) Bench(**database, std::max(load, 1), seconds).Run();
  (*database)->Close();
  return 0;
}
