#include "tests/events/events_fixture.h"

namespace fairlead::events {
namespace {

IdGenerator& Ids() {
  static IdGenerator ids(SystemClock(), SystemRandom());
  return ids;
}

constexpr std::string_view kSqliteTables =
    "CREATE TABLE produced (value INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE effect (nth INTEGER PRIMARY KEY AUTOINCREMENT, sequence INTEGER NOT NULL, "
    "value INTEGER NOT NULL, event_id TEXT NOT NULL, subject TEXT NOT NULL) STRICT;";
constexpr std::string_view kPostgresTables =
    "CREATE TABLE produced (value bigint PRIMARY KEY);"
    "CREATE TABLE effect (nth bigserial PRIMARY KEY, sequence bigint NOT NULL, "
    "value bigint NOT NULL, event_id text NOT NULL, subject text NOT NULL);";

}  // namespace

const storage::Migrations& ProbeMigrations() {
  static const storage::Migrations migrations{
      "probe", {{1, "probe", kSqliteTables}}, {{1, "probe", kPostgresTables}}};
  return migrations;
}

Result<void> ProduceInto(storage::Database& database, int64_t value, const std::string& subject) {
  const std::function<Result<bool>(storage::Transaction&)> job =
      [=](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO produced (value) VALUES ($1)", {value}));
    outbox::Event event;
    event.id = Ids().New();
    event.type = "fairlead.probe.happened.v1";
    event.subject = subject;
    event.time_ms = SystemClock().NowMs();
    event.data_schema = "fairlead.events.v1.Probe";
    event.data = std::to_string(value);
    FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
    return true;
  };
  Result<bool> written = SyncWait(database.Write<bool>(job));
  if (!written) return Fail(std::move(written.error()));
  return {};
}

Result<void> RecordEffect(storage::Transaction& tx, const v1::EventEnvelope& event) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO effect (sequence, value, event_id, subject) VALUES ($1,$2,$3,$4)",
                 {event.sequence(), static_cast<int64_t>(std::stoll(event.data())), event.id(),
                  event.subject()}));
  return {};
}

std::vector<Effect> EffectsIn(storage::Database& database) {
  const std::function<Result<std::vector<Effect>>(storage::ReadTransaction&)> job =
      [](storage::ReadTransaction& tx) -> Result<std::vector<Effect>> {
    FAIRLEAD_ASSIGN(std::vector<storage::Row> rows,
                    tx.Query("SELECT sequence, value, event_id, subject FROM effect ORDER BY nth"));
    std::vector<Effect> effects;
    for (const storage::Row& row : rows) {
      effects.push_back({row.Int(0), row.Int(1), row.Text(2), row.Text(3)});
    }
    return effects;
  };
  Result<std::vector<Effect>> effects = SyncWait(database.Read<std::vector<Effect>>(job));
  EXPECT_TRUE(effects.has_value());
  return effects.value_or(std::vector<Effect>());
}

std::vector<int64_t> ProducedIn(storage::Database& database) {
  const std::function<Result<std::vector<int64_t>>(storage::ReadTransaction&)> job =
      [](storage::ReadTransaction& tx) -> Result<std::vector<int64_t>> {
    FAIRLEAD_ASSIGN(std::vector<storage::Row> rows,
                    tx.Query("SELECT value FROM produced ORDER BY value"));
    std::vector<int64_t> values;
    for (const storage::Row& row : rows) values.push_back(row.Int(0));
    return values;
  };
  Result<std::vector<int64_t>> values = SyncWait(database.Read<std::vector<int64_t>>(job));
  EXPECT_TRUE(values.has_value());
  return values.value_or(std::vector<int64_t>());
}

int64_t CountIn(storage::Database& database, const std::string& sql) {
  const std::function<Result<int64_t>(storage::ReadTransaction&)> job =
      [=](storage::ReadTransaction& tx) -> Result<int64_t> {
    FAIRLEAD_ASSIGN(std::vector<storage::Row> rows, tx.Query(sql));
    return rows.empty() ? -1 : rows[0].Int(0);
  };
  Result<int64_t> count = SyncWait(database.Read<int64_t>(job));
  EXPECT_TRUE(count.has_value()) << sql;
  return count.value_or(-1);
}

