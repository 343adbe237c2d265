// Wiring only.
#include <filesystem>

#include "services/common/audit/audit.h"
#include "services/common/audit/denials.h"
#include "services/common/base/periodic.h"
#include "services/common/events/consumer.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/mutate.h"
#include "services/common/storage/database.h"
#include "services/referral/consumers/apply_events.h"
#include "services/referral/migrations.h"
#include "services/referral/referral_server.h"
#include "services/referral/service.h"

namespace fairlead::referral {
namespace {

using fairlead::events::v1::EventEnvelope;

// A step of an offer's clock is due at a wall time, and the wall clock may be set: so it is looked
// at, and not waited for. Four looks into an index a second, for a promise of one second.
constexpr int64_t kClocksEveryMs = 250;
constexpr int64_t kShredEveryMs = 15'000;
constexpr int kRoundsAtOnce = 50;

// The configuration has been looked at when it was read: an error is a defect.
Result<ClockPolicy> ToPolicy(const config::ClocksConfig& clocks) {
  const auto emergency = config::ReadSteps(clocks.emergency_min, config::kMaxStepMinutes);
  const auto urgent = config::ReadSteps(clocks.urgent_min, config::kMaxStepMinutes);
  const auto standard = config::ReadSteps(clocks.standard_days, calendar::kMaxBusinessDays);
  std::optional<calendar::BusinessTime> business = calendar::BusinessTime::Read(clocks.business);
  if (!emergency || !urgent || !standard || !business) {
    return Fail(Code::kInvalidArgument, "CONFIG_OUT_OF_RANGE", "The clocks cannot be read.",
                {{"key", "clocks"}});
  }
  return ClockPolicy{*emergency, *urgent, *standard, std::move(*business)};
}

// Until nothing is left to do. What fails is tried again the next time: the clock is enforced by
// every command anyway.
template <class Round>
void DoAll(const Round& round) {
  for (int i = 0; i < kRoundsAtOnce; ++i) {
    const auto handled = round();
    if (!handled || *handled == 0) return;
  }
}

class ReferralService final : public host::Service {
 public:
  ReferralService(const host::Environment& env, std::unique_ptr<storage::Database> database,
                  ClockPolicy clock_policy)
      : database_(std::move(database)),
        denials_(*database_, env.ids, env.clock),
        server_(*database_, env.services, denials_, env.clock, env.random, env.ids,
                std::move(clock_policy)),
        relay_(outbox::StartRelay(*database_,
                                  {.service = "referral",
                                   .redis_socket = env.redis_socket,
                                   .event_key = env.event_key},
                                  env.clock)),
        clocks_(kClocksEveryMs,
                [this] {
                  DoAll([this] { return server_.RunClocks(); });
                  DoAll([this] { return server_.RunFollowUps(); });
                }),
        shredding_(kShredEveryMs, [this] { DoAll([this] { return server_.ShredPackets(); }); }) {
    server_.Register(env.registry);
    if (env.denials != nullptr) env.denials->Route("/fairlead.referral.v1.", denials_);
    Follow(env, "directory", [&ids = env.ids, &clock = env.clock](storage::Transaction& tx,
                                                                 const EventEnvelope& event) {
      return ApplyDirectoryEvent(tx, event, ids, clock.NowMs());
    });
    Follow(env, "identity", [&ids = env.ids, &clock = env.clock](storage::Transaction& tx,
                                                                const EventEnvelope& event) {
      return ApplyIdentityEvent(tx, event, ids, clock.NowMs());
    });
    Follow(
        env, "consent",
        [&ids = env.ids, &clock = env.clock](storage::Transaction& tx, const EventEnvelope& event) {
          return ApplyConsentEvent(tx, event, ids, clock.NowMs());
        });
  }

  Result<void> AfterRestore(const CarriedOver& carried) { return server_.AfterRestore(carried); }

  std::string_view name() const override { return "referral"; }
  storage::Database& database() override { return *database_; }

  void Stop() override {
    clocks_.Stop();
    shredding_.Stop();
    for (const auto& consumer : consumers_) consumer->Stop();
    // None is left waiting for a next start that may be on an older database.
    DoAll([this] { return server_.DestroyKeys(); });
    denials_.Stop();
    relay_->Stop();
    database_->Close();
  }

  std::map<std::string, int64_t> Gauges() const override {
    const outbox::RelayStatus status = relay_->status();
    std::map<std::string, int64_t> gauges = {{"outbox_last", status.last_sequence},
                                             {"outbox_published", status.published_sequence}};
    int64_t dead = 0;
    for (const auto& consumer : consumers_) dead += consumer->status().dead_letters;
    gauges["dead_letters"] = dead;
    return gauges;
  }

 private:
  void Follow(const host::Environment& env, const std::string& stream, events::Apply apply) {
    consumers_.push_back(events::StartConsumer(
        *database_,
        {.name = "referral",
         .stream = stream,
         .redis_socket = env.redis_socket,
         .event_key = env.event_key},
        std::move(apply), env.clock));
  }

  const std::unique_ptr<storage::Database> database_;
  audit::DenialWriter denials_;
  ReferralServer server_;
  const std::unique_ptr<outbox::Relay> relay_;
  std::vector<std::unique_ptr<events::Consumer>> consumers_;
  Periodic clocks_;
  Periodic shredding_;
};

Result<std::unique_ptr<storage::Database>> Open(const std::string& url) {
  return storage::OpenDatabase(
      {.url = url}, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                     events::InboxMigrations(), rpc::IdempotencyMigrations(), Migrations()});
}

// Of the database that a restore has moved aside; nothing, on a machine that had none.
Result<CarriedOver> ReadReplaced(const host::Environment& env) {
  const std::string path = env.replaced_dir + "/referral.db";
  if (env.replaced_dir.empty()) return CarriedOver();
  if (!std::filesystem::exists(env.replaced_dir)) {
    return Fail(Code::kFailedPrecondition, "REPLACED_DATABASES_MISSING",
                env.replaced_dir + " is gone, and with it which keys were still to be destroyed: "
                "put it back until the hub has started once, or delete consent-custody.db and "
                "make the folder, empty, and every key goes.");
  }
  if (!std::filesystem::exists(path)) return CarriedOver();
  FAIRLEAD_ASSIGN(const std::unique_ptr<storage::Database> replaced, Open("sqlite:" + path));
  std::function<Result<CarriedOver>(storage::ReadTransaction&)> read = &ReadCarriedOver;
  Result<CarriedOver> carried = SyncWait(replaced->Read<CarriedOver>(read));
  replaced->Close();
  return carried;
}

}  // namespace

Result<std::unique_ptr<host::Service>> StartReferralService(const host::Environment& env) {
  FAIRLEAD_ASSIGN(ClockPolicy clock_policy, ToPolicy(env.clocks));
  FAIRLEAD_ASSIGN(const CarriedOver carried, ReadReplaced(env));
  FAIRLEAD_ASSIGN(std::unique_ptr<storage::Database> database, Open(env.database_url));
  auto service =
      std::make_unique<ReferralService>(env, std::move(database), std::move(clock_policy));
  if (env.after_restore) FAIRLEAD_RETURN_IF_ERROR(service->AfterRestore(carried));
  return service;
}

}  // namespace fairlead::referral
