// What was taken back or replaced by hand must not come back with a backup.
#ifndef SERVICES_MESSAGING_COMMANDS_AFTER_RESTORE_H_
#define SERVICES_MESSAGING_COMMANDS_AFTER_RESTORE_H_

#include <vector>

#include "services/messaging/commands/unit.h"
#include "services/messaging/store/agency_store.h"

namespace fairlead::messaging {

// Of the database that a restore has moved aside.
Result<std::vector<ErasedRecord>> ReadErased(storage::ReadTransaction& tx);

// Erases each of them in this one, where it has come back, and remembers it. May be said again.
Result<void> AfterRestore(Unit& unit, const std::vector<ErasedRecord>& erased);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_AFTER_RESTORE_H_
