#include "tests/model/killed_world.h"

#include <iostream>

#include "services/common/rpc/server.h"
#include "services/common/testing/wait_until.h"
#include "tests/support/in_process_hub.h"

namespace fairlead::model {
namespace {

constexpr char kAsHub[] = "--hub";
constexpr char kUp[] = "up";
constexpr int64_t kUpWithinMs = 60'000;

std::string SocketIn(const std::string& folder) { return "unix:" + folder + "/hub.sock"; }
std::string KeyIn(const std::string& folder) { return folder + "/keys/assertion.jwk"; }

}  // namespace

Result<std::unique_ptr<KilledWorld>> KilledWorld::Start(storage::Transaction::Engine engine) {
  std::unique_ptr<KilledWorld> world(new KilledWorld);
  if (engine == storage::Transaction::Engine::kPostgres) {
    FAIRLEAD_ASSIGN(const auto urls, testing::InProcessHub::NewDatabases());
    for (const auto& [name, url] : urls) world->database_urls_.push_back(name + "=" + url);
  }
  FAIRLEAD_RETURN_IF_ERROR(world->Launch());
  return world;
}

std::optional<int> KilledWorld::RunHub(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  if (argc < 3 || arguments[1] != kAsHub) return std::nullopt;
  const std::string& folder = arguments[2];
  const testing::SharedClock clock(folder + "/clock");
  testing::InProcessKeep keep{.folder = folder, .database_urls = {}, .clock = &clock};
  for (size_t i = 3; i < arguments.size(); ++i) {
    const size_t at = arguments[i].find('=');
    keep.database_urls[arguments[i].substr(0, at)] = arguments[i].substr(at + 1);
  }
  std::unique_ptr<testing::InProcessHub> hub;
  // The locks of the process killed just before may live a moment longer.
  testing::WaitUntil([&] {
    auto started = testing::InProcessHub::Start(keep);
    if (started)
      hub = std::move(*started);
    else
      std::cerr << ToString(started.error()) << std::endl;
    return hub != nullptr;
  });
  if (!hub) return 1;
  const auto signer = auth::OpenAssertionSigner(KeyIn(folder), SystemClock());
  if (!signer) return 1;
  const auto verifier = auth::MakeAssertionVerifier((*signer)->PublicJwk(), SystemClock());
  if (!verifier) return 1;
  const auto server =
      rpc::StartServer({.listen = SocketIn(folder)}, hub->dispatcher(), **verifier, SystemClock());
  if (!server) return 1;
  std::cout << kUp << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
  }
  return 0;
}

Result<void> KilledWorld::Launch() {
  testing::ChildOptions options{.argv = {"/proc/self/exe", kAsHub, folder_.path()},
                                .log_path = folder_.File("hub.log"),
                                .pipe_stdout = true,
                                .pipe_stdin = true};
  options.argv.insert(options.argv.end(), database_urls_.begin(), database_urls_.end());
  FAIRLEAD_ASSIGN(testing::ChildProcess child, testing::ChildProcess::Spawn(options));
  hub_.emplace(std::move(child));
  if (hub_->ReadLine(kUpWithinMs) != kUp) {
    return Fail(Code::kUnavailable, "HUB_NOT_READY", "The hub did not get ready.");
  }
  if (!signer_) {
    FAIRLEAD_ASSIGN(signer_, auth::OpenAssertionSigner(KeyIn(folder_.path()), SystemClock()));
  }
  const std::lock_guard lock(mutex_);
  current_ = rpc::MakeGrpcChannel(SocketIn(folder_.path()), *signer_, SystemClock());
  return {};
}

void KilledWorld::Kill() {
  hub_->Kill9();
  ++kills_;
  {
    const std::lock_guard lock(mutex_);
    retired_.push_back(std::move(current_));
    current_ = nullptr;
  }
  const Result<void> launched = Launch();
  EXPECT_TRUE(launched) << ToString(launched.error());
}

std::shared_ptr<rpc::Channel> KilledWorld::Current() {
  const std::lock_guard lock(mutex_);
  return current_;
}

Task<rpc::Reply> KilledWorld::SteadyChannel::Call(std::string method, const rpc::Message& request,
                                                  const rpc::Message& response_prototype,
                                                  rpc::CallOptions options) {
  const std::shared_ptr<rpc::Channel> channel = world_.Current();
  if (!channel) co_return Fail(Code::kUnavailable, "SERVICE_UNAVAILABLE", "The hub is away.");
  Task<rpc::Reply> call =
      channel->Call(std::move(method), request, response_prototype, std::move(options));
  co_return co_await std::move(call);
}

}  // namespace fairlead::model