bool World::StartWorld(Kind kind) {
  kind_ = kind;
  BlockSigpipe();
  auto redis = testing::RedisServer::Start();
  EXPECT_TRUE(redis.has_value()) << ToString(redis.error());
  if (!redis) return false;
  redis_server_ = std::move(*redis);
  producer_url_ = NewUrl();
  consumer_url_ = NewUrl();
  producer_ = Open(producer_url_);
  consumer_database_ = Open(consumer_url_);
  return producer_ != nullptr && consumer_database_ != nullptr;
}

void World::StopWorld() {
  consumer_.reset();
  relay_.reset();
  if (consumer_database_) consumer_database_->Close();
  if (producer_) producer_->Close();
}

std::string World::NewUrl() {
  if (kind_ == Kind::kSqlite) {
    return "sqlite:" + folder_.File("db" + std::to_string(++databases_) + ".db");
  }
  Result<testing::PostgresServer*> server = testing::PostgresServer::Shared();
  EXPECT_TRUE(server.has_value()) << ToString(server.error());
  if (!server) return "";
  Result<std::string> url = (*server)->NewDatabase();
  EXPECT_TRUE(url.has_value()) << ToString(url.error());
  return url.value_or("");
}

std::unique_ptr<storage::Database> World::Open(const std::string& url) {
  storage::DatabaseOptions options;
  options.url = url;
  auto database = storage::OpenDatabase(
      options, {outbox::OutboxMigrations(), InboxMigrations(), ProbeMigrations()});
  EXPECT_TRUE(database.has_value()) << ToString(database.error());
  return database ? std::move(*database) : nullptr;
}

outbox::RelayOptions World::RelayDefaults() const {
  outbox::RelayOptions options;
  options.maintain_ms = 50;
  return options;
}

void World::StartRelay(outbox::RelayOptions options) {
  relay_.reset();
  options.service = kService;
  options.redis_socket = redis_server_->socket_path();
  if (options.event_key.empty()) options.event_key = kEventKey;
  relay_ = outbox::StartRelay(*producer_, std::move(options), SystemClock());
}

void World::StartConsumer(ConsumerOptions options, Apply apply) {
  consumer_.reset();
  if (options.name.empty()) options.name = "reader";
  options.stream = kService;
  options.redis_socket = redis_server_->socket_path();
  if (options.event_key.empty()) options.event_key = kEventKey;
  consumer_ = events::StartConsumer(*consumer_database_, std::move(options), std::move(apply),
                                    SystemClock());
}

void World::ProduceMany(int64_t first, int64_t count) {
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  std::atomic<int64_t> next{first};
  std::atomic<int64_t> failed{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const std::string subject = "thread-" + std::to_string(i);
      for (int64_t value = next++; value < first + count; value = next++) {
        if (!Produce(value, subject)) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed.load(), 0);
}

void World::ExpectEachEffectOnce() {
  const std::vector<int64_t> produced = ProducedIn(*producer_);
  const std::vector<Effect> effects = EffectsIn(*consumer_database_);
  ASSERT_EQ(effects.size(), produced.size());
  std::vector<int64_t> values;
  std::map<std::string, int64_t> last_of_subject;
  for (size_t i = 0; i < effects.size(); ++i) {
    ASSERT_EQ(effects[i].sequence, static_cast<int64_t>(i) + 1) << "applied out of order";
    values.push_back(effects[i].value);
    // One thread writes a subject, each value after the one before was committed.
    int64_t& last = last_of_subject[effects[i].subject];
    ASSERT_GT(effects[i].value, last) << "events of one subject changed places";
    last = effects[i].value;
  }
  std::sort(values.begin(), values.end());
  EXPECT_EQ(values, produced);
}

std::unique_ptr<RedisConnection> World::Redis() {
  auto redis = RedisConnection::Open(redis_server_->socket_path(), 5'000);
  EXPECT_TRUE(redis.has_value());
  return redis ? std::move(*redis) : nullptr;
}

StreamInfo World::Stream() {
  auto redis = Redis();
  if (!redis) return {};
  return ReadStreamInfo(*redis, StreamKey(kService)).value_or(StreamInfo());
}

std::string KindName(const ::testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::kSqlite ? "Sqlite" : "Postgres";
}

}  // namespace fairlead::events
