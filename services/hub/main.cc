// The one program: `up` runs the hub, `serve` one service alone, `bench` measures, every other
// word is a verb of the command line.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "gateway/cli/cli.h"
#include "services/common/base/clock.h"
#include "services/common/config/config.h"
#include "services/common/telemetry/log.h"
#include "services/hub/admin_verb.h"
#include "services/hub/demo_seeder.h"
#include "services/hub/hub.h"
#include "services/hub/pki_verb.h"
#include "services/hub/verbs.h"
#include "tests/bench/bench.h"

namespace fairlead::hub {
namespace {

// Before any thread starts, so that every thread inherits the mask and only sigwait sees them.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

int ExitCode(const Error& error) {
  switch (error.code) {
    case Code::kInvalidArgument: return 2;
    case Code::kFailedPrecondition:
    case Code::kAlreadyExists: return 5;
    case Code::kUnavailable: return 6;
    default: return 1;
  }
}

int Complain(const Error& error) {
  std::cerr << "fairlead: " << error.message << " (" << error.reason << ")\n";
  for (const auto& [name, value] : error.metadata) {
    std::cerr << "  " << name << ": " << value << "\n";
  }
  if (error.reason == "LISTEN_FAILED") {
    std::cerr << "  Another hub may be running there. Elsewhere: --listen HOST:PORT\n";
  }
  return ExitCode(error);
}

void Announce(const Hub& hub, const HubOptions& options, int64_t started_ms,
              const std::string& program) {
  const int64_t took_ms = SystemClock().SteadyMs() - started_ms;
  const std::string& folder = options.config.data_dir;
  if (options.demo) std::cout << "\n" << DescribeDemo(folder, program) << "\n";
  if (options.demo && folder != "data") {
    std::cout << "Of this folder: " << program << " demo use NAME --data " << folder << "\n";
  }
  if (!options.demo) std::cout << DescribeSetUp(options.config.data_dir, hub.url(), program);
  // For `demo use`, which reads this folder: where its hub is. Without it the address is asked for.
  if (options.demo && !hub.url().empty()) {
    std::ofstream(folder + "/demo/url") << hub.url() << "\n";
  }
  const std::string address = hub.url().empty() ? hub.rpc_address() : hub.url();
  std::cout << "ready " << address << " (in " << took_ms << " ms; data in "
            << options.config.data_dir << "; Ctrl-C stops)" << std::endl;
}

int Run(HubOptions options, const std::string& program) {
  const sigset_t signals = BlockStopSignals();
  const int64_t started_ms = SystemClock().SteadyMs();
  Result<std::unique_ptr<Hub>> hub = Hub::Start(options);
  if (!hub) return Complain(hub.error());
  Announce(**hub, options, started_ms, program);
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  std::cerr << "\nfairlead: finishing what is under way…\n";
  (*hub)->Stop();
  std::cerr << "fairlead: stopped. Nothing that was acknowledged is lost.\n";
  return 0;
}

int Up(const std::vector<std::string>& arguments, bool serve, const std::string& program) {
  config::Sources sources;
  sources.environment = config::ProcessEnvironment();
  sources.arguments = arguments;
  sources.switches = {"--demo", "--help", "--print-config"};
  Result<config::Loaded> loaded = config::Load(sources);
  if (!loaded) return Complain(loaded.error());
  if (loaded->given.contains("--help")) {
    std::cout << (serve ? ServeHelp() : UpHelp());
    return 0;
  }
  if (loaded->given.contains("--print-config")) {
    std::cout << config::ExampleToml();
    return 0;
  }
  telemetry::LogOptions log;
  log.level = static_cast<telemetry::Level>(loaded->config.log.level);
  log.format = static_cast<telemetry::Format>(loaded->config.log.format);
  telemetry::ConfigureLog(log);
  HubOptions options;
  options.config = loaded->config;
  options.demo = loaded->given.contains("--demo");
  if (serve) {
    if (loaded->positional.size() != 1) {
      std::cerr << ServeHelp();
      return 2;
    }
    if (loaded->positional.front() == "gateway") {
      options.services = {};
      options.gateway_only = true;
    } else {
      options.services = loaded->positional;
      options.gateway = false;
    }
  } else if (!loaded->positional.empty()) {
    std::cerr << UpHelp();
    return 2;
  }
  return Run(std::move(options), program);
}

}  // namespace
}  // namespace fairlead::hub

int main(int argc, char** argv) {
  fairlead::cli::Options options;
  const std::string program = fairlead::cli::ProgramName(argc > 0 ? argv[0] : nullptr);
  options.extra_verbs["up"] = {"run the whole hub on this machine", [program](const auto& words) {
                                 return fairlead::hub::Up(words, false, program);
                               }};
  options.extra_verbs["serve"] = {"run one service alone", [program](const auto& words) {
                                    return fairlead::hub::Up(words, true, program);
                                  }};
  options.extra_verbs["admin"] = {"back up the hub on this machine, and put a backup back",
                                  fairlead::hub::Admin};
  options.extra_verbs["pki"] = {"certificates for a hub on several machines", fairlead::hub::Pki};
  options.extra_verbs["bench"] = {"measure this machine: rates, tails, memory",
                                  fairlead::bench::Run};
  return fairlead::cli::Run(argc, argv, options);
}
