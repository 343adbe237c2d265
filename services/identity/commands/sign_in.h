// A proof of who sits there, for a session; and again, for a session that may do more.
#ifndef SERVICES_IDENTITY_COMMANDS_SIGN_IN_H_
#define SERVICES_IDENTITY_COMMANDS_SIGN_IN_H_

#include <string>

#include "services/identity/commands/deps.h"
#include "services/identity/commands/prove.h"

namespace fairlead::identity {

struct NewSession {
  std::string token;  // base64url of 32 bytes: given out once, stored as its SHA-256
  SignedIn signed_in;
};

// Errors: those of Prove.
Task<Result<NewSession>> SignIn(const Deps& deps, rpc::CallContext context, Proof proof);

// A new session for somebody who has been proven, by whatever method, in the same transaction.
Result<Session> BeginSession(const Deps& deps, storage::Transaction& tx,
                             const rpc::CallContext& context, const Staff& staff,
                             SignInMethod method, const std::string& token);

struct StepUpInput {
  std::string passphrase;
  std::string totp_code;
  std::string passkey_assertion_json;  // instead of the two
};
// For the caller's session. Errors: SESSION_INVALID, those of Prove.
Task<Result<Session>> StepUp(const Deps& deps, rpc::CallContext context, StepUpInput input);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_SIGN_IN_H_
