// Commands on a database of their own, on both engines, with a clock set by hand: bounds, clocks
// that have been slept through, and what a backup must not bring back.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "services/common/audit/audit.h"
#include "services/common/base/clock.h"
#include "services/common/base/random.h"
#include "services/common/outbox/outbox.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_database.h"
#include "services/messaging/commands/after_restore.h"
#include "services/messaging/commands/run_clocks.h"
#include "services/messaging/commands/send_message.h"
#include "services/messaging/domain/alert.h"
#include "services/messaging/domain/limits.h"
#include "services/messaging/migrations.h"
#include "services/messaging/store/agency_store.h"
#include "services/messaging/store/call_store.h"
#include "services/messaging/store/channel_store.h"
#include "services/messaging/store/thread_store.h"

namespace fairlead::messaging {
namespace {

using Engine = storage::Transaction::Engine;

class LimitsTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto opened = testing::OpenTestDatabase(
        GetParam(), folder_, {outbox::OutboxMigrations(), audit::AuditMigrations(), Migrations()});
    ASSERT_TRUE(opened.has_value()) << ToString(opened.error());
    database_ = std::move(*opened);
  }
  void TearDown() override {
    if (database_) database_->Close();
  }
  template <class T>
  Result<T> Try(std::function<Result<T>(Unit&)> command, int64_t now_ms) {
    std::function<Result<T>(storage::Transaction&)> job = [&](storage::Transaction& tx) {
      Unit unit{.tx = tx, .ids = ids_, .now_ms = now_ms};
      return command(unit);
    };
    return SyncWait(database_->Write<T>(job));
  }
  template <class T>
  T Do(std::function<Result<T>(Unit&)> command, int64_t now_ms = kNow) {
    Result<T> result = Try<T>(std::move(command), now_ms);
    EXPECT_TRUE(result.has_value()) << ToString(result.error());
    return result ? *result : T();
  }
  // With one message of the other agency's, which this one has not read.
  Thread MakeThread(int64_t unread = 1) {
    Thread thread{.id = ids_.New(), .create_ms = kNow, .last_ms = kNow, .last_sequence = 1};
    thread.parties[0].agency_id = own_;
    thread.parties[1].agency_id = other_;
    return Do<Thread>([&](Unit& unit) -> Result<Thread> {
      FAIRLEAD_RETURN_IF_ERROR(InsertThread(unit.tx, thread));
      thread.parties[0].unread = unread;
      FAIRLEAD_RETURN_IF_ERROR(UpdateThread(unit.tx, thread));
      return thread;
    });
  }
  Message MakeMessage(const std::string& thread_id) {
    Message message{.id = ids_.New(),
                    .thread_id = thread_id,
                    .sequence = 1,
                    .from_agency_id = other_,
                    .staff_id = ids_.New(),
                    .create_ms = kNow,
                    .expire_ms = kNow + kDayMs};
    message.sealed = {.protected_b64 = "p", .iv = "i", .ciphertext = "c", .tag = "t"};
    return Do<Message>([&](Unit& unit) -> Result<Message> {
      FAIRLEAD_RETURN_IF_ERROR(InsertMessage(unit.tx, message));
      return message;
    });
  }
  std::string Seen(const std::string& message_id) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(std::optional<Message> message, FindMessage(unit.tx, message_id));
      if (!message) return std::string("gone");
      FAIRLEAD_RETURN_IF_ERROR(ReadSealed(unit.tx, *message));
      return Etag(*message) + " " + message->sealed.ciphertext;
    });
  }

  static constexpr int64_t kNow = 1'800'000'000'000;
  const testing::TempDir folder_;
  FakeClock clock_;
  IdGenerator ids_{clock_, SystemRandom()};
  std::unique_ptr<storage::Database> database_;
  const std::string own_ = ids_.New();
  const std::string other_ = ids_.New();
};
INSTANTIATE_TEST_SUITE_P(Engines, LimitsTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres));

