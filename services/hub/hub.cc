#include "services/hub/hub.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "gateway/events/redis_events.h"
#include "gateway/http/gateway.h"
#include "services/audit/service.h"
#include "services/common/audit/denials.h"
#include "services/common/auth/assertion.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/base/text.h"
#include "services/common/events/stream.h"
#include "services/common/host/routing.h"
#include "services/common/host/service.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/server.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"
#include "services/consent/service.h"
#include "services/directory/service.h"
#include "services/hub/backup_server.h"
#include "services/hub/data_folder.h"
#include "services/hub/demo_seeder.h"
#include "services/hub/redis_child.h"
#include "services/hub/restore.h"
#include "services/identity/service.h"
#include "services/messaging/service.h"
#include "services/referral/service.h"

namespace fairlead::hub {
namespace {

using StartFunction = Result<std::unique_ptr<host::Service>> (*)(const host::Environment&);

struct Known {
  const char* name;
  const char* package;  // what its methods begin with
  StartFunction start;
};
// In the order of starting: whoever is asked comes before whoever asks.
constexpr Known kServices[] = {
    {"directory", "fairlead.directory.v1.", directory::StartDirectoryService},
    {"identity", "fairlead.identity.v1.", identity::StartIdentityService},
    {"consent", "fairlead.consent.v1.", consent::StartConsentService},
    {"referral", "fairlead.referral.v1.", referral::StartReferralService},
    {"messaging", "fairlead.messaging.v1.", messaging::StartMessagingService},
    {"audit", "fairlead.audit.v1.", audit::StartAuditService},
};

// After the services have stopped, what is left of the calls only has to notice.
constexpr int64_t kLastCallsMs = 2'000;

gateway::CallRates RatesOf(const config::LimitsConfig& limits) {
  return {.network = {.per_s = limits.requests_per_s, .burst = limits.request_burst},
          .sign_in = {.per_s = limits.sign_in_calls_per_s, .burst = limits.sign_in_call_burst},
          .agency = {.per_s = limits.agency_requests_per_s, .burst = limits.agency_request_burst},
          .person = {.per_s = limits.staff_requests_per_s, .burst = limits.staff_request_burst}};
}

// Where the built browser app lies: beside the build that this program is of, or where both are
// installed. Empty: nowhere, and the app's address says so.
std::string AppFolder() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  for (const char* near : {"../../web", "../share/fairlead/web"}) {
    const auto folder = (program.parent_path() / near).lexically_normal();
    if (std::filesystem::exists(folder / "hashes.json", error)) return folder.string();
  }
  return {};
}

class RunningHub final : public Hub {
 public:
  explicit RunningHub(HubOptions options)
      : options_(std::move(options)), ids_(SystemClock(), SystemRandom()) {}

  ~RunningHub() override { Stop(); }

  Result<void> StartAll() {
    FAIRLEAD_RETURN_IF_ERROR(OpenFolder());
    FAIRLEAD_RETURN_IF_ERROR(StartRedis());
    FAIRLEAD_RETURN_IF_ERROR(StartServices());
    if (!options_.gateway_only) FAIRLEAD_RETURN_IF_ERROR(StartRpc());
    if (options_.demo) {
      FAIRLEAD_RETURN_IF_ERROR(
          SeedDemo(folder_->path(), *channel_, SystemClock(), SystemRandom(), ids_));
    }
    return options_.gateway ? StartGateway() : Result<void>();
  }

  std::string url() const override { return url_; }
  std::string rpc_address() const override { return rpc_address_; }

