#include "tests/support/hub_process.h"

#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "services/common/base/clock.h"
#include "services/common/rpc/server.h"

namespace fairlead::testing {
namespace {
constexpr int64_t kReadyWithinMs = 60'000;
}

std::string FairleadProgram() {
  if (const char* given = std::getenv("FAIRLEAD_PROGRAM")) return given;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  return self.filename() == "fairlead" ? self.string() : (self.parent_path() / "fairlead").string();
}

Result<std::unique_ptr<HubProcess>> HubProcess::Start(HubProcessOptions options) {
  if (options.log_path.empty()) options.log_path = options.data_dir + ".log";
  std::unique_ptr<HubProcess> hub(new HubProcess(std::move(options)));
  if (Result<void> launched = hub->Launch(); !launched) return Fail(std::move(launched.error()));
  return hub;
}

Result<void> HubProcess::Launch() {
  ChildOptions child;
  child.argv = {FairleadProgram(), "up", "--data", options_.data_dir, "--listen", "127.0.0.1:0"};
  child.argv.insert(child.argv.end(), options_.arguments.begin(), options_.arguments.end());
  // Tests do in a second, and from one address, what a coalition does in a day: the limits of
  // people and addresses are tested apart.
  child.extra_env = {"FAIRLEAD_LIMITS_RECORD_OPENS_PER_DAY=1000000"};
  for (const char* who : {"REQUEST", "SIGN_IN_CALL", "AGENCY_REQUEST", "STAFF_REQUEST"}) {
    child.extra_env.push_back("FAIRLEAD_LIMITS_" + std::string(who) + "S_PER_S=1000000");
    child.extra_env.push_back("FAIRLEAD_LIMITS_" + std::string(who) + "_BURST=1000000");
  }
  child.extra_env.push_back("FAIRLEAD_LIMITS_CONNECTIONS_PER_CLIENT=100000");
  child.extra_env.insert(child.extra_env.end(), options_.extra_env.begin(),
                         options_.extra_env.end());
  child.pipe_stdout = true;
  child.log_path = options_.log_path;
  const int64_t start_ms = SystemClock().SteadyMs();
  Result<ChildProcess> spawned = ChildProcess::Spawn(child);
  if (!spawned) return Fail(std::move(spawned.error()));
  child_.emplace(std::move(*spawned));
  while (true) {
    const int64_t left_ms = start_ms + kReadyWithinMs - SystemClock().SteadyMs();
    const std::optional<std::string> line = child_->ReadLine(left_ms);
    if (!line) {
      return Fail(Code::kUnavailable, "HUB_NOT_READY",
                  "The hub did not get ready; its log is " + options_.log_path);
    }
    if (!line->starts_with("ready ")) continue;
    url_ = line->substr(6, line->find(' ', 6) - 6);
    break;
  }
  ready_ms_ = SystemClock().SteadyMs() - start_ms;
  if (!signer_) {
    FAIRLEAD_ASSIGN(signer_, auth::OpenAssertionSigner(options_.data_dir + "/keys/assertion.jwk",
                                                       SystemClock()));
  }
  const std::lock_guard lock(mutex_);
  channel_ =
      rpc::MakeGrpcChannel("unix:" + options_.data_dir + "/run/hub.sock", *signer_, SystemClock());
  return {};
}

Result<void> HubProcess::Restart() {
  child_->Kill9();
  {
    const std::lock_guard lock(mutex_);
    retired_.push_back(std::move(channel_));
    channel_ = nullptr;
  }
  return Launch();
}

Result<int> HubProcess::Stop(int64_t within_ms) {
  child_->Signal(SIGTERM);
  return child_->Wait(within_ms);
}

int64_t HubProcess::resident_kib() const {
  std::ifstream status("/proc/" + std::to_string(child_->pid()) + "/status");
  for (std::string word; status >> word;) {
    int64_t kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib;
  }
  return 0;
}

}  // namespace fairlead::testing
