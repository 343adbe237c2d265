// Redis is disposable: killed, hung, emptied, erased, damaged. And what must not be healed: a
// database that was restored from a backup.
#include <gtest/gtest.h>

#include <thread>

#include "tests/events/events_fixture.h"

namespace fairlead::events {
namespace {

class HealingTest : public EventsTest {
 protected:
  // Produces single values until `disturb` returns, then sees to it that all have arrived.
  void DisturbUnderLoad(const std::function<void()>& disturb) {
    StartRelay(RelayDefaults());
    StartConsumer();
    std::atomic<bool> stop{false};
    std::atomic<int64_t> produced{0};
    std::vector<std::thread> load;
    for (int i = 0; i < 2; ++i) {
      load.emplace_back([&, i] {
        for (int64_t n = 1; !stop; ++n) {
          const Result<void> written = Produce(2 * n + i, "load-" + std::to_string(i));
          EXPECT_TRUE(written.has_value());
          ++produced;
          std::this_thread::sleep_for(std::chrono::microseconds(500));
        }
      });
    }
    disturb();
    stop = true;
    for (std::thread& thread : load) thread.join();
    ASSERT_GT(produced.load(), 0);
    ASSERT_TRUE(ConsumerReaches(produced))
        << consumer_->status().applied_sequence << " of " << produced.load();
    ExpectEachEffectOnce();
  }
  // Some more events arrive between two disturbances.
  void AwaitProgress() {
    const int64_t before = consumer_->status().applied_sequence;
    EXPECT_TRUE(WaitUntil([&] { return consumer_->status().applied_sequence > before; }))
        << "stands still at " << before;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, HealingTest, ::testing::Values(Kind::kSqlite, Kind::kPostgres),
                         KindName);

TEST_P(HealingTest, RedisKilledAndRestartedUnderLoad) {
  DisturbUnderLoad([&] {
    for (int i = 0; i < 10; ++i) {
      AwaitProgress();
      ASSERT_TRUE(redis_server_->Restart().has_value());
    }
    AwaitProgress();
  });
}

TEST_P(HealingTest, RedisErasedTwentyTimesUnderLoad) {
  DisturbUnderLoad([&] {
    for (int i = 0; i < 20; ++i) {
      AwaitProgress();
      ASSERT_TRUE(redis_server_->EraseAndRestart().has_value());
    }
    AwaitProgress();
  });
}

// The connections stay: nobody is told that everything is gone.
TEST_P(HealingTest, RedisEmptiedTwentyTimesUnderLoad) {
  DisturbUnderLoad([&] {
    for (int i = 0; i < 20; ++i) {
      AwaitProgress();
      ASSERT_TRUE(redis_server_->FlushAll().has_value());
    }
    AwaitProgress();
  });
}

TEST_P(HealingTest, RedisErasedWhileNothingHappens) {
  StartRelay(RelayDefaults());
  StartConsumer();
  ProduceMany(1, 20);
  ASSERT_TRUE(ConsumerReaches(20));
  ASSERT_TRUE(redis_server_->EraseAndRestart().has_value());
  // Republished without any new commit, for whoever reads next.
  EXPECT_TRUE(WaitUntil([&] { return Stream().length == 20; }));
  ASSERT_TRUE(Produce(21).has_value());
  ASSERT_TRUE(ConsumerReaches(21));
  ExpectEachEffectOnce();
}

TEST_P(HealingTest, RedisErasedWhileTheConsumerIsAwayAndAheadOfIt) {
  outbox::RelayOptions options = RelayDefaults();
  options.retain_entries = 0;
  StartRelay(options);
  StartConsumer();
  ProduceMany(1, 50);
  ASSERT_TRUE(ConsumerReaches(50));
  ASSERT_TRUE(WaitUntil([&] { return Stream().length == 0; }));  // all acknowledged, all trimmed
  consumer_.reset();
  ProduceMany(51, 50);
  ASSERT_TRUE(WaitUntil([&] { return Stream().top == 100; }));
  ASSERT_TRUE(redis_server_->EraseAndRestart().has_value());
  ASSERT_TRUE(WaitUntil([&] { return Stream().length == 50; }));
  EXPECT_EQ(Stream().first, 51);
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(100));
  ExpectEachEffectOnce();
}

TEST_P(HealingTest, AHungRedisIsLeftAndFoundAgain) {
  DisturbUnderLoad([&] {
    AwaitProgress();
    redis_server_->Freeze();
    EXPECT_TRUE(WaitUntil([&] { return !relay_->status().connected; }));
    EXPECT_TRUE(WaitUntil([&] { return !consumer_->status().connected; }));
    redis_server_->Thaw();
    AwaitProgress();
  });
}

TEST_P(HealingTest, AHoleInTheStreamIsNeverJumpedOver) {
  StartRelay(RelayDefaults());
  ProduceMany(1, 30);
  ASSERT_TRUE(WaitUntil([&] { return Stream().length == 30; }));
  relay_.reset();
  auto redis = Redis();
  ASSERT_TRUE(redis->Call({"XDEL", StreamKey(kService), "11-0", "12-0"}).has_value());
  StartConsumer();
  ASSERT_TRUE(WaitUntil([&] { return consumer_->status().stalled; }));
  EXPECT_EQ(consumer_->status().applied_sequence, 10);
  StartRelay(RelayDefaults());  // sees the hole, makes the stream anew
  ASSERT_TRUE(ConsumerReaches(30));
  ExpectEachEffectOnce();
  EXPECT_TRUE(WaitUntil([&] { return !consumer_->status().stalled; }));
}

TEST_P(HealingTest, EntriesLostFromTheEndArePublishedAgain) {
  StartRelay(RelayDefaults());
  ProduceMany(1, 30);
  ASSERT_TRUE(WaitUntil([&] { return Stream().length == 30; }));
  relay_.reset();
  // As an append-only file that lost its last second: entries and the top id are gone.
  auto redis = Redis();
  ASSERT_TRUE(redis->Call({"XTRIM", StreamKey(kService), "MAXLEN", "=", "30"}).has_value());
  for (int64_t sequence = 21; sequence <= 30; ++sequence) {
    ASSERT_TRUE(redis->Call({"XDEL", StreamKey(kService), EntryId(sequence)}).has_value());
  }
  auto set = redis->Call({"XSETID", StreamKey(kService), "20-0"});
  ASSERT_TRUE(set.has_value() && !set->IsError());
  StartRelay(RelayDefaults());
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(30));
  ExpectEachEffectOnce();
}

TEST_P(HealingTest, AConsumerRestoredFromABackupIsGivenTheEventsAgain) {
  outbox::RelayOptions options = RelayDefaults();
  options.retain_entries = 0;
  StartRelay(options);
  StartConsumer();
  ProduceMany(1, 60);
  ASSERT_TRUE(ConsumerReaches(60));
  ASSERT_TRUE(WaitUntil([&] { return Stream().length == 0; }));
  consumer_.reset();
  const storage::Database::Job restore = [](storage::Transaction& tx) -> Result<void> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM effect WHERE sequence > 25"));
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("UPDATE inbox SET sequence = 25"));
    return {};
  };
  std::atomic<bool> restored{false};
  consumer_database_->Write(restore, [&](Result<void> done) { restored = done.has_value(); });
  ASSERT_TRUE(WaitUntil([&] { return restored.load(); }));
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(60));
  ExpectEachEffectOnce();
}

