// Exactly once, in order: with repetitions, deaths at the worst moments, poison, and a relay that
// ends in the middle of a batch.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/events/events_fixture.h"

namespace fairlead::events {
namespace {

class DeliveryTest : public EventsTest {};
INSTANTIATE_TEST_SUITE_P(Engines, DeliveryTest, ::testing::Values(Kind::kSqlite, Kind::kPostgres),
                         KindName);

TEST_P(DeliveryTest, DeliversEachEventOnceInOrder) {
  StartRelay();
  StartConsumer();
  ProduceMany(1, 500);
  ASSERT_TRUE(ConsumerReaches(500));
  ExpectEachEffectOnce();
  EXPECT_TRUE(WaitUntil([&] { return relay_->status().published_sequence == 500; }));
  EXPECT_EQ(relay_->status().last_sequence, 500);
}

TEST_P(DeliveryTest, WhatIsRolledBackLeavesNoHole) {
  StartRelay();
  StartConsumer();
  for (int64_t value = 1; value <= 40; ++value) {
    ASSERT_TRUE(Produce(value).has_value());
    // The same value again breaks the primary key, after an event was appended before it.
    const std::function<Result<bool>(storage::Transaction&)> job =
        [value](storage::Transaction& tx) -> Result<bool> {
      outbox::Event event;
      event.id = "01890a5d-ac96-774b-bcce-b302099a8057";
      event.type = "fairlead.probe.never.v1";
      FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO produced (value) VALUES ($1)", {value}));
      return true;
    };
    ASSERT_FALSE(SyncWait(producer_->Write<bool>(job)).has_value());
  }
  ASSERT_TRUE(ConsumerReaches(40));
  ExpectEachEffectOnce();
}

TEST_P(DeliveryTest, TheEnvelopeIsACompleteCloudEvent) {
  StartRelay();
  ASSERT_TRUE(Produce(7, "subject").has_value());
  ASSERT_TRUE(WaitUntil([&] { return Stream().top == 1; }));
  v1::EventEnvelope event;
  ASSERT_TRUE(event.ParseFromString(Stream().last.envelope));
  EXPECT_TRUE(IsUuid(event.id()));
  EXPECT_EQ(event.source(), "fairlead/probe");
  EXPECT_EQ(event.type(), "fairlead.probe.happened.v1");
  EXPECT_EQ(event.subject(), "subject");
  EXPECT_EQ(event.data_schema(), "fairlead.events.v1.Probe");
  EXPECT_EQ(event.data(), "7");
  EXPECT_EQ(event.sequence(), 1);
  EXPECT_GT(event.time().seconds(), 1'600'000'000);
}

TEST_P(DeliveryTest, AppendRefusesWhatCannotBePublished) {
  const auto append = [&](const outbox::Event& event) {
    const std::function<Result<bool>(storage::Transaction&)> job =
        [event](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
      return true;
    };
    const Result<bool> appended = SyncWait(producer_->Write<bool>(job));
    return appended ? std::string("ok") : appended.error().metadata.at("field");
  };
  outbox::Event event;
  event.id = "01890a5d-ac96-774b-bcce-b302099a8057";
  event.type = "fairlead.probe.happened.v1";
  EXPECT_EQ(append(event), "ok");
  outbox::Event wrong = event;
  wrong.id = "1";
  EXPECT_EQ(append(wrong), "id");
  wrong = event;
  wrong.type.clear();
  EXPECT_EQ(append(wrong), "type");
  wrong = event;
  wrong.data = std::string(8 * 1024 + 1, 'x');
  EXPECT_EQ(append(wrong), "data");
  wrong = event;
  wrong.audience_agency_ids.assign(65, event.id);
  EXPECT_EQ(append(wrong), "audience_agency_ids");
  EXPECT_EQ(CountIn(*producer_, "SELECT count(*) FROM outbox"), 1);
}

TEST_P(DeliveryTest, AnEventIsNotAppliedTwiceWhenTheConsumerDiesBeforeItAcknowledges) {
  StartRelay();
  auto redis = Redis();
  const auto pending = [&] {
    auto reply = redis->Call({"XPENDING", StreamKey(kService), "reader"});
    return reply && !reply->IsError() ? (*reply)[0].Int() : int64_t{-1};
  };
  for (int64_t round = 0; round < 10; ++round) {
    ProduceMany(1 + round * 30, 30);
    std::atomic<bool> died{false};
    ConsumerOptions options;
    options.die_before_ack = [&](int64_t) {
      died = true;
      return true;
    };
    StartConsumer(options);
    ASSERT_TRUE(WaitUntil([&] { return died.load(); }));
    consumer_.reset();
    EXPECT_GT(pending(), 0);  // committed, not acknowledged: it will be delivered again
  }
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(300));
  ExpectEachEffectOnce();
  EXPECT_TRUE(WaitUntil([&] { return pending() == 0; }));
}

TEST_P(DeliveryTest, RedisRefusesARepeatedPublication) {
  StartRelay();
  StartConsumer();
  ProduceMany(1, 10);
  ASSERT_TRUE(ConsumerReaches(10));
  auto redis = Redis();
  auto again = redis->Call({"XADD", StreamKey(kService), "3-0", "e", "x"});
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->IsError());
  EXPECT_NE(again->Text().find("equal or smaller"), std::string_view::npos);
  ASSERT_TRUE(Produce(11).has_value());
  ASSERT_TRUE(ConsumerReaches(11));
  ExpectEachEffectOnce();
}

TEST_P(DeliveryTest, ARelayThatDiesInABatchIsContinuedByTheNext) {
  ProduceMany(1, 200);
  for (const int64_t die_at : {5, 37, 38, 120}) {
    std::atomic<bool> died{false};
    outbox::RelayOptions options = RelayDefaults();
    options.batch = 64;
    options.die_in_batch = [&](int64_t sequence) {
      if (sequence == die_at) died = true;
      return sequence >= die_at;
    };
    StartRelay(options);
    ASSERT_TRUE(WaitUntil([&] { return died.load(); })) << die_at;
    ASSERT_TRUE(WaitUntil([&] { return Stream().top == die_at - 1; })) << die_at;
    relay_.reset();
  }
  StartRelay();
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(200));
  EXPECT_TRUE(Stream().Contiguous());
  EXPECT_EQ(Stream().length, 200);
  ExpectEachEffectOnce();
}

