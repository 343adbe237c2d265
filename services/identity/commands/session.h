// What a session token stands for, and its end.
#ifndef SERVICES_IDENTITY_COMMANDS_SESSION_H_
#define SERVICES_IDENTITY_COMMANDS_SESSION_H_

#include <string>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

// Who holds this token; the agency is always there. Counts as a use of the session, unless
// `passive`. Errors: UNAUTHENTICATED SESSION_INVALID (unknown, ended, idle or too old: one answer
// for all).
Task<Result<SignedIn>> CheckSession(const Deps& deps, rpc::CallContext context, std::string token,
                                    bool passive = false);

// The session of the caller. Error: SESSION_INVALID.
Task<Result<SignedIn>> GetMe(const Deps& deps, rpc::CallContext context);

// Ends the caller's session; ending it twice is no error. Answers true.
Task<Result<bool>> SignOut(const Deps& deps, rpc::CallContext context);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_SESSION_H_
