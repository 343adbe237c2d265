#include "services/common/base/us_states.h"

#include "services/common/base/text.h"

namespace fairlead {

const std::vector<std::string>& UsStates() {
  static const std::vector<std::string>* const kStates = new std::vector<std::string>(
      Split("AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP "
            "MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY",
            ' '));
  return *kStates;
}

bool IsUsState(std::string_view code) { return Contains(UsStates(), code); }

}  // namespace fairlead
