// A match that came to nothing: the need is open again.
#ifndef SERVICES_REFERRAL_COMMANDS_REOPEN_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_REOPEN_REFERRAL_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// matched → open, by either side: the offer has fallen through, and the packet is destroyed; its
// custody keys follow (destroy_custody.h). Errors: REFERRAL_NOT_FOUND, ETAG_MISMATCH,
// UNKNOWN_REASON_CODE, ILLEGAL_TRANSITION.
Result<Referral> ReopenReferral(Unit& unit, const std::string& referral_id, const std::string& etag,
                                const std::string& reason_code);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_REOPEN_REFERRAL_H_