  void Stop() override {
    if (stopped_.exchange(true)) return;
    telemetry::Info(telemetry::Event::kProcessDraining);
    // One grace for all steps together.
    const int64_t until_ms = SystemClock().SteadyMs() + options_.config.drain_s * 1000;
    const auto left_ms = [until_ms] {
      return std::max<int64_t>(0, until_ms - SystemClock().SteadyMs());
    };
    // Nobody new gets in; those inside finish: browsers first, then other processes.
    if (gateway_) gateway_->Shutdown(left_ms());
    if (dispatcher_) dispatcher_->BeginDrain();
    if (server_) server_->Shutdown(left_ms());
    if (dispatcher_) dispatcher_->WaitIdle(left_ms());
    if (backups_) backups_->Stop();
    // Whoever asks others stops before those it asks; each lets its relay publish what is
    // committed, so Redis goes last.
    for (auto service = services_.rbegin(); service != services_.rend(); ++service) {
      (*service)->Stop();
    }
    if (dispatcher_ && !dispatcher_->WaitIdle(kLastCallsMs)) {
      // Calls that nothing can end any more still point into the services. What was acknowledged
      // is on disk: leaving at once is safe, taking the services from under them is not.
      telemetry::Warn(telemetry::Event::kProcessStopped);
      if (redis_) redis_->Stop();
      _exit(0);
    }
    server_.reset();
    gateway_.reset();
    services_.clear();
    if (redis_) redis_->Stop();
    telemetry::Info(telemetry::Event::kProcessStopped);
  }

 private:
  Result<void> OpenFolder() {
    std::string lock = "fairlead";
    if (options_.gateway_only) lock += "-gateway";
    for (const std::string& name : options_.services) lock += "-" + name;
    FAIRLEAD_ASSIGN(folder_, DataFolder::Open(options_.config.data_dir, lock));
    options_.config.data_dir = folder_->path();
    FAIRLEAD_RETURN_IF_ERROR(ClearUp());
    FAIRLEAD_ASSIGN(
        signer_, auth::OpenAssertionSigner(folder_->path() + "/keys/assertion.jwk", SystemClock()));
    FAIRLEAD_ASSIGN(verifier_, auth::MakeAssertionVerifier(signer_->PublicJwk(), SystemClock()));
    return {};
  }

  // The whole hub's lock is also the restore's; a service alone does not hold it.
  Result<void> ClearUp() {
    const bool alone = options_.gateway_only || !options_.services.empty();
    if (!alone) {
      BackupServer::DropLeftovers(folder_->path());
      DropStaged(folder_->path());
      FAIRLEAD_ASSIGN(const DatabaseLocks locks, DatabaseLocks::Take(folder_->path()));
      FAIRLEAD_RETURN_IF_ERROR(FinishRestore(folder_->path(), locks));
    }
    if (!IsRestoreUnfinished(folder_->path())) return {};
    return Fail(Code::kFailedPrecondition, "RESTORE_UNFINISHED",
                "A backup is being put back in " + folder_->path() +
                    ". If nobody is at it any more, fairlead admin restore it again.");
  }

  Result<void> StartRedis() {
    if (options_.config.redis.mode == config::RedisMode::kSocket) {
      redis_socket_ = options_.config.redis.socket;
      return {};
    }
    if (!options_.services.empty() || options_.gateway_only) {
      return Fail(Code::kInvalidArgument, "CONFIG_INCOMPLETE",
                  "Services apart share one Redis: set redis.mode = \"socket\" and redis.socket.");
    }
    FAIRLEAD_ASSIGN(redis_, RedisChild::Start(folder_->path() + "/run"));
    redis_socket_ = redis_->socket_path();
    return {};
  }

  // Every process of a hub has the same folder of keys, and so all have the same of this one.
  Result<std::string> EventKey() const {
    FAIRLEAD_ASSIGN(const std::string epoch, EventEpoch(folder_->path()));
    return signer_->DeriveKey(std::string(events::kEventKeyLabel) + epoch);
  }

  bool RunsHere(const char* name) const {
    if (options_.gateway_only) return false;
    return options_.services.empty() || Contains(options_.services, name);
  }

