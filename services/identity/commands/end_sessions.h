// One's own sessions, or for an administrator those of a colleague: which there are, and their end.
#ifndef SERVICES_IDENTITY_COMMANDS_END_SESSIONS_H_
#define SERVICES_IDENTITY_COMMANDS_END_SESSIONS_H_

#include <string>
#include <vector>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

// The live ones, the latest first; at most kMaxSessionsPerStaff. `staff_id` empty: one's own.
// Error: STAFF_NOT_FOUND (not there, or not for the caller: one answer).
Result<std::vector<Session>> ListSessions(const Deps& deps, storage::ReadTransaction& tx,
                                          const rpc::CallContext& context,
                                          const std::string& staff_id);

// One, or with `staff_id` all of a person's; says how many ended. Errors: SESSION_NOT_FOUND,
// STAFF_NOT_FOUND, SESSION_OR_STAFF_NEEDED (neither or both are named).
Result<int64_t> EndSessions(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const std::string& session_id,
                            const std::string& staff_id);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_END_SESSIONS_H_