TEST_P(LimitsTest, ADayHoldsSoMany) {
  const auto spend = [&](int64_t now_ms) {
    const Result<bool> spent = Try<bool>(
        [&](Unit& unit) -> Result<bool> {
          FAIRLEAD_RETURN_IF_ERROR(Spend(unit.tx, own_, "posts", 2, now_ms, "TOO_MANY_POSTS"));
          return true;
        },
        now_ms);
    return spent ? "ok" : spent.error().reason + " " + spent.error().metadata.at("retry_after_s");
  };
  const int64_t midnight = kNow / kDayMs * kDayMs + kDayMs;
  EXPECT_EQ(spend(midnight - 10'000), "ok");
  EXPECT_EQ(spend(midnight - 10'000), "ok");
  EXPECT_EQ(spend(midnight - 10'000), "TOO_MANY_POSTS 11");
  EXPECT_EQ(spend(midnight), "ok") << "another day";
  const auto dropped = [&](int64_t now_ms) {
    return Do<int64_t>([&](Unit& unit) { return DropOldCounts(unit.tx, now_ms, 10); }, now_ms);
  };
  EXPECT_EQ(dropped(midnight), 0);
  EXPECT_EQ(dropped(midnight + 5 * kDayMs), 2);
}

TEST_P(LimitsTest, WhoDoesNotReadIsNotFlooded) {
  const Thread thread = MakeThread(kMostUnread);
  rpc::CallContext context;
  context.method = "/fairlead.messaging.v1.ThreadService/SendMessage";
  context.actor.kind = auth::ActorKind::kStaff;
  context.actor.agency_id = other_;
  context.actor.agency_kind = auth::AgencyKind::kHotline;
  context.actor.membership = auth::Membership::kActive;
  context.actor.roles = {auth::Role::kCaseworker};
  context.actor.assurance = auth::kSignedIn;
  const MessageSending sending{
      .thread_id = thread.id, .message_id = ids_.New(), .envelope = seal::Envelope()};
  const auto reason = [&](const rpc::CallContext& by) {
    const Result<bool> checked = Try<bool>(
        [&](Unit& unit) -> Result<bool> {
          for (const std::string& id : {own_, other_}) {
            FAIRLEAD_RETURN_IF_ERROR(PutAgency(unit.tx, {id, "active", "hotline", /*version=*/1}));
          }
          FAIRLEAD_RETURN_IF_ERROR(CheckSending(unit.tx, by, sending, kNow));
          return true;
        },
        kNow);
    return checked ? "ok" : checked.error().reason;
  };
  EXPECT_EQ(reason(context), "TOO_MANY_UNREAD");
  context.actor.agency_id = own_;
  EXPECT_NE(reason(context), "TOO_MANY_UNREAD") << "who does not read may write";
  context.actor.agency_id = ids_.New();
  EXPECT_EQ(reason(context), "THREAD_NOT_FOUND");
}

TEST_P(LimitsTest, ABackupBringsNothingBackThatWasTakenBack) {
  const Thread thread = MakeThread(2);
  const Message taken_back = MakeMessage(thread.id);
  const Post post{.id = ids_.New(),
                  .channel_id = kBedCallsChannel,
                  .agency_id = own_,
                  .staff_id = own_,
                  .text = "some words",
                  .expire_ms = kNow + kDayMs};
  const auto again = [&](const std::vector<ErasedRecord>& erased) {
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(AfterRestore(unit, erased));
      return true;
    });
  };
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(InsertPost(unit.tx, post));
    return true;
  });
  again({{taken_back.id, 0}, {ids_.New(), kWhole}});
  EXPECT_EQ(Seen(taken_back.id), "v0 c") << "it is that revision already";
  for (int i = 0; i < 2; ++i) again({{taken_back.id, 1}, {post.id, kWhole}});
  EXPECT_EQ(Seen(taken_back.id), "d0 ");
  const auto left = Do<std::vector<ErasedRecord>>([](Unit& unit) { return ReadErased(unit.tx); });
  EXPECT_EQ(left.size(), 3U) << "remembered, for the next backup";
  EXPECT_EQ(Do<int64_t>([&](Unit& unit) -> Result<int64_t> {
              FAIRLEAD_ASSIGN(const std::optional<Post> found, FindPost(unit.tx, post.id, kNow));
              FAIRLEAD_ASSIGN(std::optional<Thread> now, FindThread(unit.tx, thread.id));
              return (found ? 100 : 0) + now->PartyOf(own_).unread;
            }),
            1)
      << "once, and no more";
}

TEST_P(LimitsTest, StepsThatWereSleptThroughAreToldOnce) {
  Alert alert{.id = ids_.New(),
              .channel_id = kAlertsChannel,
              .agency_id = other_,
              .staff_id = other_,
              .title = "t",
              .urgency = Urgency::kEmergency,
              .create_ms = kNow,
              .ladder = LadderOf(Urgency::kEmergency, kNow),
              .expire_ms = kNow + kDayMs};
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(PutAgency(unit.tx, {own_, "active", "hotline", 1}));
    FAIRLEAD_RETURN_IF_ERROR(InsertAlert(unit.tx, alert, {own_}));
    return true;
  });
  const auto run = [&](int64_t now_ms) {
    return Do<int64_t>([](Unit& unit) { return RunClocks(unit); }, now_ms);
  };
  const auto events = [&] {
    return Do<int64_t>([](Unit& unit) -> Result<int64_t> {
      FAIRLEAD_ASSIGN(const auto rows, unit.tx.Query("SELECT COUNT(*) FROM outbox"));
      return rows.at(0).Int(0);
    });
  };
  EXPECT_EQ(run(kNow + kMinuteMs), 0);
  EXPECT_EQ(events(), 0);
  EXPECT_EQ(run(kNow + kHourMs), 1);
  EXPECT_EQ(run(kNow + kHourMs), 0);
  // Its own, and that of its audit record.
  EXPECT_EQ(events(), 2);
  const auto step = Do<int64_t>([&](Unit& unit) -> Result<int64_t> {
    FAIRLEAD_ASSIGN(const auto agency, FindAlertAgency(unit.tx, alert.id, own_));
    return static_cast<int64_t>(agency->step);
  });
  EXPECT_EQ(static_cast<AlertStep>(step), AlertStep::kEscalatedCoordinator);
}

}  // namespace
}  // namespace fairlead::messaging
