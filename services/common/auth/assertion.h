// The signed actor assertion: who is calling, said by the gateway (or one of our services), good
// for 60 seconds. A compact JWS with EdDSA (RFC 8037, Ed25519):
//   header  {"alg":"EdDSA","typ":"fairlead-actor+jwt","kid":<thumbprint of the signer's key>}
//   claims  {"iss","aud":"fairlead","iat","exp","jti","knd","sub","agy","agk","mem","rol":[…],
//            "sid","asr"}
// Sent in gRPC metadata `fairlead-actor`.
#ifndef SERVICES_COMMON_AUTH_ASSERTION_H_
#define SERVICES_COMMON_AUTH_ASSERTION_H_

#include <memory>
#include <string>
#include <string_view>

#include "services/common/auth/actor.h"
#include "services/common/base/clock.h"
#include "services/common/base/result.h"

namespace fairlead::auth {

inline constexpr int64_t kAssertionLifetimeS = 60;
inline constexpr std::string_view kActorMetadataKey = "fairlead-actor";

// The hub's assertion key: an Ed25519 key pair in a file of mode 0600, made at first run.
class AssertionSigner {
 public:
  virtual ~AssertionSigner() = default;
  virtual std::string Sign(const Actor& actor) const = 0;  // thread-safe
  virtual std::string PublicJwk() const = 0;               // {"kty":"OKP","crv":"Ed25519",…}
};
// Reads the private JWK file, or makes it when it is missing. Errors: INVALID_KEY_FILE.
Result<std::unique_ptr<AssertionSigner>> OpenAssertionSigner(const std::string& key_path,
                                                             const Clock& clock);

class AssertionVerifier {
 public:
  virtual ~AssertionVerifier() = default;
  // Errors (UNAUTHENTICATED): ACTOR_ASSERTION_MISSING, ACTOR_ASSERTION_INVALID,
  // ACTOR_ASSERTION_EXPIRED. Clock skew allowed: 5 s. Thread-safe; remembers up to 4,096 verified
  // assertions until they expire, by SHA-256.
  virtual Result<Actor> Verify(std::string_view assertion) = 0;
};
Result<std::unique_ptr<AssertionVerifier>> MakeAssertionVerifier(std::string_view public_jwk,
                                                                 const Clock& clock);

}  // namespace fairlead::auth

#endif  // SERVICES_COMMON_AUTH_ASSERTION_H_