TEST_P(HealingTest, ANewConsumerBeginsWithTheOldestEventKept) {
  outbox::RelayOptions options = RelayDefaults();
  options.retain_entries = 0;
  options.keep_ms = 0;
  // Known to the relay from its first look on: it keeps nothing for who is not.
  StartConsumer();
  ASSERT_TRUE(WaitUntil([&] { return consumer_->status().connected; }));
  StartRelay(options);
  ProduceMany(1, 40);
  ASSERT_TRUE(ConsumerReaches(40));
  // The outbox is trimmed at the first look after a start.
  ASSERT_TRUE(WaitUntil([&] { return Stream().length == 0; }));
  StartRelay(options);
  ASSERT_TRUE(WaitUntil([&] { return CountIn(*producer_, "SELECT count(*) FROM outbox") == 0; }));
  consumer_.reset();
  ProduceMany(41, 10);
  auto late_database = Open(NewUrl());
  ConsumerOptions late_options{.name = "late",
                               .stream = kService,
                               .redis_socket = redis_server_->socket_path(),
                               .event_key = kEventKey};
  auto late = events::StartConsumer(*late_database, late_options, RecordEffect, SystemClock());
  EXPECT_TRUE(WaitUntil([&] { return late->status().applied_sequence == 50; }));
  late.reset();
  const std::vector<Effect> effects = EffectsIn(*late_database);
  ASSERT_EQ(effects.size(), 10U);
  EXPECT_EQ(effects.front().sequence, 41);
  late_database->Close();
}

