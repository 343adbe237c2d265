// One's own passkeys: looked at, and removed.
#ifndef SERVICES_IDENTITY_COMMANDS_MANAGE_PASSKEYS_H_
#define SERVICES_IDENTITY_COMMANDS_MANAGE_PASSKEYS_H_

#include <string>
#include <vector>

#include "services/identity/commands/deps.h"
#include "services/identity/commands/passkey_tools.h"

namespace fairlead::identity {

// The caller's, in id order after `after_id`; stopped ones too.
Task<Result<std::vector<Passkey>>> ListPasskeys(const Deps& deps, rpc::CallContext context,
                                                std::string after_id, int limit);

// Errors: NOT_FOUND PASSKEY_NOT_FOUND (also for somebody else's); FAILED_PRECONDITION
// LAST_CREDENTIAL (neither a passphrase nor another passkey would be left).
Result<void> RemovePasskey(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const std::string& passkey_id);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_MANAGE_PASSKEYS_H_
