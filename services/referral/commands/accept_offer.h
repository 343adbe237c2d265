// The receiving agency says yes: the referral is matched.
#ifndef SERVICES_REFERRAL_COMMANDS_ACCEPT_OFFER_H_
#define SERVICES_REFERRAL_COMMANDS_ACCEPT_OFFER_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// Errors: REFERRAL_NOT_FOUND, CHOICE_IS_SENDERS, and those of Match.
Result<Referral> AcceptOffer(Unit& unit, const std::string& offer_id, const std::string& etag);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_ACCEPT_OFFER_H_
