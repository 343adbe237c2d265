// A passkey for a session.
#ifndef SERVICES_IDENTITY_COMMANDS_PASSKEY_SIGN_IN_H_
#define SERVICES_IDENTITY_COMMANDS_PASSKEY_SIGN_IN_H_

#include <string>

#include "services/identity/commands/sign_in.h"

namespace fairlead::identity {

// Errors: those of ProveByPasskey.
Task<Result<NewSession>> SignInWithPasskey(const Deps& deps, rpc::CallContext context,
                                           std::string assertion_json);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_PASSKEY_SIGN_IN_H_
