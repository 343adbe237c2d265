// Somebody else writes to Redis: without the hub's key they can hold events up, and no more.
#include <gmock/gmock.h>

#include "services/common/events/entry_mac.h"
#include "services/common/telemetry/metrics.h"
#include "tests/events/events_fixture.h"

namespace fairlead::events {
namespace {

class ForgeryTest : public EventsTest {
 protected:
  void Publish(int64_t first, int64_t count) {
    ProduceMany(first, count);
    ASSERT_TRUE(WaitUntil([&] { return Stream().top == first + count - 1; }));
  }
  std::vector<Entry> Entries() {
    auto reply = Redis()->Call({"XRANGE", StreamKey(kService), "-", "+"});
    EXPECT_TRUE(reply.has_value());
    return reply ? ParseEntries(*reply) : std::vector<Entry>();
  }
  // As whoever can reach Redis would. An entry without a MAC when `mac` is empty.
  void Add(int64_t sequence, const std::string& envelope, const std::string& mac,
           const std::string& service = kService) {
    const std::string key = StreamKey(service);
    const std::string id = EntryId(sequence);
    std::vector<std::string_view> command{"XADD", key, id, "e", envelope};
    if (!mac.empty()) command.insert(command.end(), {"m", mac});
    auto added = Redis()->Call(command);
    ASSERT_TRUE(added.has_value() && !added->IsError()) << added->Text();
  }
  void Erase() { ASSERT_TRUE(Redis()->Call({"FLUSHALL"}).has_value()); }
  // An event that says what never happened: of the right form, at the right place.
  static std::string Invented(const Entry& like, int64_t sequence) {
    v1::EventEnvelope event;
    EXPECT_TRUE(event.ParseFromString(like.envelope));
    event.set_sequence(sequence);
    event.set_subject("forged");
    return event.SerializeAsString();
  }
  // Looked at, and not for want of a look left alone. Of all tests of the process together.
  static int64_t CountDropped(const std::string& service) {
    const std::string text = telemetry::Metrics::Process().Exposition();
    const std::string name =
        "fairlead_events_not_authentic_total{stream=\"" + StreamKey(service) + "\"} ";
    const size_t at = text.find(name);
    return at == std::string::npos ? 0 : std::stoll(text.substr(at + name.size()));
  }
  bool Dropped(const std::string& service = kService) {
    return WaitUntil([&] { return CountDropped(service) > dropped_before_[service]; });
  }
  // Waits for the true events, and has taken nothing else for one.
  void ExpectHeldAt(int64_t sequence) {
    EXPECT_TRUE(WaitUntil([&] { return consumer_->status().stalled; }));
    EXPECT_EQ(consumer_->status().applied_sequence, sequence);
    EXPECT_EQ(consumer_->status().dead_letters, 0);
    for (const Effect& effect : EffectsIn(*consumer_database_)) EXPECT_NE(effect.subject, "forged");
  }

  std::map<std::string, int64_t> dropped_before_ = {{kService, CountDropped(kService)},
                                                    {"elsewhere", CountDropped("elsewhere")}};
};

TEST_P(ForgeryTest, AnEntryWithoutAMacIsNotApplied) {
  StartRelay(RelayDefaults());
  Publish(1, 5);
  relay_.reset();
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(5));
  Add(6, Invented(Entries().back(), 6), "");
  EXPECT_TRUE(Dropped());
  ExpectHeldAt(5);
  // The true event of that number is not lost: the relay puts the stream right.
  StartRelay(RelayDefaults());
  ASSERT_TRUE(Produce(6).has_value());
  ASSERT_TRUE(ConsumerReaches(6));
  ExpectEachEffectOnce();
  EXPECT_FALSE(relay_->status().stopped_ahead);
}

TEST_P(ForgeryTest, AnEntryWithAMacOfAnotherKeyIsNotApplied) {
  StartRelay(RelayDefaults());
  Publish(1, 5);
  relay_.reset();
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(5));
  const std::string invented = Invented(Entries().back(), 6);
  EntryMac guessed(std::string(32, 'g'), kService);
  Add(6, invented, guessed.Make(6, invented));
  ExpectHeldAt(5);
  const std::string right = EntryMac(kEventKey, kService).Make(6, invented);
  EXPECT_TRUE(EntryMac(kEventKey, kService).Fits({6, invented, right}));
  for (size_t bit = 0; bit < right.size() * 8; ++bit) {
    std::string wrong = right;
    wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(EntryMac(kEventKey, kService).Fits({6, invented, wrong})) << bit;
  }
  EXPECT_FALSE(EntryMac(kEventKey, kService).Fits({6, invented, right.substr(0, 16)}));
}

