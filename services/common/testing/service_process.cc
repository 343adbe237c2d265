#include "services/common/testing/service_process.h"

#include <atomic>
#include <cstdlib>
#include <iostream>

#include "services/common/base/random.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/server.h"
#include "services/common/testing/wait_until.h"

namespace fairlead::testing {
namespace {

constexpr int64_t kCallMs = 20'000;
constexpr int64_t kReadyMs = 60'000;
constexpr std::string_view kChild = "--serve-as-child";

// The machine's clock, so many milliseconds off: one that somebody sets while the service runs.
class OffsetClock final : public Clock {
 public:
  int64_t NowMs() const override { return SystemClock().NowMs() + offset_ms_.load(); }
  int64_t SteadyMs() const override { return SystemClock().SteadyMs(); }
  void Set(int64_t offset_ms) { offset_ms_ = offset_ms; }

 private:
  std::atomic<int64_t> offset_ms_{0};
};

int Serve(const ServiceStarter& start, const std::string& url, const std::string& socket,
          const std::string& key_file, int64_t offset_ms) {
  OffsetClock clock;
  clock.Set(offset_ms);
  IdGenerator ids(clock, SystemRandom());
  rpc::Registry registry;
  rpc::Dispatcher dispatcher(registry, SystemClock());
  const auto channel = rpc::MakeLocalChannel(dispatcher);
  host::Environment env{.clock = clock,
                        .random = SystemRandom(),
                        .ids = ids,
                        .registry = registry,
                        .services = *channel,
                        .database_url = url,
                        .data_dir = "",
                        .redis_socket = socket + ".none",  // nobody listens to its events
                        .event_key = std::string(32, 'k')};
  env.record_opens_per_day = 1'000'000;  // these are not the ones that are tested
  std::unique_ptr<host::Service> service;
  // The lock of the process killed just before may live a moment longer.
  WaitUntil([&] {
    auto started = start(env);
    if (started) service = std::move(*started);
    return service != nullptr;
  });
  const auto signer = auth::OpenAssertionSigner(key_file, SystemClock());
  if (!service || !signer) return 1;
  const auto verifier = auth::MakeAssertionVerifier((*signer)->PublicJwk(), SystemClock());
  if (!verifier) return 1;
  auto server =
      rpc::StartServer({.listen = "unix:" + socket}, dispatcher, **verifier, SystemClock());
  if (!server) return 1;
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    clock.Set(std::atoll(line.c_str()));
    std::cout << "set" << std::endl;
  }
  (*server)->Shutdown(1'000);
  service->Stop();
  return 0;
}

}  // namespace

std::optional<int> ServeIfChild(int argc, char** argv, const ServiceStarter& start) {
  if (argc != 6 || std::string_view(argv[1]) != kChild) return std::nullopt;
  return Serve(start, argv[2], argv[3], argv[4], std::atoll(argv[5]));
}

ServiceProcess::ServiceProcess(std::string database_url, const TempDir& folder)
    : url_(std::move(database_url)),
      socket_(folder.File("service.sock")),
      key_file_(folder.File("key.jwk")),
      log_(folder.File("child.log")) {}

bool ServiceProcess::Launch() {
  if (!signer_) {
    auto signer = auth::OpenAssertionSigner(key_file_, SystemClock());
    if (!signer) return false;
    signer_ = std::move(*signer);
  }
  auto child = ChildProcess::Spawn({.argv = {"/proc/self/exe", std::string(kChild), url_, socket_,
                                             key_file_, std::to_string(offset_ms_)},
                                    .log_path = log_,
                                    .pipe_stdout = true,
                                    .pipe_stdin = true});
  if (!child) return false;
  child_.emplace(std::move(*child));
  if (!WaitForLine("ready")) return false;
  if (channel_) retired_.push_back(std::move(channel_));
  channel_ = rpc::MakeGrpcChannel("unix:" + socket_, *signer_, SystemClock());
  return true;
}

void ServiceProcess::Kill() {
  child_->Kill9();
  ++kills_;
}

std::optional<int> ServiceProcess::Stop() {
  if (!child_) return 0;
  child_->CloseInput();
  const auto code = child_->Wait(20'000);
  child_.reset();
  return code ? std::optional<int>(*code) : std::nullopt;
}

bool ServiceProcess::SetClock(int64_t offset_ms) {
  offset_ms_ = offset_ms;
  return child_->WriteInput(std::to_string(offset_ms) + "\n") && WaitForLine("set");
}

bool ServiceProcess::WaitForLine(const std::string& awaited) {
  while (const std::optional<std::string> line = child_->ReadLine(kReadyMs)) {
    if (*line == awaited) return true;
  }
  return false;
}

rpc::CallOptions ServiceProcess::Options(const auth::Actor& actor,
                                         const std::string& through) const {
  rpc::CallOptions options;
  options.actor = actor;
  options.on_behalf_of_service = through;
  if (actor.kind == auth::ActorKind::kService) options.on_behalf_of_service = actor.staff_id;
  options.deadline_steady_ms = SystemClock().SteadyMs() + kCallMs;
  return options;
}

}  // namespace fairlead::testing
