#include "services/hub/verbs.h"

#include <fstream>

namespace fairlead::hub {

std::string UpHelp() {
  return R"(fairlead up: run the whole hub on this machine.

  fairlead up [--demo] [--data DIR] [--listen HOST:PORT] [--config FILE]

  --demo          fill an empty data folder with a made-up coalition, and print its sign-ins
  --data DIR      where everything is kept (default: data)
  --listen H:P    where people reach it (default: 127.0.0.1:7420, which people open as
                  http://localhost:7420; port 0: any free one)
  --config FILE   a TOML file with any of these and more
  --print-config  print every key with its default and meaning, as such a file

Ctrl-C finishes what is under way and stops.
)";
}

std::string ServeHelp() {
  return R"(fairlead serve: run one service alone.

  fairlead serve directory|identity|consent|referral|messaging|audit|gateway --config FILE

All processes of one hub share keys/assertion.jwk and Redis (redis.mode = "socket"); each
service's `address` in the file says where the others reach it. See docs/operations.md.
)";
}

std::string DescribeSetUp(const std::string& data_dir, const std::string& url,
                          const std::string& program) {
  std::string code;
  std::ifstream(data_dir + "/setup-code") >> code;
  if (code.empty()) return "";
  return "\nNobody has set this hub up yet. Make the coalition office and its two coordinators:\n"
         "  " + program + " setup --url " + url + "\n"
         "The one-time set-up code it asks for is in " + data_dir + "/setup-code\n\n";
}

}  // namespace fairlead::hub