TEST_P(DeliveryTest, StopPublishesWhatIsCommitted) {
  StartRelay();
  for (int64_t value = 1; value <= 50; ++value) ASSERT_TRUE(Produce(value).has_value());
  relay_->Stop();
  EXPECT_EQ(Stream().top, 50);
  EXPECT_EQ(relay_->status().published_sequence, 50);
}

TEST_P(DeliveryTest, APoisonEventBecomesADeadLetterAndTheOthersGoOn) {
  StartRelay();
  StartConsumer({}, [&](storage::Transaction& tx, const v1::EventEnvelope& event) -> Result<void> {
    // An effect first: it must be undone.
    FAIRLEAD_RETURN_IF_ERROR(RecordEffect(tx, event));
    if (event.data() == "13") {
      return Fail(Code::kInvalidArgument, "POISON", "no one can apply this");
    }
    return {};
  });
  ASSERT_TRUE(Produce(13).has_value());
  ASSERT_TRUE(ConsumerReaches(1));
  // What is stored: how often the handler ran says less, as the writer may run a job again.
  EXPECT_EQ(CountIn(*consumer_database_, "SELECT deliveries FROM dead_letter WHERE sequence = 1"),
            5);
  for (int64_t value = 14; value <= 30; ++value) ASSERT_TRUE(Produce(value).has_value());
  ASSERT_TRUE(ConsumerReaches(18));
  EXPECT_EQ(consumer_->status().dead_letters, 1);
  const std::vector<Effect> effects = EffectsIn(*consumer_database_);
  ASSERT_EQ(effects.size(), 17U);
  EXPECT_EQ(effects.front().value, 14);
  EXPECT_EQ(CountIn(*consumer_database_,
                    "SELECT count(*) FROM dead_letter WHERE consumer = 'reader' AND "
                    "stream = 'probe' AND sequence = 1 AND reason = 'POISON'"),
            1);
  auto dead = Redis()->Call({"XRANGE", DeadKey(kService), "-", "+"});
  ASSERT_TRUE(dead.has_value());
  ASSERT_EQ(dead->size(), 1U);
  EXPECT_EQ((*dead)[0][1].Field("reason").Text(), "POISON");
}

TEST_P(DeliveryTest, PoisonInsideABatchTakesNoOtherWithIt) {
  ProduceMany(1, 100);
  StartRelay();
  StartConsumer({}, [](storage::Transaction& tx, const v1::EventEnvelope& event) -> Result<void> {
    if (event.sequence() % 40 == 0) return Fail(Code::kInternal, "POISON", "never");
    return RecordEffect(tx, event);
  });
  ASSERT_TRUE(ConsumerReaches(100));
  EXPECT_EQ(EffectsIn(*consumer_database_).size(), 98U);
  EXPECT_EQ(consumer_->status().dead_letters, 2);
}