  Result<void> StartServices() {
    rpc::DispatcherOptions limits;
    limits.max_in_flight = static_cast<int>(options_.config.limits.calls_in_flight);
    limits.on_call = [this](std::string_view method, const Error* error, int64_t took_ms) {
      OnCall(method, error, took_ms);
    };
    limits.on_denied = [this](const auth::Actor& actor, std::string_view method,
                              const Error& error) { denials_.Add(actor, method, error); };
    dispatcher_ = std::make_unique<rpc::Dispatcher>(registry_, SystemClock(), limits);
    auto routing = std::make_unique<host::RoutingChannel>();
    local_ = rpc::MakeLocalChannel(*dispatcher_);
    for (const Known& known : kServices) {
      if (RunsHere(known.name)) {
        routing->Route(known.package, *local_);
      } else {
        const std::string address = config::ServiceAddress(options_.config, known.name);
        remotes_.push_back(rpc::MakeGrpcChannel(address, *signer_, SystemClock(),
                                                TlsFor(address), known.name));
        routing->Route(known.package, *remotes_.back());
      }
    }
    channel_ = std::move(routing);
    for (const Known& known : kServices) {
      if (!RunsHere(known.name)) continue;
      FAIRLEAD_ASSIGN(std::string url, config::DatabaseUrl(options_.config, known.name));
      FAIRLEAD_ASSIGN(std::string event_key, EventKey());
      FAIRLEAD_ASSIGN(std::string replaced, ReplacedFolder(folder_->path(), known.name));
      const host::Environment env{
          .clock = SystemClock(),
          .random = SystemRandom(),
          .ids = ids_,
          .registry = registry_,
          .services = *channel_,
          .database_url = std::move(url),
          .data_dir = folder_->path(),
          .redis_socket = redis_socket_,
          .event_key = std::move(event_key),
          .denials = &denials_,
          .exports_per_day = static_cast<int>(options_.config.limits.audit_exports_per_day),
          .record_opens_per_day = static_cast<int>(options_.config.limits.record_opens_per_day),
          .hold_s = options_.config.hold_s,
          .clocks = options_.config.clocks,
          .minors = options_.config.minors,
          .public_url = config::PublicUrl(options_.config),
          .after_restore = IsAfterRestore(folder_->path(), known.name),
          .replaced_dir = std::move(replaced)};
      Result<std::unique_ptr<host::Service>> service = known.start(env);
      if (!service) return Fail(std::move(service.error()));
      StartedAfterRestore(folder_->path(), known.name);
      services_.push_back(std::move(*service));
    }
    OfferBackups();
    dispatcher_->CheckPolicies();
    std::vector<std::string> names;
    for (const auto& [name, method] : registry_.methods()) names.push_back(name);
    telemetry::RegisterNames(names);
    return {};
  }

  void OfferBackups() {
    // Started last: who follows the others' events.
    std::vector<BackupSource> sources;
    for (auto service = services_.rbegin(); service != services_.rend(); ++service) {
      sources.push_back({std::string((*service)->name()), &(*service)->database()});
    }
    if (sources.empty()) return;
    backups_ = std::make_unique<BackupServer>(folder_->path(), std::move(sources), ids_,
                                              SystemClock());
    backups_->Register(registry_);
  }

  // Always but on Unix sockets: the configuration has seen to it.
  rpc::TlsFiles TlsFor(const std::string& address) const {
    if (config::IsUnixAddress(address)) return {};
    return {.authorities = options_.config.rpc_authorities_file,
            .certificate = options_.config.rpc_certificate_file,
            .key = options_.config.rpc_key_file};
  }

  Result<void> StartRpc() {
    rpc::ServerOptions options;
    options.listen = options_.config.rpc_listen;
    if (options.listen.empty()) {
      options.listen = options_.services.empty()
                           ? "unix:" + folder_->path() + "/run/hub.sock"
                           : config::ServiceAddress(options_.config, options_.services.front());
    }
    options.tls = TlsFor(options.listen);
    FAIRLEAD_ASSIGN(server_, rpc::StartServer(options, *dispatcher_, *verifier_, SystemClock()));
    rpc_address_ = options.listen;
    return {};
  }

