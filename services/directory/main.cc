// Wiring only.
#include "services/common/audit/audit.h"
#include "services/common/audit/denials.h"
#include "services/common/base/periodic.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/mutate.h"
#include "services/directory/capacity_server.h"
#include "services/directory/directory_server.h"
#include "services/directory/history_server.h"
#include "services/directory/hours_server.h"
#include "services/directory/hsds_server.h"
#include "services/directory/load_reader.h"
#include "services/directory/import_server.h"
#include "services/directory/match_server.h"
#include "services/directory/membership_server.h"
#include "services/directory/migrations.h"
#include "services/directory/service.h"
#include "services/directory/verification_server.h"

namespace fairlead::directory {
namespace {

constexpr size_t kPageTokenKeyBytes = 32;
constexpr int64_t kSweepEveryMs = 5'000;
constexpr int kRoundsPerSweep = 50;
constexpr int64_t kImportsEveryMs = 250;
constexpr int kLookEvery = 20;  // of those: what another process may have left

class DirectoryService final : public host::Service {
 public:
  DirectoryService(const host::Environment& environment,
                   std::unique_ptr<storage::Database> database)
      : database_(std::move(database)),
        store_(MakeSqlDirectoryStore()),
        memberships_(MakeSqlMembershipStore()),
        capacities_(MakeSqlCapacityStore()),
        deps_{*database_, *store_, *memberships_, environment.clock, environment.ids, *capacities_},
        match_server_(deps_, environment.random.Bytes(kPageTokenKeyBytes)),
        server_(deps_, environment.random.Bytes(kPageTokenKeyBytes)),
        membership_server_(deps_, environment.services,
                           environment.random.Bytes(kPageTokenKeyBytes)),
        capacity_server_(deps_, environment.random.Bytes(kPageTokenKeyBytes), environment.hold_s),
        hours_server_(deps_),
        hsds_server_(deps_, environment.random.Bytes(kPageTokenKeyBytes)),
        history_server_(deps_, environment.random.Bytes(kPageTokenKeyBytes)),
        verification_server_(deps_, environment.random.Bytes(kPageTokenKeyBytes)),
        load_reader_(deps_, environment.services),
        import_server_(deps_, environment.random),
        denials_(*database_, environment.ids, environment.clock) {
    server_.Register(environment.registry);
    match_server_.Register(environment.registry);
    match_server_.Prepare();
    membership_server_.Register(environment.registry);
    capacity_server_.Register(environment.registry);
    hours_server_.Register(environment.registry);
    hsds_server_.Register(environment.registry);
    history_server_.Register(environment.registry);
    verification_server_.Register(environment.registry);
    import_server_.Register(environment.registry);
    if (environment.denials != nullptr) {
      environment.denials->Route("/fairlead.directory.v1.", denials_);
    }
    outbox::RelayOptions options;
    options.service = "directory";
    options.redis_socket = environment.redis_socket;
    options.event_key = environment.event_key;
    relay_ = outbox::StartRelay(*database_, options, environment.clock);
    sweep_ = std::make_unique<Periodic>(kSweepEveryMs, [this] { SweepAll(); });
    imports_ = std::make_unique<Periodic>(
        kImportsEveryMs, [this] { import_server_.Work(import_rounds_++ % kLookEvery == 0); });
  }

  std::string_view name() const override { return "directory"; }
  storage::Database& database() override { return *database_; }

  void Stop() override {
    sweep_->Stop();
    import_server_.Stop();
    imports_->Stop();
    denials_.Stop();
    relay_->Stop();
    database_->Close();
  }

  std::map<std::string, int64_t> Gauges() const override {
    const outbox::RelayStatus status = relay_->status();
    return {{"outbox_last", status.last_sequence}, {"outbox_published", status.published_sequence}};
  }

 private:
  // The first run is at once: what ran out while the program was down is given back then. A failed
  // sweep is tried again at the next; a hold that is placed gives back what is due by itself.
  void SweepAll() {
    DoAll([this] { return capacity_server_.Sweep(); });
    DoAll([this] { return verification_server_.Remind(); });
    DoAll([this] { return load_reader_.ReadDay(); });
    DoAll([this] { return import_server_.Sweep(); });
  }

  template <class Round>
  static void DoAll(const Round& round) {
    for (int i = 0; i < kRoundsPerSweep; ++i) {
      const Result<int64_t> handled = round();
      if (!handled || *handled == 0) return;
    }
  }

  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<DirectoryStore> store_;
  std::unique_ptr<MembershipStore> memberships_;
  std::unique_ptr<CapacityStore> capacities_;
  const Deps deps_;
  MatchServer match_server_;
  DirectoryServer server_;
  MembershipServer membership_server_;
  CapacityServer capacity_server_;
  HoursServer hours_server_;
  HsdsServer hsds_server_;
  HistoryServer history_server_;
  VerificationServer verification_server_;
  LoadReader load_reader_;
  ImportServer import_server_;
  audit::DenialWriter denials_;
  std::unique_ptr<outbox::Relay> relay_;
  std::unique_ptr<Periodic> sweep_;
  int import_rounds_ = 0;  // of the thread of `imports_`
  std::unique_ptr<Periodic> imports_;
};

}  // namespace

Result<std::unique_ptr<host::Service>> StartDirectoryService(const host::Environment& environment) {
  storage::DatabaseOptions options;
  options.url = environment.database_url;
  FAIRLEAD_ASSIGN(
      std::unique_ptr<storage::Database> database,
      storage::OpenDatabase(options, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                                      rpc::IdempotencyMigrations(), directory::Migrations()}));
  return std::unique_ptr<host::Service>(
      std::make_unique<DirectoryService>(environment, std::move(database)));
}

}  // namespace fairlead::directory
