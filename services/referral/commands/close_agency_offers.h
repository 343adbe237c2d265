// An agency is suspended or has departed: nothing waits for its answer any more, and nothing new is
// sent to it. docs/decisions/0009-membership.md says what ends and what goes on, and why.
#ifndef SERVICES_REFERRAL_COMMANDS_CLOSE_AGENCY_OFFERS_H_
#define SERVICES_REFERRAL_COMMANDS_CLOSE_AGENCY_OFFERS_H_

#include <cstdint>
#include <string_view>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// suspended, departed.
bool EndsOffers(std::string_view membership);

// In one commit: notes the membership (a send that meets it is refused), withdraws the offers that
// wait with reason agency_suspended or agency_departed, and tells those who wait for a service that
// was agreed. Of a departed agency that service is closed, and what it has itself sent without an
// answer is cancelled. How many offers were closed. A repeat, by call or by event, does nothing and
// says the same; nor is anything done for a version older than the one known (says 0).
Result<int64_t> CloseAgencyOffers(Unit& unit, const AgencyRecord& agency);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_CLOSE_AGENCY_OFFERS_H_
