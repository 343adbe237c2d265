// A draft: nobody else sees it, nothing has been disclosed.
#ifndef SERVICES_REFERRAL_COMMANDS_CREATE_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_CREATE_REFERRAL_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// `draft` holds id (or empty), case handle and facets. Errors: UNKNOWN_AGE_BAND,
// REFERRAL_ALREADY_EXISTS.
Result<Referral> CreateReferral(Unit& unit, Referral draft);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_CREATE_REFERRAL_H_
