// The gateway before services that answer from memory, for clients in other languages: prints one
// line of JSON {"url","adminUrl","token"}, and runs until standard input ends. A line "event ID"
// on standard input publishes an event about ID; a line "gap" says that events were missed.
#include <cstdio>
#include <iostream>
#include <string>

#include "tests/support/toy_services.h"

int main() {
  using fairlead::gateway::StartGateway;
  fairlead::testing::ToyServices toys;
  fairlead::gateway::GatewayOptions options;
  options.listen = "127.0.0.1:0";
  options.admin_listen = "127.0.0.1:0";
  auto gateway = StartGateway(options, toys.Environment());
  if (!gateway) {
    std::fprintf(stderr, "%s\n", fairlead::ToString(gateway.error()).c_str());
    return 1;
  }
  std::printf("{\"url\":\"%s\",\"adminUrl\":\"http://127.0.0.1:%d\",\"token\":\"%s\"}\n",
              (*gateway)->url().c_str(), (*gateway)->admin_port(), toys.NewToken().c_str());
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.starts_with("event ")) toys.Publish(line.substr(6), {fairlead::testing::kToyAgency});
    if (line == "gap") toys.Gap();
  }
  (*gateway)->Shutdown(1000);
  return 0;
}
