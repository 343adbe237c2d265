// Wiring only.
#include "services/common/audit/audit.h"
#include "services/common/audit/denials.h"
#include "services/common/base/periodic.h"
#include "services/common/config/state_ages.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/mutate.h"
#include "services/common/storage/database.h"
#include "services/consent/commands/break_glass.h"
#include "services/consent/commands/expire_releases.h"
#include "services/consent/consent_server.h"
#include "services/consent/migrations.h"
#include "services/consent/service.h"

namespace fairlead::consent {
namespace {

constexpr int64_t kSweepEveryMs = 1'000;

Result<SignerRules> ToSignerRules(const config::MinorsConfig& minors) {
  SignerRules rules;
  const std::map<Matter, std::string> alone = {
      {Matter::kVictimServices, minors.alone_victim_services},
      {Matter::kHealth, minors.alone_health},
      {Matter::kMentalHealth, minors.alone_mental_health},
      {Matter::kSubstanceUse, minors.alone_substance_use},
      {Matter::kLegal, minors.alone_legal},
      {Matter::kBenefits, minors.alone_benefits}};
  for (const auto& [matter, text] : alone) {
    FAIRLEAD_ASSIGN(rules.alone[matter], config::ReadStateAges(text));
  }
  FAIRLEAD_ASSIGN(rules.cosign, config::ReadStateAges(minors.cosign));
  return rules;
}

class ConsentService final : public host::Service {
 public:
  ConsentService(const host::Environment& env, std::unique_ptr<storage::Database> database,
                 SignerRules signer_rules)
      : database_(std::move(database)),
        server_(*database_, env.clock, env.random, env.ids, env.record_opens_per_day,
                std::move(signer_rules)),
        denials_(*database_, env.ids, env.clock),
        relay_(outbox::StartRelay(
            *database_,
            {.service = "consent", .redis_socket = env.redis_socket, .event_key = env.event_key},
            env.clock)) {
    server_.Register(env.registry);
    if (env.denials != nullptr) env.denials->Route("/fairlead.consent.v1.", denials_);
  }

  Result<void> Start() {
    FAIRLEAD_RETURN_IF_ERROR(server_.AfterRestore());
    FAIRLEAD_RETURN_IF_ERROR(server_.ShredOrphans());
    sweep_.emplace(kSweepEveryMs, [this] { SweepAll(); });
    return {};
  }

  std::string_view name() const override { return "consent"; }
  storage::Database& database() override { return *database_; }

  void Stop() override {
    if (sweep_) sweep_->Stop();
    denials_.Stop();
    relay_->Stop();
    database_->Close();
  }

  std::map<std::string, int64_t> Gauges() const override {
    const outbox::RelayStatus status = relay_->status();
    return {{"outbox_last", status.last_sequence}, {"outbox_published", status.published_sequence}};
  }

 private:
  // A failed sweep is tried again at the next: expiry is enforced by every decision anyway.
  void SweepAll() {
    for (int round = 0; round < 50; ++round) {
      const Result<int> expired = server_.Sweep();
      if (!expired || *expired < kExpirePerSweep) break;
    }
    for (int round = 0; round < 50; ++round) {
      const Result<int> called = server_.SweepReviews();
      if (!called || *called < kReviewsPerSweep) return;
    }
  }

  const std::unique_ptr<storage::Database> database_;
  ConsentServer server_;
  audit::DenialWriter denials_;
  const std::unique_ptr<outbox::Relay> relay_;
  std::optional<Periodic> sweep_;
};

}  // namespace

Result<std::unique_ptr<host::Service>> StartConsentService(const host::Environment& env) {
  FAIRLEAD_ASSIGN(SignerRules signer_rules, ToSignerRules(env.minors));
  storage::DatabaseOptions options;
  options.url = env.database_url;
  options.attached = {"custody"};
  FAIRLEAD_ASSIGN(
      std::unique_ptr<storage::Database> database,
      storage::OpenDatabase(options, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                                      rpc::IdempotencyMigrations(), Migrations()}));
  auto service =
      std::make_unique<ConsentService>(env, std::move(database), std::move(signer_rules));
  FAIRLEAD_RETURN_IF_ERROR(service->Start());
  return service;
}

}  // namespace fairlead::consent
