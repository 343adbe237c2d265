// matched → in_service: the receiving agency confirms that the person has arrived.
#ifndef SERVICES_REFERRAL_COMMANDS_START_SERVICE_H_
#define SERVICES_REFERRAL_COMMANDS_START_SERVICE_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// Only the agency whose offer was accepted; it owes the follow-ups from here on. Errors:
// REFERRAL_NOT_FOUND, ETAG_MISMATCH, ILLEGAL_TRANSITION.
Result<Referral> StartService(Unit& unit, const std::string& referral_id, const std::string& etag);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_START_SERVICE_H_