// While everything runs: at a number that is still to come, far ahead, again and again.
TEST_P(ForgeryTest, ForgedEntriesHoldNothingUpForLong) {
  StartRelay(RelayDefaults());
  StartConsumer();
  Publish(1, 5);
  ASSERT_TRUE(ConsumerReaches(5));
  const std::string invented = Invented(Entries().back(), 6);
  for (int64_t round = 0; round < 5; ++round) {
    const int64_t last = 5 + round * 10;
    Add(last + (round % 2 == 0 ? 1 : 1'000'000), invented, "");
    ProduceMany(last + 1, 10);
    ASSERT_TRUE(ConsumerReaches(last + 10)) << round;
  }
  ExpectEachEffectOnce();
  EXPECT_FALSE(relay_->status().stopped_ahead);
  EXPECT_EQ(consumer_->status().dead_letters, 0);
}

TEST_P(ForgeryTest, AnAlteredEntryIsNotApplied) {
  StartRelay(RelayDefaults());
  Publish(1, 10);
  relay_.reset();
  const std::vector<Entry> entries = Entries();
  ASSERT_EQ(entries.size(), 10U);
  Erase();
  for (const Entry& entry : entries) {
    Add(entry.sequence, entry.sequence == 7 ? Invented(entry, 7) : entry.envelope, entry.mac);
  }
  StartConsumer();
  ExpectHeldAt(6);
  // Its top is a true one: the relay looks where the consumer misses something.
  StartRelay(RelayDefaults());
  ASSERT_TRUE(ConsumerReaches(10));
  ExpectEachEffectOnce();
}

TEST_P(ForgeryTest, AnEntryMovedToAnotherPlaceIsNotApplied) {
  StartRelay(RelayDefaults());
  Publish(1, 5);
  relay_.reset();
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(5));
  const Entry third = Entries()[2];
  Add(6, third.envelope, third.mac);
  ExpectHeldAt(5);
  EXPECT_FALSE(EntryMac(kEventKey, kService).Fits({6, third.envelope, third.mac}));
  EXPECT_TRUE(EntryMac(kEventKey, kService).Fits(third));
}

TEST_P(ForgeryTest, AnEntryMovedToAnotherStreamIsNotApplied) {
  StartRelay(RelayDefaults());
  Publish(1, 1);
  relay_.reset();
  const Entry entry = Entries().front();
  Add(1, entry.envelope, entry.mac, "elsewhere");
  ConsumerOptions options{.name = "reader",
                          .stream = "elsewhere",
                          .redis_socket = redis_server_->socket_path(),
                          .event_key = kEventKey};
  consumer_ = events::StartConsumer(*consumer_database_, options, RecordEffect, SystemClock());
  EXPECT_TRUE(Dropped("elsewhere"));
  ExpectHeldAt(0);
  EXPECT_TRUE(EffectsIn(*consumer_database_).empty());
}

TEST_P(ForgeryTest, AReplayedStreamHasNoSecondEffect) {
  StartRelay(RelayDefaults());
  StartConsumer();
  Publish(1, 5);
  ASSERT_TRUE(ConsumerReaches(5));
  relay_.reset();
  const std::vector<Entry> entries = Entries();
  Erase();
  for (const Entry& entry : entries) Add(entry.sequence, entry.envelope, entry.mac);
  StartRelay(RelayDefaults());
  ASSERT_TRUE(Produce(6).has_value());
  ASSERT_TRUE(ConsumerReaches(6));
  ExpectEachEffectOnce();
}

