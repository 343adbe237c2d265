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

// "48" of "TX": the two digits that counties begin with (FIPS 5-2; ANSI INCITS 38). "": no such
// state.
std::string FipsOfUsState(std::string_view code);
// The inverse.
std::string UsStateOfFips(std::string_view fips);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_US_STATES_H_
