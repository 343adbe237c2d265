// The reader without a group: everything in order, or it is told that something is missing.
#include <gtest/gtest.h>

#include <mutex>

#include "tests/events/events_fixture.h"

namespace fairlead::events {
namespace {

class TailTest : public EventsTest {
 protected:
  void StartTail(std::map<std::string, int64_t> after) {
    tail_.reset();
    TailOptions options{.streams = {kService, "silent"},
                        .redis_socket = redis_server_->socket_path(),
                        .event_key = kEventKey,
                        .after = std::move(after)};
    tail_ = events::StartTail(
        options,
        [this](const std::string& stream, const v1::EventEnvelope& event) {
          const std::lock_guard lock(mutex_);
          EXPECT_EQ(stream, kService);
          seen_.push_back(event.sequence());
        },
        [this] { ++gaps_; });
  }
  std::vector<int64_t> Seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  bool Sees(size_t count) {
    return WaitUntil([&] { return Seen().size() >= count; });
  }
  void TearDown() override {
    tail_.reset();
    EventsTest::TearDown();
  }

  std::mutex mutex_;
  std::vector<int64_t> seen_;
  std::atomic<int> gaps_{0};
  std::unique_ptr<Tail> tail_;
};
INSTANTIATE_TEST_SUITE_P(Engines, TailTest, ::testing::Values(Kind::kSqlite), KindName);

std::vector<int64_t> Range(int64_t first, int64_t last) {
  std::vector<int64_t> range;
  for (int64_t n = first; n <= last; ++n) range.push_back(n);
  return range;
}

TEST_P(TailTest, ReadsFromWhereItWas) {
  StartRelay(RelayDefaults());
  ProduceMany(1, 50);
  StartTail({{kService, 20}});
  ASSERT_TRUE(Sees(30));
  ProduceMany(51, 10);
  ASSERT_TRUE(Sees(40));
  EXPECT_EQ(Seen(), Range(21, 60));
  EXPECT_EQ(gaps_.load(), 0);
}

TEST_P(TailTest, ReadsOnlyWhatIsNew) {
  StartRelay(RelayDefaults());
  ProduceMany(1, 50);
  ASSERT_TRUE(WaitUntil([&] { return Stream().top == 50; }));
  StartTail({{kService, -1}});
  // The tail begins when it has connected: produce until the first is seen.
  int64_t value = 51;
  ASSERT_TRUE(WaitUntil([&] {
    EXPECT_TRUE(Produce(value++).has_value());
    return !Seen().empty();
  }));
  ASSERT_TRUE(WaitUntil([&] { return Seen().back() == value - 1; }));
  EXPECT_GT(Seen().front(), 50);
  EXPECT_EQ(Seen(), Range(Seen().front(), value - 1));
  EXPECT_EQ(gaps_.load(), 0);
}

TEST_P(TailTest, GoesOnAfterAnErasureWhenTheRelayKeptEnough) {
  StartRelay(RelayDefaults());
  StartTail({{kService, 0}});
  ProduceMany(1, 50);
  ASSERT_TRUE(Sees(50));
  ASSERT_TRUE(redis_server_->EraseAndRestart().has_value());
  ProduceMany(51, 50);
  ASSERT_TRUE(Sees(100));
  EXPECT_EQ(Seen(), Range(1, 100));
  EXPECT_EQ(gaps_.load(), 0);
}

TEST_P(TailTest, IsToldWhenEventsWereTrimmedBeforeItReadThem) {
  outbox::RelayOptions options = RelayDefaults();
  options.retain_entries = 5;
  StartRelay(options);
  StartConsumer();
  ProduceMany(1, 50);
  ASSERT_TRUE(ConsumerReaches(50));
  ASSERT_TRUE(WaitUntil([&] { return Stream().first == 46; }));
  StartTail({{kService, 10}});
  ASSERT_TRUE(Sees(5));
  EXPECT_EQ(Seen(), Range(46, 50));
  EXPECT_EQ(gaps_.load(), 1);
}

TEST_P(TailTest, IsToldWhenAnErasureTookEventsWithIt) {
  outbox::RelayOptions options = RelayDefaults();
  options.retain_entries = 0;
  StartRelay(options);
  StartConsumer();
  ProduceMany(1, 20);
  ASSERT_TRUE(ConsumerReaches(20));
  StartTail({{kService, 20}});
  ASSERT_TRUE(WaitUntil([&] { return Stream().length == 0; }));
  tail_.reset();
  ProduceMany(21, 20);
  ASSERT_TRUE(ConsumerReaches(40));
  ASSERT_TRUE(WaitUntil([&] { return Stream().length == 0; }));
  ASSERT_TRUE(redis_server_->EraseAndRestart().has_value());
  StartTail({{kService, 20}});
  ASSERT_TRUE(Produce(41).has_value());
  // At once when it is seen that the stream begins later; at the latest with the next event.
  ASSERT_TRUE(WaitUntil([&] { return gaps_.load() == 1; }));
}

}  // namespace
}  // namespace fairlead::events
