// PasskeyVerifier by libfido2 and, for the envelope around it, libcbor. The only file that sees
// either.
#ifndef SERVICES_IDENTITY_FIDO_PASSKEY_VERIFIER_H_
#define SERVICES_IDENTITY_FIDO_PASSKEY_VERIFIER_H_

#include <memory>

#include "services/identity/commands/passkey_verifier.h"

namespace fairlead::identity {

std::unique_ptr<PasskeyVerifier> MakeFidoPasskeyVerifier();

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_FIDO_PASSKEY_VERIFIER_H_
