// in_service → completed: the loop is closed, with its outcome.
#ifndef SERVICES_REFERRAL_COMMANDS_COMPLETE_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_COMPLETE_REFERRAL_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// Only the agency whose offer was accepted. Errors: REFERRAL_NOT_FOUND, ETAG_MISMATCH,
// ILLEGAL_TRANSITION, UNKNOWN_OUTCOME_CODE.
Result<Referral> CompleteReferral(Unit& unit, const std::string& referral_id,
                                  const std::string& etag, const std::string& outcome_code);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_COMPLETE_REFERRAL_H_
