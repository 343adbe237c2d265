#include "services/common/config/state_ages.h"

#include <charconv>

#include "services/common/base/text.h"
#include "services/common/base/us_states.h"
#include "services/common/config/suggest.h"

namespace fairlead::config {
namespace {

constexpr int kOldest = 18;

tl::unexpected<Error> StateAgesError(const std::string& why) {
  return Fail(Code::kInvalidArgument, "CONFIG_OUT_OF_RANGE",
              "must be states and ages in years, such as \"CA=12 TX=16\": " + why);
}

}  // namespace

Result<StateAges> ReadStateAges(std::string_view text) {
  StateAges ages;
  const std::vector<std::string> entries = Split(text, ' ');
  for (const std::string& entry : entries) {
    const size_t equals = entry.find('=');
    const std::string state = entry.substr(0, equals);
    if (!IsUsState(state)) {
      const std::string nearest = Nearest(state, UsStates());
      return StateAgesError("\"" + state + "\" is no US state" +
                            (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    }
    const std::string age = equals == std::string::npos ? "" : entry.substr(equals + 1);
    int years = 0;
    const auto [end, error] = std::from_chars(age.data(), age.data() + age.size(), years);
    if (error != std::errc() || end != age.data() + age.size() || years < 1 || years > kOldest) {
      return StateAgesError("the age of " + state + " is a number from 1 to 18");
    }
    if (!ages.emplace(state, years).second) return StateAgesError(state + " stands twice");
  }
  return ages;
}

}  // namespace fairlead::config
