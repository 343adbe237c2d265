// Passkeys: what is kept of one, and the rules that need no cryptography (WebAuthn Level 2,
// https://www.w3.org/TR/webauthn-2/; section numbers below are of that text).
#ifndef SERVICES_IDENTITY_DOMAIN_PASSKEY_H_
#define SERVICES_IDENTITY_DOMAIN_PASSKEY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::identity {

inline constexpr size_t kChallengeBytes = 32;
inline constexpr size_t kUserHandleBytes = 32;
inline constexpr int64_t kChallengeLifetimeMs = 5LL * 60 * 1000;
inline constexpr int kMaxPasskeysPerStaff = 10;
// Challenges cost an asker nothing: beyond so many the oldest give way.
inline constexpr int64_t kMaxChallenges = 100'000;
// Section 6.1 allows 1,023 bytes.
inline constexpr size_t kMaxCredentialIdBytes = 1023;

// COSE algorithm numbers (RFC 9053, RFC 8812).
enum class PasskeyAlgorithm { kEs256 = -7, kEdDsa = -8, kRs256 = -257 };

struct Passkey {
  std::string id;             // UUID: how the hub names it
  std::string staff_id;       // UUID
  std::string credential_id;  // bytes: how the authenticator names it
  std::string user_handle;    // 32 random bytes: how the authenticator names the person
  PasskeyAlgorithm algorithm = PasskeyAlgorithm::kEs256;
  std::string public_key;  // as libfido2 holds it: x and y; x; or modulus and exponent
  int64_t counter = 0;     // signature counter (section 6.1.1); 0: the authenticator has none
  std::string aaguid;      // 16 bytes, the model; zeros when it does not say
  bool backed_up = false;
  int64_t create_ms = 0;
  int64_t last_use_ms = 0;  // 0: never
  int64_t stop_ms = 0;      // set when the counter went back; then it signs nobody in
};

enum class ChallengePurpose {
  kAdd = 1,     // a further passkey of `staff_id`
  kInvite = 2,  // the first passkey of whoever holds `invitation_id`
  kSignIn = 3,  // to sign in or to step up; for nobody in particular
};

struct PasskeyChallenge {
  std::string challenge;  // 32 random bytes
  ChallengePurpose purpose = ChallengePurpose::kSignIn;
  std::string subject_id;   // kAdd: the person, kInvite: the invitation, kSignIn: empty
  std::string user_handle;  // kAdd, kInvite: offered to the authenticator with it
  int64_t expire_ms = 0;
};

// Whom authenticators know the hub as (section 4, "RP ID").
struct RelyingParty {
  std::string id;      // "hub.example.org"
  std::string origin;  // "https://hub.example.org"
};

// From the address that browsers use, e.g. "https://hub.example.org". Only https, and http for
// localhost: browsers offer passkeys nowhere else. Error: FAILED_PRECONDITION PASSKEYS_NEED_A_NAME
// (an IP address, no host, port 0, or plain http to another machine).
Result<RelyingParty> RelyingPartyOf(std::string_view public_url);

// Whether a counter may follow the stored one (section 6.1.1): where either is not zero it must
// have grown, else there are two of what should be one.
inline bool CounterMayFollow(int64_t stored, int64_t seen) {
  return (stored == 0 && seen == 0) || seen > stored;
}

// "00112233-4455-6677-8899-aabbccddeeff" of 16 bytes.
std::string AaguidText(std::string_view aaguid);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DOMAIN_PASSKEY_H_
