// People of the caller's own agency who work on cases: by name, and to show.
#ifndef GATEWAY_CLI_COLLEAGUE_H_
#define GATEWAY_CLI_COLLEAGUE_H_

#include <string>

#include "gateway/cli/context.h"

namespace fairlead::cli {

// The id of the colleague with this sign-in name; an id stays as it is. Errors: those of
// IdentityService.FindColleague.
Result<std::string> ColleagueId(Context& context, const std::string& id_or_name);
// "you", the name that colleagues see, or the id of somebody of whom the hub says none (who has
// left). Asks the hub.
std::string ColleagueName(Context& context, const std::string& staff_id);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_COLLEAGUE_H_
