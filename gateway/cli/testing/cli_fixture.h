// Runs the command line inside a test: a home folder of its own, streams to look at, a FakeHub.
#ifndef GATEWAY_CLI_TESTING_CLI_FIXTURE_H_
#define GATEWAY_CLI_TESTING_CLI_FIXTURE_H_

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/testing/fake_hub.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::cli {

inline constexpr char kOwnAgency[] = "01890a5d-ac96-774b-bcce-b302099a8001";
inline constexpr char kOtherAgency[] = "01890a5d-ac96-774b-bcce-b302099a8002";

class CliTest : public ::testing::Test {
 protected:
  // The exit code; `out` and `err` hold what was written.
  int Cli(const std::vector<std::string>& arguments, const std::string& input = "") {
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    std::istringstream in_stream(input);
    const int code = RunWith(arguments, environment_,
                             {.out = out_stream,
                              .err = err_stream,
                              .in = in_stream,
                              .out_is_terminal = out_is_terminal_,
                              .in_is_terminal = in_is_terminal_},
                             options_);
    out = out_stream.str();
    err = err_stream.str();
    return code;
  }
  // Signs in to the FakeHub as somebody of kOwnAgency.
  void SignIn(const std::vector<identity::v1::Role>& roles = {});

  testing::TempDir folder_;
  FakeHub hub_;
  std::map<std::string, std::string> environment_ = {{"FAIRLEAD_HOME", folder_.File("home")},
                                                     {"FAIRLEAD_URL", hub_.url()}};
  Options options_;
  bool in_is_terminal_ = false;
  bool out_is_terminal_ = false;
  std::string out;
  std::string err;
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_TESTING_CLI_FIXTURE_H_
