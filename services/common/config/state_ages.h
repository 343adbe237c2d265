// "CA=12 TX=16": what a setting says of ages, state by state.
#ifndef SERVICES_COMMON_CONFIG_STATE_AGES_H_
#define SERVICES_COMMON_CONFIG_STATE_AGES_H_

#include <map>
#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::config {

// By the state's two letters; states that the text does not name are not in it.
using StateAges = std::map<std::string, int, std::less<>>;

// Entries with one space between, each state once, each age in years from 1 to 18. Error:
// CONFIG_OUT_OF_RANGE, whose message goes on after the key's name: "must be …: TY is no US state;
// did you mean TX?".
Result<StateAges> ReadStateAges(std::string_view text);

}  // namespace fairlead::config

#endif  // SERVICES_COMMON_CONFIG_STATE_AGES_H_
