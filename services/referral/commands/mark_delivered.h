// The recipient's inbox has shown it: sent → delivered.
#ifndef SERVICES_REFERRAL_COMMANDS_MARK_DELIVERED_H_
#define SERVICES_REFERRAL_COMMANDS_MARK_DELIVERED_H_

#include <string>
#include <vector>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// For each of `referrals` (as listed) whose offer to the caller is still `sent`. Brings the list up
// to date.
Result<void> MarkDelivered(Unit& unit, std::vector<Referral>& referrals);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_MARK_DELIVERED_H_
