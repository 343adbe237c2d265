// What the commands ask of a WebAuthn library. The one implementation is fido_passkey_verifier.cc.
#ifndef SERVICES_IDENTITY_COMMANDS_PASSKEY_VERIFIER_H_
#define SERVICES_IDENTITY_COMMANDS_PASSKEY_VERIFIER_H_

#include <string>
#include <string_view>

#include "services/common/base/result.h"
#include "services/identity/domain/passkey.h"
#include "services/identity/domain/passkey_json.h"

namespace fairlead::identity {

// What an authenticator says of itself in an assertion that holds.
struct AssertionFacts {
  int64_t counter = 0;
  bool backed_up = false;
};

// Stateless and thread-safe. About 0.1 ms a call; blocks on nothing.
class PasskeyVerifier {
 public:
  virtual ~PasskeyVerifier() = default;

  // Reads the attestation object (section 7.1, steps 12 to 17): RP ID hash, user present and
  // verified, a key of an algorithm we offered. Attestation statements are not looked at: no model
  // is trusted more than another. Fills in credential_id, algorithm, public_key, counter, aaguid
  // and backed_up. Error: PASSKEY_INVALID with metadata check "attestation", "credential_id",
  // "rp_id", "user_presence", "user_verification" or "key".
  virtual Result<Passkey> ReadAttestation(const RelyingParty& party,
                                          const RegistrationAnswer& answer) const = 0;

  // Section 7.2, steps 15 to 20: RP ID hash, user present and verified, signature. Error:
  // PASSKEY_INVALID with metadata check "assertion".
  virtual Result<AssertionFacts> CheckAssertion(const RelyingParty& party, const Passkey& passkey,
                                                const AssertionAnswer& answer) const = 0;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_PASSKEY_VERIFIER_H_
