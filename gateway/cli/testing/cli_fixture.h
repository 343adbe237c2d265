// Runs the command line inside a test: a home folder of its own, streams to look at, a FakeHub.
#ifndef GATEWAY_CLI_TESTING_CLI_FIXTURE_H_
#define GATEWAY_CLI_TESTING_CLI_FIXTURE_H_

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <string_view>
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
  // The last request of that method ("package.Service/Method"); the hub must have had one.
  template <class Request>
  Request Sent(std::string_view method) const {
    Request request;
    bool found = false;
    for (const FakeRequest& each : hub_.requests()) {
      if (each.path != "/" + std::string(method)) continue;
      EXPECT_TRUE(request.ParseFromString(each.body));
      found = true;
    }
    EXPECT_TRUE(found) << method;
    return request;
  }
  // How many of that method it has had.
  size_t Calls(std::string_view method) const {
    size_t count = 0;
    for (const FakeRequest& each : hub_.requests()) {
      count += each.path == "/" + std::string(method) ? 1U : 0U;
    }
    return count;
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
