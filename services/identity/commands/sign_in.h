// A passphrase for a session.
#ifndef SERVICES_IDENTITY_COMMANDS_SIGN_IN_H_
#define SERVICES_IDENTITY_COMMANDS_SIGN_IN_H_

#include <string>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

struct NewSession {
  std::string token;  // base64url of 32 bytes: given out once, stored as its SHA-256
  SignedIn signed_in;
};

// An unknown name costs what a known one does and gets the same answer. Errors: UNAUTHENTICATED
// SIGN_IN_FAILED; RESOURCE_EXHAUSTED TOO_MANY_ATTEMPTS (metadata retry_after_s), SIGN_IN_BUSY.
Task<Result<NewSession>> SignIn(const Deps& deps, rpc::CallContext context,
                                std::string sign_in_name, std::string passphrase);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_SIGN_IN_H_
