// The clocks of offers under kill -9 and a wall clock that is set by up to an hour, forward and
// back: each step exactly once, in order, never early, and no later than a second after it was due
// while the service is up; and follow-ups the same. The referral service runs in a process of its
// own: this very program, started with --child DATABASE_URL CLOCK_FILE REDIS_SOCKET.
//
// How many restarts: FAIRLEAD_CLOCKS_RESTARTS (default 6).
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <limits>
#include <map>
#include <set>

#include "fairlead/events/v1/events.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/audit/audit.h"
#include "services/common/base/random.h"
#include "services/common/events/inbox.h"
#include "services/common/host/service.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/mutate.h"
#include "services/common/testing/child_process.h"
#include "services/common/testing/redis_server.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/wait_until.h"
#include "services/referral/migrations.h"
#include "services/referral/service.h"
#include "services/referral/store/follow_up_store.h"
#include "services/referral/store/sql_referral_store.h"
#include "tests/support/shared_clock.h"

namespace fairlead::referral {
namespace {

using testing::SharedClock;
using testing::WaitUntil;

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kSecondMs = 1'000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr char kRecipient[] = "0190f000-0000-7000-8000-000000000001";
constexpr char kSender[] = "0190f000-0000-7000-8000-000000000002";
constexpr char kUp[] = "up";
constexpr char kAcceptOffer[] = "/fairlead.referral.v1.ReferralService/AcceptOffer";
const std::vector<std::string> kSteps = {"reminded", "escalated_admin", "escalated_coordinator",
                                         "expired"};

// The service, behind the pipeline, until it is killed. Accepts the offers that are named to it.
int RunChild(const std::string& url, const std::string& clock_file, const std::string& redis) {
  const SharedClock clock(clock_file);
  IdGenerator ids(clock, SystemRandom());
  rpc::Registry registry;
  rpc::Dispatcher dispatcher(registry, clock, {});
  const auto channel = rpc::MakeLocalChannel(dispatcher);
  const host::Environment env{.clock = clock,
                              .random = SystemRandom(),
                              .ids = ids,
                              .registry = registry,
                              .services = *channel,
                              .database_url = url,
                              .data_dir = "",
                              .redis_socket = redis,
                              .event_key = std::string(32, 'k')};
  std::unique_ptr<host::Service> service;
  // The lock of the process killed just before may live a moment longer.
  const bool started = WaitUntil([&] {
    auto result = StartReferralService(env);
    if (result) service = std::move(*result);
    return service != nullptr;
  });
  if (!started) return 1;
  std::cout << kUp << std::endl;
  auth::Actor actor;
  actor.kind = auth::ActorKind::kStaff;
  actor.staff_id = ids.New();
  actor.agency_id = kRecipient;
  actor.agency_kind = auth::AgencyKind::kHotline;
  actor.membership = auth::Membership::kActive;
  actor.roles = {auth::Role::kHotlineOperator};
  actor.session_id = ids.New();
  actor.assurance = auth::kSignedIn;
  for (std::string offer_id; std::getline(std::cin, offer_id);) {
    v1::AcceptOfferRequest request;
    request.set_request_id(ids.New());
    request.set_offer_id(offer_id);
    const rpc::CallOptions options{.actor = actor,
                                   .on_behalf_of_service = "",
                                   .deadline_steady_ms = clock.SteadyMs() + 20'000,
                                   .traceparent = ""};
    const auto accepted = SyncWait(
        rpc::Call<v1::AcceptOfferResponse>(*channel, kAcceptOffer, request, options));
    if (accepted) std::cout << offer_id << std::endl;
  }
  return 0;
}

// A stretch of a life in which the wall clock was not set.
struct Stretch {
  int64_t begin_ms = 0;
  int64_t up_ms = kNever;  // from here on the service is known to be up
  int64_t end_ms = 0;
};

struct Watched {
  std::string referral_id;
  Ladder ladder;
  size_t done = 0;  // steps
  bool answered = false;
  int64_t DueMs() const { return referral::DueMs(ladder, static_cast<Step>(done + 1)); }
  bool Waits() const { return !answered && done < kSteps.size(); }
};

class ClocksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto redis = testing::RedisServer::Start();
    ASSERT_TRUE(redis) << ToString(redis.error());
    redis_ = std::move(*redis);
  }