  Result<void> StartGateway() {
    const config::HubConfig& config = options_.config;
    gateway::GatewayOptions options;
    options.listen = config.listen;
    options.admin_listen = config.admin_listen;
    options.public_origin = config.public_url;
    options.tls_certificate_file = config.tls_certificate_file;
    options.tls_key_file = config.tls_key_file;
    options.tls_client_ca_file = config.tls_client_ca_file;
    options.limits.max_connections = static_cast<int>(config.limits.connections);
    options.limits.max_connections_per_client =
        static_cast<int>(config.limits.connections_per_client);
    options.rates = RatesOf(config.limits);
    FAIRLEAD_ASSIGN(options.trusted_proxies,
                    gateway::TrustedProxies::Parse(config.trusted_proxy));
    options.max_streams = static_cast<size_t>(config.limits.event_streams);
    options.app_folder = AppFolder();
    FAIRLEAD_ASSIGN(const std::string event_key, EventKey());
    const gateway::GatewayEnvironment environment{
        .services = *channel_,
        .clock = SystemClock(),
        .random = SystemRandom(),
        .ids = ids_,
        .start_events =
            gateway::RedisEvents(redis_socket_, event_key,
                                 {"directory", "identity", "consent", "referral", "messaging"}),
        .is_ready = [this] { return !stopped_.load(); },
        .metrics_text = [this] { return MetricsText(); },
        .on_request = {},
    };
    FAIRLEAD_ASSIGN(gateway_, gateway::StartGateway(options, environment));
    config::HubConfig bound = config;
    bound.listen = config.listen.substr(0, config.listen.rfind(':') + 1) +
                   std::to_string(gateway_->port());  // port 0: the one that was free
    url_ = config::PublicUrl(bound);
    return {};
  }

  // Every call, counted; refusals in the log with their reason, successes at level debug.
  void OnCall(std::string_view method, const Error* error, int64_t took_ms) {
    const Code code = error == nullptr ? Code::kOk : error->code;
    calls_.Of(telemetry::FindName(method), code).Add();
    if (error == nullptr) {
      telemetry::Debug(telemetry::Event::kCallFinished, telemetry::Method(method),
                       telemetry::Took(took_ms));
    } else {
      telemetry::Info(telemetry::Event::kCallRefused, telemetry::Method(method),
                      telemetry::Outcome(code), telemetry::Reason(*error),
                      telemetry::Took(took_ms));
    }
  }

  // How far events have got, service by service, beside the process's own counters.
  std::string MetricsText() const {
    std::string text = telemetry::Metrics::Process().Exposition();
    for (const auto& service : services_) {
      for (const auto& [gauge, value] : service->Gauges()) {
        text += "fairlead_" + gauge + "{service=\"" + std::string(service->name()) + "\"} " +
                std::to_string(value) + "\n";
      }
    }
    if (redis_) text += "fairlead_redis_restarts " + std::to_string(redis_->restarts()) + "\n";
    return text;
  }

  telemetry::CounterFamily<telemetry::KnownName, Code> calls_{
      telemetry::Metrics::Process(),
      "fairlead_calls_total",
      "Calls by method and outcome.",
      {telemetry::Key::kMethod, telemetry::Key::kCode}};
  HubOptions options_;
  IdGenerator ids_;
  std::atomic<bool> stopped_{false};
  std::unique_ptr<DataFolder> folder_;
  std::unique_ptr<auth::AssertionSigner> signer_;
  std::unique_ptr<auth::AssertionVerifier> verifier_;
  std::unique_ptr<RedisChild> redis_;
  std::string redis_socket_;
  rpc::Registry registry_;
  audit::Denials denials_;  // routes are made while services start, before the first call
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::unique_ptr<rpc::Channel> local_;
  std::vector<std::unique_ptr<rpc::Channel>> remotes_;
  std::unique_ptr<rpc::Channel> channel_;
  std::vector<std::unique_ptr<host::Service>> services_;
  std::unique_ptr<BackupServer> backups_;
  std::unique_ptr<rpc::Server> server_;
  std::string rpc_address_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::string url_;
};

}  // namespace

Result<std::unique_ptr<Hub>> Hub::Start(const HubOptions& options) {
  for (const std::string& name : options.services) {
    const bool known = std::any_of(std::begin(kServices), std::end(kServices),
                                   [&name](const Known& one) { return name == one.name; });
    if (!known) {
      return Fail(Code::kInvalidArgument, "UNKNOWN_SERVICE",
                  "There is no service " + name +
                      ": it is one of directory, identity, consent, referral, messaging, audit.");
    }
  }
  auto hub = std::make_unique<RunningHub>(options);
  if (Result<void> started = hub->StartAll(); !started) return Fail(std::move(started.error()));
  return hub;
}

}  // namespace fairlead::hub
