// A producing and a consuming service, each with a database of its own, and a real Redis between
// them. The consumer's effects are recorded without any constraint that would hide a repetition.
#ifndef TESTS_EVENTS_EVENTS_FIXTURE_H_
#define TESTS_EVENTS_EVENTS_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/common/base/ids.h"
#include "services/common/events/consumer.h"
#include "services/common/events/redis_connection.h"
#include "services/common/events/stream.h"
#include "services/common/outbox/outbox.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/redis_server.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/wait_until.h"

namespace fairlead::events {

using testing::WaitUntil;

enum class Kind { kSqlite, kPostgres };

inline constexpr const char* kService = "probe";
inline const std::string kEventKey = std::string(32, 'k');

// Tables of the two test services: `produced` (value) and `effect` (what was applied, in order).
const storage::Migrations& ProbeMigrations();

struct Effect {
  int64_t sequence = 0;
  int64_t value = 0;
  std::string event_id;
  std::string subject;
};

// Writes `value` and its event in one transaction.
Result<void> ProduceInto(storage::Database& database, int64_t value,
                         const std::string& subject = "s");
// The handler: records the effect.
Result<void> RecordEffect(storage::Transaction& tx, const v1::EventEnvelope& event);
std::vector<Effect> EffectsIn(storage::Database& database);
std::vector<int64_t> ProducedIn(storage::Database& database);
int64_t CountIn(storage::Database& database, const std::string& sql);

// The two services and what is between them.
class World {
 protected:
  // False when something did not start; it has said what.
  bool StartWorld(Kind kind);
  void StopWorld();

  // A new, empty database of the engine under test.
  std::string NewUrl();
  std::unique_ptr<storage::Database> Open(const std::string& url);

  void StartRelay(outbox::RelayOptions options = {});
  void StartConsumer(ConsumerOptions options = {}, Apply apply = RecordEffect);
  outbox::RelayOptions RelayDefaults() const;

  Result<void> Produce(int64_t value, const std::string& subject = "s") {
    return ProduceInto(*producer_, value, subject);
  }
  // `count` values from `first` on, many in flight. All must succeed.
  void ProduceMany(int64_t first, int64_t count);

  bool ConsumerReaches(int64_t sequence, int64_t timeout_ms = 30'000) {
    return WaitUntil([&] { return consumer_->status().applied_sequence >= sequence; }, timeout_ms);
  }
  // Every value produced had its effect exactly once, in the order of sequences 1, 2, 3, …
  void ExpectEachEffectOnce();

  // A connection of the test's own.
  std::unique_ptr<RedisConnection> Redis();
  StreamInfo Stream();

  Kind kind_ = Kind::kSqlite;
  std::unique_ptr<testing::RedisServer> redis_server_;
  testing::TempDir folder_;
  std::string producer_url_;
  std::string consumer_url_;
  std::unique_ptr<storage::Database> producer_;
  std::unique_ptr<storage::Database> consumer_database_;
  std::unique_ptr<outbox::Relay> relay_;
  std::unique_ptr<Consumer> consumer_;
  int databases_ = 0;
};

class EventsTest : public ::testing::TestWithParam<Kind>, protected World {
 protected:
  void SetUp() override { ASSERT_TRUE(StartWorld(GetParam())); }
  void TearDown() override { StopWorld(); }
};

std::string KindName(const ::testing::TestParamInfo<Kind>& info);

}  // namespace fairlead::events

#endif  // TESTS_EVENTS_EVENTS_FIXTURE_H_
