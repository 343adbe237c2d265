// The codes of the US states, the District of Columbia and the inhabited territories: whose law can
// apply to a release.
#ifndef SERVICES_COMMON_BASE_US_STATES_H_
#define SERVICES_COMMON_BASE_US_STATES_H_

#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

// "AK", "AL", …: two capital letters, as the postal service has them.
const std::vector<std::string>& UsStates();
bool IsUsState(std::string_view code);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_US_STATES_H_
