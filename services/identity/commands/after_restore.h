// What must not come back with a backup.
#ifndef SERVICES_IDENTITY_COMMANDS_AFTER_RESTORE_H_
#define SERVICES_IDENTITY_COMMANDS_AFTER_RESTORE_H_

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

// Before serving, on a database that was put back: a session ended since, and an invitation used
// since, would be good again, so all of them end. Everybody signs in anew. With its audit record.
Result<void> EndWhatCameBack(const Deps& deps);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_AFTER_RESTORE_H_
