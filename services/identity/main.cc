#include "services/identity/service.h"

#include "services/common/audit/audit.h"
#include "services/common/audit/denials.h"
#include "services/common/events/consumer.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/mutate.h"
#include "services/identity/commands/after_restore.h"
#include "services/identity/commands/passkey_tools.h"
#include "services/identity/commands/set_up.h"
#include "services/identity/consumers/agency_changed.h"
#include "services/identity/directory_client.h"
#include "services/identity/fido_passkey_verifier.h"
#include "services/identity/identity_server.h"
#include "services/identity/key_server.h"
#include "services/identity/machine_server.h"
#include "services/identity/machines/migrations.h"
#include "services/identity/keys/migrations.h"
#include "services/identity/migrations.h"
#include "services/identity/passkey_server.h"

namespace fairlead::identity {
namespace {

constexpr size_t kPageTokenKeyBytes = 32;

class IdentityService final : public host::Service {
 public:
  IdentityService(const host::Environment& environment, std::unique_ptr<storage::Database> database)
      : database_(std::move(database)),
        store_(MakeSqlIdentityStore()),
        key_store_(MakeSqlKeyStore()),
        directory_(environment.services),
        hashes_(environment.clock),
        access_(MakeSqlAccessStore()),
        machine_store_(MakeSqlMachineStore()),
        passkey_store_(MakeSqlPasskeyStore()),
        passkey_verifier_(MakeFidoPasskeyVerifier()),
        passkeys_{*passkey_store_, *passkey_verifier_, RelyingPartyOf(environment.public_url)},
        denials_(*database_, environment.ids, environment.clock),
        deps_{.database = *database_,
              .store = *store_,
              .access = *access_,
              .agencies = directory_,
              .hashes = hashes_,
              .secrets = secrets_,
              .clock = environment.clock,
              .random = environment.random,
              .ids = environment.ids,
              .passkeys = &passkeys_,
              .denials = &denials_},
        key_deps_{deps_, *key_store_},
        server_(key_deps_, set_up_code_, environment.random.Bytes(kPageTokenKeyBytes)),
        key_server_(key_deps_, environment.random.Bytes(kPageTokenKeyBytes)),
        passkey_server_(deps_, environment.random.Bytes(kPageTokenKeyBytes)),
        machine_deps_{deps_, *machine_store_, denials_},
        machine_server_(machine_deps_, environment.random.Bytes(kPageTokenKeyBytes)) {}

  Result<void> Start(const host::Environment& environment) {
    FAIRLEAD_RETURN_IF_ERROR(
        secrets_.Open(environment.data_dir + "/keys/sign-in-secrets.key", environment.random));
    if (environment.after_restore) FAIRLEAD_RETURN_IF_ERROR(EndWhatCameBack(deps_));
    FAIRLEAD_RETURN_IF_ERROR(OfferSetUp(deps_, set_up_code_, environment.data_dir));
    server_.Register(environment.registry);
    passkey_server_.Register(environment.registry);
    key_server_.Register(environment.registry);
    machine_server_.Register(environment.registry);
    if (environment.denials != nullptr) {
      environment.denials->Route("/fairlead.identity.v1.", denials_);
    }
    outbox::RelayOptions relay_options;
    relay_options.service = "identity";
    relay_options.redis_socket = environment.redis_socket;
    relay_options.event_key = environment.event_key;
    relay_ = outbox::StartRelay(*database_, relay_options, environment.clock);
    events::ConsumerOptions consumer_options;
    consumer_options.name = "identity";
    consumer_options.stream = "directory";
    consumer_options.redis_socket = environment.redis_socket;
    consumer_options.event_key = environment.event_key;
    consumer_ = events::StartConsumer(
        *database_, consumer_options,
        [this](storage::Transaction& tx, const events::v1::EventEnvelope& event) {
          return ApplyDirectoryEvent(deps_, tx, event);
        },
        environment.clock);
    return {};
  }

  std::string_view name() const override { return "identity"; }
  storage::Database& database() override { return *database_; }

  void Stop() override {
    if (consumer_) consumer_->Stop();
    denials_.Stop();
    hashes_.Stop();  // a sign-in under way still writes
    if (relay_) relay_->Stop();
    database_->Close();
  }

  std::map<std::string, int64_t> Gauges() const override {
    std::map<std::string, int64_t> gauges;
    if (relay_) {
      const outbox::RelayStatus status = relay_->status();
      gauges["outbox_last"] = status.last_sequence;
      gauges["outbox_published"] = status.published_sequence;
    }
    if (consumer_) {
      const events::ConsumerStatus status = consumer_->status();
      gauges["directory_applied"] = status.applied_sequence;
      gauges["directory_dead_letters"] = status.dead_letters;
    }
    return gauges;
  }

 private:
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<IdentityStore> store_;
  std::unique_ptr<KeyStore> key_store_;
  DirectoryClient directory_;
  HashPool hashes_;
  SecretBox secrets_;
  std::unique_ptr<AccessStore> access_;
  std::unique_ptr<MachineStore> machine_store_;
  std::unique_ptr<PasskeyStore> passkey_store_;
  std::unique_ptr<PasskeyVerifier> passkey_verifier_;
  const PasskeyTools passkeys_;
  audit::DenialWriter denials_;
  SetUpCode set_up_code_;
  const Deps deps_;
  const KeyDeps key_deps_;
  IdentityServer server_;
  KeyServer key_server_;
  PasskeyServer passkey_server_;
  const MachineDeps machine_deps_;
  MachineServer machine_server_;
  std::unique_ptr<outbox::Relay> relay_;
  std::unique_ptr<events::Consumer> consumer_;
};

}  // namespace

Result<std::unique_ptr<host::Service>> StartIdentityService(const host::Environment& environment) {
  storage::DatabaseOptions options;
  options.url = environment.database_url;
  FAIRLEAD_ASSIGN(
      std::unique_ptr<storage::Database> database,
      storage::OpenDatabase(options, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                                      events::InboxMigrations(), rpc::IdempotencyMigrations(),
                                      identity::Migrations(), identity_keys::Migrations(),
                                      identity_machines::Migrations()}));
  auto service = std::make_unique<IdentityService>(environment, std::move(database));
  Result<void> started = service->Start(environment);
  if (!started) {
    service->Stop();
    return Fail(std::move(started.error()));
  }
  return std::unique_ptr<host::Service>(std::move(service));
}

}  // namespace fairlead::identity
