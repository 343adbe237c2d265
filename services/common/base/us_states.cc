#include "services/common/base/us_states.h"

#include <algorithm>

#include "services/common/base/text.h"

namespace fairlead {

const std::vector<std::string>& UsStates() {
  static const std::vector<std::string>* const kStates = new std::vector<std::string>(
      Split("AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP "
            "MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY",
            ' '));
  return *kStates;
}

namespace {

// In the order of UsStates.
const std::vector<std::string>& FipsCodes() {
  static const std::vector<std::string>* const kCodes = new std::vector<std::string>(
      Split("02 01 05 60 04 06 08 09 11 10 12 13 66 15 19 16 17 18 20 21 22 25 24 23 26 27 29 69 "
            "28 30 37 38 31 33 34 35 32 36 39 40 41 42 72 44 45 46 47 48 49 51 78 50 53 55 54 56",
            ' '));
  return *kCodes;
}

std::string Opposite(std::string_view code, const std::vector<std::string>& from,
                     const std::vector<std::string>& to) {
  const auto found = std::find(from.begin(), from.end(), code);
  return found == from.end() ? "" : to.at(static_cast<size_t>(found - from.begin()));
}

}  // namespace

std::string FipsOfUsState(std::string_view code) { return Opposite(code, UsStates(), FipsCodes()); }

std::string UsStateOfFips(std::string_view fips) { return Opposite(fips, FipsCodes(), UsStates()); }

bool IsUsState(std::string_view code) { return Contains(UsStates(), code); }

}  // namespace fairlead
