// A main database that was put back from a backup has forgotten what ended since. Custody, which is
// in no backup, has not; and where custody was lost too, nobody knows any more.
#ifndef SERVICES_CONSENT_COMMANDS_AFTER_RESTORE_H_
#define SERVICES_CONSENT_COMMANDS_AFTER_RESTORE_H_

#include "services/consent/commands/unit.h"

namespace fairlead::consent {

inline constexpr int kRepeatedAtOnce = 200;

// Ends again what custody remembers as ended, as it ended then, up to kRepeatedAtOnce releases. How
// many: again until it is 0.
Result<int> RepeatForgottenEndings(Unit& unit);

// When the two databases have not been used together: every release ends, as on its last day, up
// to kRepeatedAtOnce of them, because any of them may have been taken back since. How many: again
// until it is 0; then the two know each other.
Result<int> EndWhatNobodyKnows(Unit& unit);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_AFTER_RESTORE_H_
