// Commands on a database of their own, on both engines, with a clock that is set by hand.
#ifndef SERVICES_REFERRAL_TESTING_COMMANDS_FIXTURE_H_
#define SERVICES_REFERRAL_TESTING_COMMANDS_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "services/common/audit/audit.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/outbox/outbox.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_database.h"
#include "services/referral/commands/unit.h"
#include "services/referral/migrations.h"
#include "services/referral/store/sql_referral_store.h"

namespace fairlead::referral {

using Engine = storage::Transaction::Engine;

inline constexpr int64_t kMinuteMs = 60'000;
inline constexpr int64_t kHourMs = 60 * kMinuteMs;
inline constexpr int64_t kDayMs = 24 * kHourMs;

class CommandsTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto opened = testing::OpenTestDatabase(
        GetParam(), folder_, {outbox::OutboxMigrations(), audit::AuditMigrations(), Migrations()},
        {.postgres_connections = testing::kFewConnections});
    ASSERT_TRUE(opened.has_value()) << ToString(opened.error());
    database_ = std::move(*opened);
  }
  void TearDown() override {
    if (database_) database_->Close();
  }

  // By acting_agency_.
  template <class T>
  T Do(std::function<Result<T>(Unit&)> command) {
    std::function<Result<T>(storage::Transaction&)> job = [&](storage::Transaction& tx) {
      const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
      Unit unit{.tx = tx,
                .store = *store,
                .ids = ids_,
                .now_ms = clock_.NowMs(),
                .agency_id = acting_agency_,
                .staff_id = "",
                .traceparent = ""};
      return command(unit);
    };
    Result<T> result = SyncWait(database_->Write<T>(job));
    EXPECT_TRUE(result.has_value()) << ToString(result.error());
    return result ? *result : T();
  }

  // What the command answers somebody of that agency who calls `method` ("Service/Method"): "ok",
  // or the reason.
  template <class T>
  std::string As(const std::string& agency, const std::string& method,
                 std::function<Result<T>(Unit&)> command) {
    std::function<Result<T>(storage::Transaction&)> job = [&](storage::Transaction& tx) {
      const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
      Unit unit{.tx = tx,
                .store = *store,
                .ids = ids_,
                .now_ms = clock_.NowMs(),
                .agency_id = agency,
                .staff_id = "",
                .traceparent = ""};
      unit.context.method = "/fairlead.referral.v1." + method;
      unit.context.actor.kind = auth::ActorKind::kStaff;
      unit.context.actor.agency_id = agency;
      unit.context.actor.agency_kind = auth::AgencyKind::kHotline;
      unit.context.actor.membership = auth::Membership::kActive;
      unit.context.actor.roles = {auth::Role::kHotlineOperator};
      unit.context.actor.assurance = auth::kSignedIn;
      return command(unit);
    };
    const Result<T> result = SyncWait(database_->Write<T>(job));
    return result ? "ok" : result.error().reason;
  }

  // A referral with one offer, or a draft; its id.
  std::string Add(const std::string& from, const std::string& to, ReferralState state,
                  OfferState offer_state, const Ladder& ladder = {}) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      Referral referral;
      referral.id = ids_.New();
      referral.sender_agency_id = from;
      referral.case_handle = ids_.New();
      referral.facets.need_code = "shelter_bed";
      referral.state = state;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.Insert(referral));
      if (state == ReferralState::kDraft) return referral.id;
      Offer offer;
      offer.id = ids_.New();
      offer.referral_id = referral.id;
      offer.recipient_agency_id = to;
      offer.send_ms = unit.now_ms;
      offer.state = offer_state;
      offer.ladder = ladder;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(offer));
      return referral.id;
    });
  }

  // "closed/withdrawn agency_suspended: withdrawn": states, the referral's reason, the story.
  std::string Read(const std::string& referral_id) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(referral_id));
      std::string text(StateName(referral->state));
      for (const Offer& offer : referral->offers) {
        text += "/" + std::string(StateName(offer.state));
      }
      text += " " + referral->reason_code + ":";
      FAIRLEAD_ASSIGN(const auto story, unit.store.Timeline(referral_id, ""));
      for (const TimelineEntry& entry : story) text += " " + entry.event;
      return text;
    });
  }

  const testing::TempDir folder_;
  FakeClock clock_;
  IdGenerator ids_{clock_, SystemRandom()};
  std::unique_ptr<storage::Database> database_;
  std::string acting_agency_;  // empty: the hub itself
};

#define FAIRLEAD_ON_BOTH_ENGINES(Suite)                                                           \
  INSTANTIATE_TEST_SUITE_P(Engines, Suite, ::testing::Values(Engine::kSqlite, Engine::kPostgres), \
                           [](const auto& instance) {                                             \
                             return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";    \
                           })

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_TESTING_COMMANDS_FIXTURE_H_
