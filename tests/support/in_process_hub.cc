#include "tests/support/in_process_hub.h"

#include <filesystem>

#include "services/audit/service.h"
#include "services/common/base/random.h"
#include "services/common/testing/postgres_server.h"
#include "services/consent/service.h"
#include "services/directory/service.h"
#include "services/identity/service.h"
#include "services/referral/service.h"

namespace fairlead::testing {

Result<std::unique_ptr<InProcessHub>> InProcessHub::Start(storage::Transaction::Engine engine) {
  std::unique_ptr<InProcessHub> hub(new InProcessHub);
  FAIRLEAD_ASSIGN(hub->redis_, RedisServer::Start());
  rpc::DispatcherOptions options;
  options.on_denied = [denials = &hub->denials_](const auth::Actor& actor, std::string_view method,
                                                 const Error& error) {
    denials->Add(actor, method, error);
  };
  hub->dispatcher_ = std::make_unique<rpc::Dispatcher>(hub->registry_, hub->clock_, options);
  hub->channel_ = rpc::MakeLocalChannel(*hub->dispatcher_);
  FAIRLEAD_RETURN_IF_ERROR(hub->StartServices(engine));
  hub->dispatcher_->CheckPolicies();
  return hub;
}

Result<void> InProcessHub::StartServices(storage::Transaction::Engine engine) {
  using StartFunction = Result<std::unique_ptr<host::Service>> (*)(const host::Environment&);
  // As the hub's own data folder has it, for the key of sign-in secrets.
  std::filesystem::create_directory(folder_.File("keys"));
  const std::pair<const char*, StartFunction> all[] = {
      {"directory", directory::StartDirectoryService},
      {"identity", identity::StartIdentityService},
      {"consent", consent::StartConsentService},
      {"referral", referral::StartReferralService},
      {"audit", audit::StartAuditService}};
  for (const auto& [name, start] : all) {
    std::string url = "sqlite:" + folder_.File(std::string(name) + ".db");
    if (engine == storage::Transaction::Engine::kPostgres) {
      FAIRLEAD_ASSIGN(PostgresServer * server, PostgresServer::Shared());
      FAIRLEAD_ASSIGN(url, server->NewDatabase());
    }
    const host::Environment env{.clock = clock_,
                                .random = SystemRandom(),
                                .ids = ids_,
                                .registry = registry_,
                                .services = *channel_,
                                .database_url = url,
                                .data_dir = folder_.path(),
                                .redis_socket = redis_->socket_path(),
                                 .event_key = std::string(32, 'k'),
                                 .denials = &denials_,
                                 .public_url = kInProcessUrl};
    FAIRLEAD_ASSIGN(std::unique_ptr<host::Service> service, start(env));
    services_.push_back(std::move(service));
  }
  return {};
}

InProcessHub::~InProcessHub() {
  if (dispatcher_) {
    dispatcher_->BeginDrain();
    dispatcher_->WaitIdle(5'000);
  }
  for (auto service = services_.rbegin(); service != services_.rend(); ++service) {
    (*service)->Stop();
  }
}

}  // namespace fairlead::testing
