// A thread between the caller's agency and another.
#ifndef SERVICES_MESSAGING_COMMANDS_START_THREAD_H_
#define SERVICES_MESSAGING_COMMANDS_START_THREAD_H_

#include <string>

#include "services/messaging/commands/unit.h"

namespace fairlead::messaging {

struct Starting {
  std::string thread_id = {};
  std::string to_agency_id = {};
};
// All but the limit. Errors: RECIPIENT_IS_SENDER, INVALID_ID, THREAD_ID_TAKEN, AGENCY_NOT_ACTIVE,
// AGENCY_HAS_NO_KEYS (nobody could seal anything to it, or the caller's own).
Result<void> CheckStarting(storage::ReadTransaction& tx, const std::string& agency_id,
                           const Starting& starting);
// Error also: TOO_MANY_THREADS.
Result<Thread> StartThread(Unit& unit, const Starting& starting);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_START_THREAD_H_
