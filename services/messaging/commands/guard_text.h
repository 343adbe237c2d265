// What is written in clear is looked at once more here, by the rules that the client has shown.
#ifndef SERVICES_MESSAGING_COMMANDS_GUARD_TEXT_H_
#define SERVICES_MESSAGING_COMMANDS_GUARD_TEXT_H_

#include <string>

#include "services/common/base/result.h"

namespace fairlead::messaging {

// Whether anything in it seems to name a person and the writer sends it all the same. Error:
// INVALID_ARGUMENT POST_SEEMS_TO_IDENTIFY (metadata findings: codes, sorted, joined with commas)
// unless `acknowledged`. Never what was found, nor where.
Result<bool> GuardText(const std::string& title, const std::string& text, bool acknowledged);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_GUARD_TEXT_H_
