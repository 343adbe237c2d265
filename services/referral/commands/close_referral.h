// Two ends that are neither service given nor a referral taken back.
#ifndef SERVICES_REFERRAL_COMMANDS_CLOSE_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_CLOSE_REFERRAL_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// in_service → closed, by the recipient: it came to nothing after all. Errors: REFERRAL_NOT_FOUND,
// ETAG_MISMATCH, UNKNOWN_REASON_CODE, NOT_IN_SERVICE, ILLEGAL_TRANSITION.
Result<Referral> CloseReferral(Unit& unit, const std::string& referral_id, const std::string& etag,
                               const std::string& reason_code);

// Any state but draft → entered_in_error, by the sender: it should never have been. Offers that
// wait or were accepted end with the reason entered_in_error, and the packet is destroyed. Errors:
// REFERRAL_NOT_FOUND, ETAG_MISMATCH, ILLEGAL_TRANSITION.
Result<Referral> EnterReferralInError(Unit& unit, const std::string& referral_id,
                                      const std::string& etag);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_CLOSE_REFERRAL_H_
