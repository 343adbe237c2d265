// A new passkey: the challenge that goes out, the answer that comes back, the row that is kept.
#ifndef SERVICES_IDENTITY_COMMANDS_PASSKEY_REGISTRATION_H_
#define SERVICES_IDENTITY_COMMANDS_PASSKEY_REGISTRATION_H_

#include <string>

#include "services/identity/commands/deps.h"
#include "services/identity/commands/passkey_tools.h"

namespace fairlead::identity {

// The options for navigator.credentials.create(), for a further passkey of the caller. Error:
// PASSKEYS_NEED_A_NAME.
Result<std::string> BeginPasskey(const Deps& deps, storage::Transaction& tx,
                                 const rpc::CallContext& context);

// The same for whoever holds an invitation's code. Errors: PASSKEYS_NEED_A_NAME,
// INVITATION_INVALID (unknown, used, revoked and expired: one answer).
Task<Result<std::string>> BeginInvitedPasskey(const Deps& deps, std::string invitation_code);

// A passkey that holds and is not kept yet: no staff_id, no times.
struct CheckedPasskey {
  Passkey passkey;
  std::string challenge;
};

// Checks everything and changes nothing. `purpose` and `subject_id` are what the challenge must
// have been given out for. Errors: PASSKEYS_NEED_A_NAME; PASSKEY_INVALID with metadata check (a
// challenge that is unknown, used, over or another's is check "challenge").
Task<Result<CheckedPasskey>> CheckPasskey(const Deps& deps, ChallengePurpose purpose,
                                          std::string subject_id, std::string registration_json);

// Uses up the challenge and keeps the passkey as this person's. Errors: PASSKEY_INVALID (the
// challenge has been used meanwhile), PASSKEY_EXISTS, TOO_MANY_PASSKEYS.
Result<Passkey> KeepPasskey(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const CheckedPasskey& checked,
                            const Staff& staff);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_PASSKEY_REGISTRATION_H_
