// The JSON that goes to and comes from a browser's authenticator: PublicKeyCredential.toJSON() and
// its counterparts (WebAuthn Level 3, section 5.1; the members are those of Level 2).
#ifndef SERVICES_IDENTITY_DOMAIN_PASSKEY_JSON_H_
#define SERVICES_IDENTITY_DOMAIN_PASSKEY_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/identity/domain/passkey.h"

namespace fairlead::identity {

// Who a new passkey is for, as the authenticator shows it.
struct PasskeyPerson {
  std::string user_handle;
  std::string name;  // the sign-in name where there is one
  std::string display_name;
  std::vector<std::string> credential_ids;  // those the person has: not the same again
};

// What navigator.credentials.create() is given: a discoverable credential with user verification,
// ES256, EdDSA or RS256, no attestation asked for.
std::string CreationOptionsJson(const RelyingParty& party, const PasskeyPerson& person,
                                std::string_view challenge);
// What navigator.credentials.get() is given: any passkey of this hub, nobody named.
std::string RequestOptionsJson(const RelyingParty& party, std::string_view challenge);

// All as bytes.
struct RegistrationAnswer {
  std::string credential_id;
  std::string client_data;
  std::string attestation_object;
};
struct AssertionAnswer {
  std::string credential_id;
  std::string client_data;
  std::string authenticator_data;
  std::string signature;
  std::string user_handle;
};

// Strict JSON of at most 16 KiB. Error: INVALID_ARGUMENT PASSKEY_INVALID, metadata check "json".
Result<RegistrationAnswer> ReadRegistration(std::string_view json);
Result<AssertionAnswer> ReadAssertion(std::string_view json);

enum class Ceremony { kCreate, kGet };

// Checks type, origin and that no other site's frame was around it (section 7.1, steps 7 to 9;
// section 7.2, steps 11 to 13) and returns the challenge's bytes, which the caller looks up.
// Error: PASSKEY_INVALID with metadata check "json", "type", "origin", "cross_origin" or
// "challenge".
Result<std::string> CheckClientData(std::string_view client_data, Ceremony ceremony,
                                    const RelyingParty& party);

// INVALID_ARGUMENT PASSKEY_INVALID with this check in its metadata.
tl::unexpected<Error> PasskeyInvalid(const char* check);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DOMAIN_PASSKEY_JSON_H_
