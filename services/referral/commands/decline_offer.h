// The receiving agency says no, with a reason; a referral without another offer is closed.
#ifndef SERVICES_REFERRAL_COMMANDS_DECLINE_OFFER_H_
#define SERVICES_REFERRAL_COMMANDS_DECLINE_OFFER_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// Errors: REFERRAL_NOT_FOUND, ETAG_MISMATCH, ILLEGAL_TRANSITION, UNKNOWN_REASON_CODE.
Result<Referral> DeclineOffer(Unit& unit, const std::string& offer_id, const std::string& etag,
                              const std::string& reason_code);

// Closes an open referral that has no offer pending any more.
Result<void> CloseIfNoOfferLeft(Unit& unit, Referral& referral, const std::string& reason_code);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_DECLINE_OFFER_H_
