#include "tests/support/in_process_hub.h"

#include <filesystem>

#include "services/audit/service.h"
#include "services/common/base/random.h"
#include "services/common/testing/postgres_server.h"
#include "services/consent/service.h"
#include "services/directory/service.h"
#include "services/identity/service.h"
#include "services/messaging/service.h"
#include "services/referral/service.h"

namespace fairlead::testing {
namespace {

using StartFunction = Result<std::unique_ptr<host::Service>> (*)(const host::Environment&);

constexpr std::pair<const char*, StartFunction> kServices[] = {
    {"directory", directory::StartDirectoryService},
    {"identity", identity::StartIdentityService},
    {"consent", consent::StartConsentService},
    {"referral", referral::StartReferralService},
    {"messaging", messaging::StartMessagingService},
    {"audit", audit::StartAuditService}};

}  // namespace

InProcessHub::InProcessHub(const InProcessKeep& keep)
    : keep_{.folder = keep.folder.empty() ? own_folder_.path() : keep.folder,
            .database_urls = keep.database_urls,
            .clock = keep.clock == nullptr ? &clock_ : keep.clock},
      ids_(*keep_.clock, SystemRandom()) {}

Result<std::unique_ptr<InProcessHub>> InProcessHub::Start(storage::Transaction::Engine engine) {
  InProcessKeep keep;
  if (engine == storage::Transaction::Engine::kPostgres) {
    FAIRLEAD_ASSIGN(keep.database_urls, NewDatabases());
  }
  return Start(keep);
}

Result<std::map<std::string, std::string>> InProcessHub::NewDatabases() {
  FAIRLEAD_ASSIGN(PostgresServer * server, PostgresServer::Shared());
  std::map<std::string, std::string> urls;
  for (const auto& [name, start] : kServices) {
    FAIRLEAD_ASSIGN(urls[name], server->NewDatabase());
  }
  return urls;
}

Result<std::unique_ptr<InProcessHub>> InProcessHub::Start(const InProcessKeep& keep) {
  std::unique_ptr<InProcessHub> hub(new InProcessHub(keep));
  FAIRLEAD_ASSIGN(hub->redis_, RedisServer::Start());
  rpc::DispatcherOptions options;
  options.on_denied = [denials = &hub->denials_](const auth::Actor& actor, std::string_view method,
                                                 const Error& error) {
    denials->Add(actor, method, error);
  };
  hub->dispatcher_ = std::make_unique<rpc::Dispatcher>(hub->registry_, *hub->keep_.clock, options);
  hub->channel_ = rpc::MakeLocalChannel(*hub->dispatcher_);
  FAIRLEAD_RETURN_IF_ERROR(hub->StartServices());
  hub->dispatcher_->CheckPolicies();
  return hub;
}

Result<void> InProcessHub::StartServices() {
  const std::string folder = keep_.folder + "/";
  // As the hub's own data folder has it, for the key of sign-in secrets.
  std::filesystem::create_directories(folder + "keys");
  for (const auto& [name, start] : kServices) {
    const auto given = keep_.database_urls.find(name);
    const std::string url =
        given == keep_.database_urls.end() ? "sqlite:" + folder + name + ".db" : given->second;
    const host::Environment env{.clock = *keep_.clock,
                                .random = SystemRandom(),
                                .ids = ids_,
                                .registry = registry_,
                                .services = *channel_,
                                .database_url = url,
                                .data_dir = keep_.folder,
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