TEST_P(HealingTest, TrimmingNeverPassesTheSlowestGroup) {
  outbox::RelayOptions options = RelayDefaults();
  options.retain_entries = 0;
  options.keep_ms = 0;
  StartRelay(options);
  StartConsumer();
  auto slow_database = Open(NewUrl());
  ConsumerOptions slow_options{.name = "slow",
                               .stream = kService,
                               .redis_socket = redis_server_->socket_path(),
                               .event_key = kEventKey};
  auto slow = events::StartConsumer(*slow_database, slow_options, RecordEffect, SystemClock());
  ProduceMany(1, 30);
  ASSERT_TRUE(WaitUntil([&] { return slow->status().applied_sequence == 30; }));
  slow.reset();
  ProduceMany(31, 70);
  ASSERT_TRUE(ConsumerReaches(100));
  EXPECT_TRUE(WaitUntil([&] { return Stream().first == 31; }));
  // Neither does the outbox, however old its rows are; a restarted relay trims it at once.
  StartRelay(options);
  EXPECT_TRUE(
      WaitUntil([&] { return CountIn(*producer_, "SELECT min(sequence) FROM outbox") == 31; }));
  ASSERT_TRUE(Produce(101).has_value());
  ASSERT_TRUE(ConsumerReaches(101));
  EXPECT_EQ(Stream().first, 31);
  EXPECT_EQ(CountIn(*producer_, "SELECT min(sequence) FROM outbox"), 31);
  slow = events::StartConsumer(*slow_database, slow_options, RecordEffect, SystemClock());
  EXPECT_TRUE(WaitUntil([&] { return slow->status().applied_sequence == 101; }));
  EXPECT_TRUE(WaitUntil([&] { return Stream().length == 0; }));
  slow.reset();
  slow_database->Close();
}

TEST_P(HealingTest, PublishingPausesWhenAGroupIsTooFarBehind) {
  outbox::RelayOptions options = RelayDefaults();
  options.retain_entries = 0;
  options.max_stream_entries = 50;
  options.batch = 10;
  StartRelay(options);
  StartConsumer();
  ASSERT_TRUE(WaitUntil([&] { return consumer_->status().connected; }));
  ProduceMany(1, 5);
  ASSERT_TRUE(ConsumerReaches(5));
  consumer_.reset();
  ASSERT_TRUE(WaitUntil([&] { return Stream().length == 0; }));
  ProduceMany(6, 200);
  ASSERT_TRUE(WaitUntil([&] { return Stream().top >= 55; }));
  EXPECT_LE(Stream().length, 60);
  EXPECT_EQ(CountIn(*producer_, "SELECT count(*) FROM outbox"), 205);
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(205));
  ExpectEachEffectOnce();
}

TEST_P(HealingTest, ARestoredBackupStopsTheRelay) {
  StartRelay();
  ProduceMany(1, 20);
  ASSERT_TRUE(WaitUntil([&] { return relay_->status().published_sequence == 20; }));
  relay_.reset();
  producer_->Close();
  producer_ = Open(NewUrl());  // as it was before any of these events
  ProduceMany(1, 5);
  StartRelay();
  ASSERT_TRUE(WaitUntil([&] { return relay_->status().stopped_ahead; }));
  ASSERT_TRUE(Produce(6).has_value());
  relay_->Stop();
  EXPECT_EQ(Stream().top, 20);
  EXPECT_EQ(Stream().length, 20);
}

// The numbers have caught up, but they name other events.
TEST_P(HealingTest, ARestoredBackupThatHasGrownStopsTheRelay) {
  StartRelay();
  ProduceMany(1, 20);
  ASSERT_TRUE(WaitUntil([&] { return relay_->status().published_sequence == 20; }));
  relay_.reset();
  producer_->Close();
  producer_ = Open(NewUrl());
  ProduceMany(1, 30);
  StartRelay();
  ASSERT_TRUE(WaitUntil([&] { return relay_->status().stopped_ahead; }));
  relay_->Stop();
  EXPECT_EQ(Stream().top, 20);
}

TEST_P(HealingTest, ADatabaseServerKilledUnderLoadLosesAndRepeatsNothing) {
  if (GetParam() == Kind::kSqlite) GTEST_SKIP() << "SQLite has no server";
  StartRelay(RelayDefaults());
  StartConsumer();
  testing::PostgresServer* server = *testing::PostgresServer::Shared();
  std::jthread load([&](const std::stop_token& stop) {
    // An unknown outcome is not an acknowledgement: `produced` itself tells what happened.
    for (int64_t value = 1; !stop.stop_requested(); ++value) (void)Produce(value);
  });
  for (int i = 0; i < 5; ++i) {
    const int64_t before = consumer_->status().applied_sequence;
    EXPECT_TRUE(WaitUntil([&] { return consumer_->status().applied_sequence > before + 5; }));
    server->Kill9();
    const Result<void> restarted = server->Restart();
    ASSERT_TRUE(restarted.has_value()) << restarted.error().message;
  }
  load.request_stop();
  load.join();
  const auto produced = static_cast<int64_t>(ProducedIn(*producer_).size());
  ASSERT_TRUE(ConsumerReaches(produced));
  ExpectEachEffectOnce();
  EXPECT_EQ(consumer_->status().dead_letters, 0);
}

}  // namespace
}  // namespace fairlead::events
