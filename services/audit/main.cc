// Wiring only.
#include <algorithm>

#include "services/audit/audit_server.h"
#include "services/audit/consumers/apply_record.h"
#include "services/audit/migrations.h"
#include "services/audit/service.h"
#include "services/common/audit/audit.h"
#include "services/common/audit/denials.h"
#include "services/common/events/consumer.h"
#include "services/common/outbox/outbox.h"
#include "services/common/storage/database.h"

namespace fairlead::audit {
namespace {

using fairlead::events::v1::EventEnvelope;

// Whose trails are gathered; this service's own comes the same way.
constexpr const char* kRecorders[] = {"identity", "directory", "consent",
                                      "referral", "messaging", "audit"};
// Nobody reads the trail faster, and whoever acts must not wait for it to be gathered.
constexpr int64_t kGatherMs = 50;

class AuditHost final : public host::Service {
 public:
  AuditHost(const host::Environment& env, std::unique_ptr<storage::Database> database)
      : database_(std::move(database)),
        server_(*database_, env.clock, env.random, env.ids, env.exports_per_day),
        denials_(*database_, env.ids, env.clock),
        relay_(outbox::StartRelay(
            *database_,
            {.service = "audit", .redis_socket = env.redis_socket, .event_key = env.event_key},
            env.clock)) {
    server_.Register(env.registry);
    if (env.denials != nullptr) env.denials->Route("/fairlead.audit.v1.", denials_);
    for (const std::string stream : kRecorders) {
      consumers_.push_back(events::StartConsumer(
          *database_,
          {.name = "audit",
           .stream = stream,
           .redis_socket = env.redis_socket,
           .event_key = env.event_key,
           .gather_ms = kGatherMs},
          [stream](storage::Transaction& tx, const EventEnvelope& event) {
            return ApplyRecord(tx, stream, event);
          },
          env.clock));
    }
  }

  std::string_view name() const override { return "audit"; }
  storage::Database& database() override { return *database_; }

  void Stop() override {
    denials_.Stop();
    for (const auto& consumer : consumers_) consumer->Stop();
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
  const std::unique_ptr<storage::Database> database_;
  AuditServer server_;
  DenialWriter denials_;
  const std::unique_ptr<outbox::Relay> relay_;
  std::vector<std::unique_ptr<events::Consumer>> consumers_;
};

}  // namespace

Result<std::unique_ptr<host::Service>> StartAuditService(const host::Environment& env) {
  storage::DatabaseOptions options;
  options.url = env.database_url;
  FAIRLEAD_ASSIGN(std::unique_ptr<storage::Database> database,
                  storage::OpenDatabase(options, {outbox::OutboxMigrations(), AuditMigrations(),
                                                  events::InboxMigrations(), Migrations()}));
  return std::make_unique<AuditHost>(env, std::move(database));
}

}  // namespace fairlead::audit
