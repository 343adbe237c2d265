// The clocks of offers that wait: remind, tell the administrators, tell the coordinators, expire.
// docs/decisions/0025-clocks.md says why it is done so.
#ifndef SERVICES_REFERRAL_COMMANDS_RUN_CLOCKS_H_
#define SERVICES_REFERRAL_COMMANDS_RUN_CLOCKS_H_

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

inline constexpr int kOffersPerRun = 200;

// Every step that is due at unit.now_ms, of the offers that have waited longest past theirs. Each
// moves next_step in the transaction that tells of it: so it is done once, whatever is killed, and
// never after an answer. Several that are due at once (the hub was down, the clock was set forward)
// are done together, in order; those that a later one has overtaken say so by the reason
// `overtaken`, for whom it would be noise. How many offers; kOffersPerRun means there may be more.
Result<int> RunClocks(Unit& unit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_RUN_CLOCKS_H_
