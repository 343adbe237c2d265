// Tells the agency that gives a service that a follow-up is due.
#ifndef SERVICES_REFERRAL_COMMANDS_RUN_FOLLOW_UPS_H_
#define SERVICES_REFERRAL_COMMANDS_RUN_FOLLOW_UPS_H_

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

inline constexpr int kFollowUpsPerRun = 200;

// Every one that is due at unit.now_ms and of which nobody was told, the longest overdue first.
// Each is marked in the transaction that tells of it: so it is told once, whatever is killed. How
// many; kFollowUpsPerRun means there may be more.
Result<int> RunFollowUps(Unit& unit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_RUN_FOLLOW_UPS_H_
