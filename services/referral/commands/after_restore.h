// What was destroyed or forbidden between a backup and its restore, and still holds.
#ifndef SERVICES_REFERRAL_COMMANDS_AFTER_RESTORE_H_
#define SERVICES_REFERRAL_COMMANDS_AFTER_RESTORE_H_

#include "services/referral/commands/unit.h"
#include "services/referral/store/carry_over_store.h"

namespace fairlead::referral {

// Takes over which keys are still to be destroyed, and the lists of agencies that a case must not
// be put to; what waits with one of those is taken back again. How many lists were taken over.
Result<int> CarryOver(Unit& unit, const CarriedOver& carried);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_AFTER_RESTORE_H_