// A consumer that has applied nothing yet begins where the relay says that its events begin.
TEST_P(ForgeryTest, OnlyTheRelaySaysThatOlderEventsAreGone) {
  StartRelay(RelayDefaults());
  Publish(1, 5);
  relay_.reset();
  auto redis = Redis();
  ASSERT_TRUE(redis->Call({"XTRIM", StreamKey(kService), "MAXLEN", "=", "2"}).has_value());
  for (const std::string& mac : {std::string(), std::string(32, 'm'), Entries().front().mac}) {
    ASSERT_TRUE(redis->Call({"HSET", NeedKey(kService), kOldestField, "4", kOldestMacField, mac})
                    .has_value());
    StartConsumer();
    ExpectHeldAt(0);
  }
  StartRelay(RelayDefaults());
  ASSERT_TRUE(ConsumerReaches(5));
  ExpectEachEffectOnce();
}

// Made by the program of before, or under a key that is lost: the outbox has them all.
// Asked for the middle of what it has, after an erasure: it gives that, and does not say that what
// is older is gone. A consumer that begins then has all of it.
TEST_P(ForgeryTest, WhatIsAskedForDoesNotMakeOlderEventsGone) {
  StartRelay(RelayDefaults());
  Publish(1, 20);
  Erase();
  ASSERT_TRUE(Redis()->Call({"HSET", NeedKey(kService), "somebody", "12"}).has_value());
  ASSERT_TRUE(WaitUntil([&] { return Stream().top == 20; }));
  ASSERT_TRUE(WaitUntil(
      [&] { return Redis()->Call({"HEXISTS", NeedKey(kService), "somebody"})->Int() == 0; }));
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(20));
  ExpectEachEffectOnce();
  EXPECT_EQ(EffectsIn(*consumer_database_).size(), 20U);
}

TEST_P(ForgeryTest, NoiseAmongTheNeedsHidesNone) {
  StartRelay(RelayDefaults());
  Publish(1, 5);
  Erase();
  for (int i = 0; i < 400; ++i) {
    const std::string noise = std::string(kOldestField) + "X" + std::to_string(i);
    ASSERT_TRUE(Redis()->Call({"HSET", NeedKey(kService), noise, "0"}).has_value());
  }
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(5));
  ExpectEachEffectOnce();
}

TEST_P(ForgeryTest, AStreamOfAnotherKeyIsMadeAnew) {
  outbox::RelayOptions before = RelayDefaults();
  before.event_key = std::string(32, 'b');
  StartRelay(before);
  Publish(1, 20);
  StartRelay(RelayDefaults());
  StartConsumer();
  ASSERT_TRUE(ConsumerReaches(20));
  ExpectEachEffectOnce();
}

