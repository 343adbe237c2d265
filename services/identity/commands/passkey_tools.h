// What the passkey commands work with, beside Deps. The referenced things outlive every command.
#ifndef SERVICES_IDENTITY_COMMANDS_PASSKEY_TOOLS_H_
#define SERVICES_IDENTITY_COMMANDS_PASSKEY_TOOLS_H_

#include "services/common/base/result.h"
#include "services/identity/commands/passkey_verifier.h"
#include "services/identity/domain/passkey.h"
#include "services/identity/store/passkey_store.h"

namespace fairlead::identity {

struct PasskeyTools {
  const PasskeyStore& store;
  const PasskeyVerifier& verifier;
  // Of the hub's address; the error PASSKEYS_NEED_A_NAME when that has no name.
  Result<RelyingParty> party;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_PASSKEY_TOOLS_H_