TEST_P(DeliveryTest, FailuresThatPassAreWaitedOut) {
  StartRelay();
  std::atomic<int> failures{0};
  StartConsumer({}, [&](storage::Transaction& tx, const v1::EventEnvelope& event) -> Result<void> {
    if (event.sequence() == 3 && failures < 8) {
      ++failures;
      return Fail(Code::kUnavailable, "NOT_NOW", "later");
    }
    return RecordEffect(tx, event);
  });
  ProduceMany(1, 6);
  ASSERT_TRUE(ConsumerReaches(6));
  EXPECT_EQ(failures.load(), 8);
  EXPECT_EQ(consumer_->status().dead_letters, 0);
  ExpectEachEffectOnce();
}

TEST_P(DeliveryTest, WhatAnotherInstanceHeldIsTakenOver) {
  StartRelay();
  // Creates the group, and another instance takes five events and is never seen again.
  StartConsumer();
  ASSERT_TRUE(WaitUntil([&] { return consumer_->status().connected; }));
  consumer_.reset();
  ProduceMany(1, 10);
  auto redis = Redis();
  ASSERT_TRUE(WaitUntil([&] { return Stream().top == 10; }));
  auto taken = redis->Call(
      {"XREADGROUP", "GROUP", "reader", "lost", "COUNT", "5", "STREAMS", StreamKey(kService), ">"});
  ASSERT_TRUE(taken.has_value());
  ConsumerOptions options;
  options.claim_idle_ms = 20;
  StartConsumer(options);
  ASSERT_TRUE(ConsumerReaches(10));
  ExpectEachEffectOnce();
  EXPECT_TRUE(WaitUntil([&] {
    auto pending = redis->Call({"XPENDING", StreamKey(kService), "reader"});
    return pending.has_value() && (*pending)[0].Int() == 0;
  }));
}

TEST_P(DeliveryTest, TwoInstancesOfOneServiceShareTheWorkWithoutRepeatingIt) {
  if (GetParam() == Kind::kSqlite) GTEST_SKIP() << "one process owns a SQLite database";
  StartRelay();
  StartConsumer();
  auto other_database = Open(consumer_url_);
  ConsumerOptions options{.name = "reader",
                          .stream = kService,
                          .redis_socket = redis_server_->socket_path(),
                          .event_key = kEventKey,
                          .instance = "2"};
  auto other = events::StartConsumer(*other_database, options, RecordEffect, SystemClock());
  ProduceMany(1, 400);
  EXPECT_TRUE(WaitUntil(
      [&] { return CountIn(*consumer_database_, "SELECT sequence FROM inbox") == 400; }));
  other.reset();
  other_database->Close();
  ExpectEachEffectOnce();
}

// The numbers follow the order in which transactions come into sight, not the order in which they
// began.
TEST_P(DeliveryTest, ATransactionThatCommitsLateComesLater) {
  if (GetParam() == Kind::kSqlite) GTEST_SKIP() << "SQLite has one writer";
  StartRelay();
  StartConsumer();
  std::promise<void> appended;
  std::promise<void> go_on;
  std::shared_future<void> may_commit = go_on.get_future().share();
  std::atomic<bool> first_try{true};
  const storage::Database::Job slow = [&](storage::Transaction& tx) -> Result<void> {
    outbox::Event event;
    event.id = "01890a5d-ac96-774b-bcce-b302099a8057";
    event.type = "fairlead.probe.happened.v1";
    event.data = "1";
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO produced (value) VALUES (1)"));
    FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
    if (first_try.exchange(false)) appended.set_value();
    may_commit.wait();
    return {};
  };
  std::promise<bool> committed;
  producer_->Write(slow, [&](Result<void> done) { committed.set_value(done.has_value()); });
  appended.get_future().wait();
  ASSERT_TRUE(Produce(2).has_value());
  ASSERT_TRUE(ConsumerReaches(1));
  go_on.set_value();
  ASSERT_TRUE(committed.get_future().get());
  ASSERT_TRUE(ConsumerReaches(2));
  const std::vector<Effect> effects = EffectsIn(*consumer_database_);
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_EQ(effects[0].value, 2);
  EXPECT_EQ(effects[1].value, 1);
  EXPECT_EQ(effects[1].sequence, 2);
}

}  // namespace
}  // namespace fairlead::events
