// Wiring only.
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

constexpr int64_t kSweepEveryMs = 15'000;

class ReferralService final : public host::Service {
 public:
  ReferralService(const host::Environment& env, std::unique_ptr<storage::Database> database)
      : database_(std::move(database)),
        denials_(*database_, env.ids, env.clock),
        server_(*database_, env.services, denials_, env.clock, env.random, env.ids),
        relay_(outbox::StartRelay(
            *database_,
            {.service = "referral", .redis_socket = env.redis_socket, .event_key = env.event_key},
            env.clock)),
        sweep_(kSweepEveryMs, [this] { SweepAll(); }) {
    server_.Register(env.registry);
    if (env.denials != nullptr) env.denials->Route("/fairlead.referral.v1.", denials_);
    Follow(
        env, "directory",
        [&ids = env.ids, &clock = env.clock](storage::Transaction& tx, const EventEnvelope& event) {
          return ApplyDirectoryEvent(tx, event, ids, clock.NowMs());
        });
    Follow(env, "identity", ApplyIdentityEvent);
    Follow(
        env, "consent",
        [&ids = env.ids, &clock = env.clock](storage::Transaction& tx, const EventEnvelope& event) {
          return ApplyConsentEvent(tx, event, ids, clock.NowMs());
        });
  }

  std::string_view name() const override { return "referral"; }

  void Stop() override {
    sweep_.Stop();
    for (const auto& consumer : consumers_) consumer->Stop();
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
    consumers_.push_back(events::StartConsumer(*database_,
                                               {.name = "referral",
                                                .stream = stream,
                                                .redis_socket = env.redis_socket,
                                                .event_key = env.event_key},
                                               std::move(apply), env.clock));
  }

  // A failed sweep is tried again at the next: the clock is enforced by every command anyway.
  void SweepAll() {
    for (int round = 0; round < 50; ++round) {
      const Result<int64_t> handled = server_.Sweep();
      if (!handled || *handled == 0) return;
    }
  }

  const std::unique_ptr<storage::Database> database_;
  audit::DenialWriter denials_;
  ReferralServer server_;
  const std::unique_ptr<outbox::Relay> relay_;
  std::vector<std::unique_ptr<events::Consumer>> consumers_;
  Periodic sweep_;
};

}  // namespace

Result<std::unique_ptr<host::Service>> StartReferralService(const host::Environment& env) {
  storage::DatabaseOptions options;
  options.url = env.database_url;
  FAIRLEAD_ASSIGN(
      std::unique_ptr<storage::Database> database,
      storage::OpenDatabase(
          options, {outbox::OutboxMigrations(), audit::AuditMigrations(), events::InboxMigrations(),
                    rpc::IdempotencyMigrations(), Migrations()}));
  return std::make_unique<ReferralService>(env, std::move(database));
}

}  // namespace fairlead::referral