  // While no child runs: SQLite has one owner at a time.
  template <class T>
  T InDatabase(std::function<Result<T>(storage::Transaction&)> job) {
    storage::DatabaseOptions options;
    options.url = url_;
    std::unique_ptr<storage::Database> database;
    WaitUntil([&] {
      auto opened = storage::OpenDatabase(
          options, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                    events::InboxMigrations(), rpc::IdempotencyMigrations(), Migrations()});
      if (opened) database = std::move(*opened);
      return database != nullptr;
    });
    EXPECT_TRUE(database);
    Result<T> result = SyncWait(database->Write<T>(job));
    EXPECT_TRUE(result) << ToString(result.error());
    database->Close();
    return result ? std::move(*result) : T();
  }

  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(random_.Below(static_cast<uint64_t>(bound)));
  }

  // Most fall due within the next seconds, some within hours: those are for the jumps.
  Ladder AnyLadder() {
    const bool soon = Below(5) > 0;
    int64_t due_ms = clock_.NowMs() + Below(soon ? 2'500 : 2 * kHourMs);
    const auto next = [&] {
      const int64_t now = due_ms;
      due_ms += 1 + Below(soon ? 900 : kHourMs);
      return now;
    };
    Ladder ladder;
    ladder.remind_ms = next();
    ladder.escalate_admin_ms = next();
    ladder.escalate_coordinator_ms = next();
    ladder.expire_ms = next();
    return ladder;
  }

  void AddOffers(int count) {
    std::map<std::string, Watched> fresh;
    for (int i = 0; i < count; ++i) fresh[ids_.New()] = {ids_.New(), AnyLadder()};
    InDatabase<bool>([&](storage::Transaction& tx) -> Result<bool> {
      const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
      for (const auto& [offer_id, watched] : fresh) {
        Referral referral;
        referral.id = watched.referral_id;
        referral.sender_agency_id = kSender;
        referral.case_handle = ids_.New();
        referral.facets.need_code = "shelter_bed";
        referral.state = ReferralState::kOpen;
        FAIRLEAD_RETURN_IF_ERROR(store->Insert(referral));
        Offer offer;
        offer.id = offer_id;
        offer.referral_id = referral.id;
        offer.recipient_agency_id = kRecipient;
        offer.ladder = watched.ladder;
        FAIRLEAD_RETURN_IF_ERROR(store->InsertOffer(offer));
      }
      return true;
    });
    offers_.merge(fresh);
  }

  // Begun so long ago that the first follow-up falls due within the next seconds.
  void AddServices(int count) {
    struct Service {
      std::string referral_id, offer_id;
      int64_t start_ms = 0;
    };
    std::vector<Service> fresh;
    for (int i = 0; i < count; ++i) {
      const int64_t first_due_ms = clock_.NowMs() + Below(2'500);
      fresh.push_back({ids_.New(), ids_.New(), first_due_ms - 24 * kHourMs});
    }
    InDatabase<bool>([&](storage::Transaction& tx) -> Result<bool> {
      const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
      for (const Service& service : fresh) {
        Referral referral;
        referral.id = service.referral_id;
        referral.sender_agency_id = kSender;
        referral.facets.need_code = "shelter_bed";
        referral.state = ReferralState::kInService;
        FAIRLEAD_RETURN_IF_ERROR(store->Insert(referral));
        Offer offer;
        offer.id = service.offer_id;
        offer.referral_id = referral.id;
        offer.recipient_agency_id = kRecipient;
        offer.state = OfferState::kAccepted;
        FAIRLEAD_RETURN_IF_ERROR(store->InsertOffer(offer));
        FAIRLEAD_RETURN_IF_ERROR(
            PutFollowUpsOwed(tx, referral.id, kRecipient, service.start_ms));
      }
      return true;
    });
    for (const Service& service : fresh) {
      services_.push_back(service.offer_id);
      for (const FollowUpPoint point : kFollowUpPoints) {
        untold_[{service.offer_id, PointCode(point)}] = FollowUpDueMs(point, service.start_ms);
      }
    }
  }

  void SetTheClock() { clock_.Jump(Below(2 * kHourMs) - kHourMs); }
  void PassTime(int64_t ms) {
    const int64_t until_ms = clock_.SteadyMs() + ms;
    ASSERT_TRUE(WaitUntil([&] { return clock_.SteadyMs() >= until_ms; }));
  }
  void BeginStretch(bool up) {
    const int64_t now_ms = clock_.NowMs();
    stretches_.push_back({now_ms, up ? now_ms : kNever, kNever});
  }
  void EndStretch() { stretches_.back().end_ms = clock_.NowMs(); }

  std::string AnyThatWaits() {
    std::vector<std::string> waiting;
    for (const auto& [id, watched] : offers_) {
      if (watched.Waits()) waiting.push_back(id);
    }
    return waiting.empty() ? "" : waiting[static_cast<size_t>(Below(std::ssize(waiting)))];
  }

  // From its start to kill -9, `up_ms` after it is up; negative: maybe before it is.
  void Live(int64_t up_ms, bool set_clock) {
    stretches_.clear();
    const testing::ChildOptions options{
        .argv = {"/proc/self/exe", "--child", url_, clock_file_, redis_->socket_path()},
        .pipe_stdout = true,
        .pipe_stdin = true};
    BeginStretch(false);
    auto child = testing::ChildProcess::Spawn(options);
    ASSERT_TRUE(child);
    if (up_ms < 0) {
      PassTime(Below(200));
    } else {
      ASSERT_EQ(child->ReadLine(30'000), kUp);
      stretches_.back().up_ms = clock_.NowMs();
      PassTime(Below(up_ms + 1));
      if (const std::string id = AnyThatWaits(); !id.empty()) child->WriteInput(id + "\n");
      if (set_clock) {
        EndStretch();
        SetTheClock();
        BeginStretch(true);
      }
      PassTime(up_ms);
    }
    EndStretch();
    child->Kill9();
    std::set<std::string> acknowledged;
    while (const auto line = child->ReadLine(100)) acknowledged.insert(*line);
    Collect();
    for (const std::string& id : acknowledged) {
      if (id == kUp) continue;
      EXPECT_TRUE(offers_.at(id).answered) << "acknowledged, and lost";
    }
    for (const auto& [id, watched] : offers_) {
      if (watched.Waits()) ExpectNothingLeftUndone(watched.DueMs(), kSteps[watched.done]);
    }
    for (const auto& [of, due_ms] : untold_) ExpectNothingLeftUndone(due_ms, of.second);
  }

  // What this life has told, in the order of its commits.
  void Collect() {
    using Events = std::vector<events::v1::EventEnvelope>;
    const auto told = InDatabase<Events>([&](storage::Transaction& tx) -> Result<Events> {
      FAIRLEAD_ASSIGN(const auto rows,
                      tx.Query("SELECT sequence, envelope FROM outbox WHERE sequence > $1 "
                               "ORDER BY sequence",
                               {last_sequence_}));
      Events events;
      for (const storage::Row& row : rows) {
        last_sequence_ = row.Int(0);
        EXPECT_TRUE(events.emplace_back().ParseFromString(row.Bytes(1)));
      }
      return events;
    });
    for (const events::v1::EventEnvelope& event : told) {
      if (event.data_schema() != "fairlead.events.v1.ReferralChanged") continue;
      events::v1::ReferralChanged changed;
      ASSERT_TRUE(changed.ParseFromString(event.data()));
      const int64_t wall_ms = event.time().seconds() * 1000 + event.time().nanos() / 1'000'000;
      if (changed.change() == kFollowUpDue) {
        const auto untold = untold_.find({changed.offer_id(), changed.reason_code()});
        ASSERT_NE(untold, untold_.end()) << "told twice, or never owed";
        ExpectInTime(untold->second, wall_ms, kFollowUpDue);
        untold_.erase(untold);
        continue;
      }
      Take(offers_.at(changed.offer_id()), changed.change(), wall_ms);
    }
  }

  void Take(Watched& watched, const std::string& change, int64_t wall_ms) {
    ASSERT_TRUE(watched.Waits()) << change << " of an offer that waits no more";
    if (change == "accepted") {
      watched.answered = true;
      return;
    }
    ASSERT_EQ(change, kSteps[watched.done]) << "once, and in order";
    ExpectInTime(watched.DueMs(), wall_ms, change);
    ++watched.done;
    ++steps_;
  }

  void ExpectInTime(int64_t due_ms, int64_t wall_ms, const std::string& change) {
    EXPECT_GE(wall_ms, due_ms) << change << " came early";
    int64_t late_ms = kNever;
    for (const Stretch& stretch : stretches_) {
      if (wall_ms < stretch.begin_ms || wall_ms > stretch.end_ms + kSecondMs) continue;
      const bool was_up = stretch.up_ms != kNever;
      late_ms = std::min(late_ms, was_up ? wall_ms - std::max(due_ms, stretch.up_ms) : 0);
    }
    EXPECT_LE(late_ms, kSecondMs) << change << " came late";
    latest_ms_ = std::max(latest_ms_, late_ms);
  }

  void ExpectNothingLeftUndone(int64_t due_ms, const std::string& what) {
    for (const Stretch& stretch : stretches_) {
      if (stretch.up_ms == kNever) continue;
      EXPECT_GE(std::max(due_ms, stretch.up_ms) + kSecondMs, stretch.end_ms)
          << what << " was due and not done";
    }
  }

  // The story and the trail say the same as the events.
  void ExpectTheStoryIsThatOfTheEvents() {
    using Counts = std::map<std::string, int64_t>;
    const auto counts = InDatabase<Counts>([&](storage::Transaction& tx) -> Result<Counts> {
      Counts all;
      FAIRLEAD_ASSIGN(const auto story,
                      tx.Query("SELECT offer_id || ' ' || event, count(*) FROM timeline "
                               "GROUP BY offer_id, event"));
      for (const storage::Row& row : story) all[row.Text(0)] = row.Int(1);
      FAIRLEAD_ASSIGN(const auto trail,
                      tx.Query("SELECT action, count(*) FROM audit_record GROUP BY action"));
      for (const storage::Row& row : trail) all[row.Text(0)] = row.Int(1);
      return all;
    });
    Counts expected;
    for (const auto& [id, watched] : offers_) {
      for (size_t i = 0; i < watched.done; ++i) {
        expected[id + " " + kSteps[i]] = 1;
        ++expected["referral_" + kSteps[i]];
      }
      if (watched.answered) expected[id + " accepted"] = 1;
      if (watched.answered) ++expected["referral_accepted"];
    }
    for (const std::string& id : services_) {
      expected[id + " " + kFollowUpDue] = std::ssize(kFollowUpPoints);
      expected["referral_follow_up_due"] += std::ssize(kFollowUpPoints);
    }
    EXPECT_EQ(counts, expected);
  }

  const testing::TempDir folder_;
  const std::string url_ = "sqlite:" + folder_.File("referral.db");
  const std::string clock_file_ = folder_.File("clock");
  SharedClock clock_{clock_file_};
  IdGenerator ids_{SystemClock(), SystemRandom()};
  SeededRandom random_{20'261'127};
  std::unique_ptr<testing::RedisServer> redis_;
  std::map<std::string, Watched> offers_;  // by offer id
  std::vector<std::string> services_;      // by offer id
  // Follow-ups that nobody was told of: offer id and point, and when they are due.
  std::map<std::pair<std::string, std::string>, int64_t> untold_;
  std::vector<Stretch> stretches_;  // of the life under way
  int64_t last_sequence_ = 0;
  int64_t latest_ms_ = 0;
  int64_t steps_ = 0;
};

TEST_F(ClocksTest, EachStepOnceNeverEarlyAndWithinASecond) {
  constexpr int kOffersEach = 40;
  constexpr int kServicesEach = 10;
  const char* given = std::getenv("FAIRLEAD_CLOCKS_RESTARTS");
  const int64_t restarts = given == nullptr ? 6 : std::atoll(given);
  for (int64_t i = 0; i < restarts && !HasFailure(); ++i) {
    AddOffers(kOffersEach);
    AddServices(kServicesEach);
    if (i % 2 == 1) SetTheClock();  // while it is down
    const bool dies_early = i % 5 == 4;
    Live(dies_early ? -1 : 200 + Below(900), i % 3 == 2);
  }
  clock_.Jump(31 * 24 * kHourMs);
  Live(2 * kSecondMs, false);
  int64_t answered = 0;
  for (const auto& [id, watched] : offers_) {
    EXPECT_FALSE(watched.Waits());
    answered += watched.answered ? 1 : 0;
  }
  EXPECT_TRUE(untold_.empty()) << untold_.size();
  ExpectTheStoryIsThatOfTheEvents();
  EXPECT_GT(answered, 0);
  EXPECT_GT(steps_, restarts * kOffersEach);
  std::cout << restarts << " restarts, " << offers_.size() << " offers, " << answered
            << " answered, " << steps_ << " steps, the latest " << latest_ms_ << " ms late\n";
}

}  // namespace
}  // namespace fairlead::referral

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--child") {
    return fairlead::referral::RunChild(argv[2], argv[3], argv[4]);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