TEST_P(ForgeryTest, ATailIsGivenTheTrueEventsAndNoOthers) {
  StartRelay(RelayDefaults());
  StartConsumer();
  Publish(1, 5);
  relay_.reset();
  std::mutex mutex;
  std::vector<int64_t> seen;
  std::atomic<int> forged = 0;
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return seen.size();
  };
  TailOptions options{.streams = {kService, "silent"},
                      .redis_socket = redis_server_->socket_path(),
                      .event_key = kEventKey,
                      .after = {{kService, 2}, {"silent", -1}}};
  std::atomic<int> gaps = 0;
  auto tail = events::StartTail(
      options,
      [&](const std::string&, const v1::EventEnvelope& event) {
        const std::lock_guard lock(mutex);
        seen.push_back(event.sequence());
        if (event.subject() == "forged") ++forged;
      },
      [&] { ++gaps; });
  ASSERT_TRUE(WaitUntil([&] { return count() == 3; }));
  Add(6, Invented(Entries().back(), 6), "");
  EXPECT_TRUE(Dropped());
  StartRelay(RelayDefaults());
  ProduceMany(6, 5);
  ASSERT_TRUE(WaitUntil([&] { return count() == 8; }));
  tail.reset();
  EXPECT_THAT(seen, ::testing::ElementsAre(3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_EQ(forged, 0);
  EXPECT_EQ(gaps, 0);
}

// Of a tail that wants what is new: the forged number far ahead is not where it begins.
TEST_P(ForgeryTest, ATailDoesNotBeginAtAForgedEnd) {
  StartRelay(RelayDefaults());
  Publish(1, 5);
  relay_.reset();
  Add(1'000'000, Invented(Entries().back(), 1'000'000), "");
  std::atomic<int64_t> last = 0;
  std::atomic<int> gaps = 0;
  TailOptions options{.streams = {kService},
                      .redis_socket = redis_server_->socket_path(),
                      .event_key = kEventKey,
                      .after = {{kService, -1}}};
  auto tail = events::StartTail(
      options, [&](const std::string&, const v1::EventEnvelope& event) { last = event.sequence(); },
      [&] { ++gaps; });
  EXPECT_TRUE(Dropped());
  StartRelay(RelayDefaults());
  int64_t value = 6;
  EXPECT_TRUE(WaitUntil([&] {
    EXPECT_TRUE(Produce(value++).has_value());
    return last > 0;
  }));
  EXPECT_LT(last, 1'000'000);
  EXPECT_GT(gaps, 0) << "what came meanwhile was not seen: subscribers must be told";
}

// Nobody but the tail needs it: the groups have passed it, and the stream's end is true.
TEST_P(ForgeryTest, OneSpoiledEntryDoesNotHoldATailUp) {
  StartRelay(RelayDefaults());
  StartConsumer();
  Publish(1, 20);
  ASSERT_TRUE(ConsumerReaches(20));
  relay_.reset();
  consumer_.reset();
  const std::vector<Entry> entries = Entries();
  ASSERT_EQ(entries.size(), 20U);
  Erase();
  for (const Entry& entry : entries) {
    Add(entry.sequence, entry.sequence == 10 ? Invented(entry, 10) : entry.envelope, entry.mac);
  }
  auto made = Redis()->Call({"XGROUP", "CREATE", StreamKey(kService), "reader", "20-0"});
  ASSERT_TRUE(made.has_value() && !made->IsError());
  StartRelay(RelayDefaults());
  std::atomic<int64_t> last = 0;
  std::atomic<int> forged = 0;
  TailOptions options{.streams = {kService},
                      .redis_socket = redis_server_->socket_path(),
                      .event_key = kEventKey,
                      .after = {{kService, 5}}};
  auto tail = events::StartTail(
      options,
      [&](const std::string&, const v1::EventEnvelope& event) {
        last = event.sequence();
        if (event.subject() == "forged") ++forged;
      },
      [] {});
  EXPECT_TRUE(WaitUntil([&] { return last == 20; }));
  tail.reset();
  EXPECT_EQ(forged, 0);
}

// "5-1" is at no place of ours: it is not applied, and neither a reader that was given it before it
// was restarted nor the relay stands still at it.
TEST_P(ForgeryTest, AnEntryBetweenTwoOfOursHoldsNothingUp) {
  StartRelay(RelayDefaults());
  StartConsumer();
  Publish(1, 5);
  ASSERT_TRUE(ConsumerReaches(5));
  relay_.reset();
  consumer_.reset();
  const Entry fifth = Entries().back();
  auto redis = Redis();
  const std::string key = StreamKey(kService);
  for (const std::string& envelope : {Invented(fifth, 5), fifth.envelope}) {
    auto added = redis->Call({"XADD", key, "5-*", "e", envelope, "m", fifth.mac});
    ASSERT_TRUE(added.has_value() && !added->IsError()) << added->Text();
  }
  auto given = redis->Call({"XREADGROUP", "GROUP", "reader", "1", "STREAMS", key, ">"});
  ASSERT_TRUE(given.has_value() && !given->IsError());
  StartConsumer();
  EXPECT_TRUE(WaitUntil([&] { return consumer_->status().connected; }));
  StartRelay(RelayDefaults());
  ProduceMany(6, 5);
  EXPECT_TRUE(ConsumerReaches(10));
  ExpectEachEffectOnce();
}

INSTANTIATE_TEST_SUITE_P(Engines, ForgeryTest, ::testing::Values(Kind::kSqlite, Kind::kPostgres),
                         KindName);

}  // namespace
}  // namespace fairlead::events
