// An invitation becomes an account, complete, in one call; and somebody replaces what they sign in
// with.
#ifndef SERVICES_IDENTITY_COMMANDS_ACCEPT_INVITATION_H_
#define SERVICES_IDENTITY_COMMANDS_ACCEPT_INVITATION_H_

#include <optional>
#include <string>

#include "services/identity/commands/credential.h"
#include "services/identity/commands/deps.h"

namespace fairlead::identity {

struct AcceptInvitationInput {
  std::string code;
  std::string sign_in_name;
  std::optional<CredentialInput> passphrase;  // one of the two
  std::string passkey_registration_json;
};

// Uses up the invitation. Errors: INVITATION_INVALID (unknown, used, revoked, expired, or the
// agency has been given its first person: one answer), CREDENTIAL_NEEDED, SIGN_IN_NAME_TAKEN,
// AGENCY_NOT_ACTIVE, PASSKEY_INVALID, TOO_MANY_ATTEMPTS, those of CheckCredential and
// HashPassphrase.
Task<Result<Staff>> AcceptInvitation(const Deps& deps, rpc::CallContext context,
                                     AcceptInvitationInput input);

// The caller's passphrase, secret and recovery codes; every other session of theirs ends. Errors:
// SESSION_INVALID, those of CheckCredential and HashPassphrase: SIGN_IN_BUSY also while the
// caller's last one is under way.
Task<Result<Credential>> PrepareSetPassphrase(const Deps& deps, rpc::CallContext context,
                                              CredentialInput input);
Result<void> SetPassphrase(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const Credential& credential);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_ACCEPT_INVITATION_H_
