// The signed actor assertion: who is calling, said by the gateway (or one of our services), good
// for 60 seconds. A compact JWS (RFC 7515, section 3.1) with EdDSA (RFC 8037, Ed25519):
//   header  {"alg":"EdDSA","typ":"fairlead-actor+jwt","kid":<thumbprint of the signer's key>}
//   claims  {"iss":"fairlead-hub","aud":"fairlead","iat","exp","jti","knd","sub","agy","agk",
//            "mem","rol":[…],"sid","asr"} and "svc" when one of our services makes the call, "net"
//            when it came through the gateway
// Sent in gRPC metadata `fairlead-actor`.
//
//   std::string assertion = signer->Sign(context.actor, "referral");
//   Result<auth::VerifiedCaller> caller = verifier->Verify(assertion);
//
// It proves who calls, not that the call is new: within its lifetime the same assertion serves
// every call of the same person, so that signing and verifying are paid once and not per call.
#ifndef SERVICES_COMMON_AUTH_ASSERTION_H_
#define SERVICES_COMMON_AUTH_ASSERTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "services/common/auth/actor.h"
#include "services/common/base/clock.h"
#include "services/common/base/result.h"

namespace fairlead::auth {

inline constexpr int64_t kAssertionLifetimeS = 60;
// How long a signer hands out the same assertion for the same caller.
inline constexpr int64_t kAssertionReuseS = 20;
// Allowed between the clocks of two of our machines.
inline constexpr int64_t kAssertionSkewS = 5;
inline constexpr size_t kMaxAssertionBytes = 4096;
inline constexpr std::string_view kActorMetadataKey = "fairlead-actor";

// What a verified assertion says.
struct VerifiedCaller {
  Actor actor;
  // The service of ours that makes the call, for the actor or for itself; empty: none said so.
  std::string calling_service;
  bool operator==(const VerifiedCaller&) const = default;
};

// The hub's assertion key: an Ed25519 key pair in a file of mode 0600, made at first run.
class AssertionSigner {
 public:
  virtual ~AssertionSigner() = default;
  // `calling_service`: the name of the service of ours that calls; empty when the gateway passes
  // on a person's own call. An actor of kind kService always calls as itself. Thread-safe.
  virtual std::string Sign(const Actor& actor, std::string_view calling_service = {}) const = 0;
  // 32 bytes for another use, of which nothing leads back to the key: HKDF-SHA-256 over its private
  // half (fairlead::DeriveKey). The same in every process that has the file, and nowhere else.
  virtual std::string DeriveKey(std::string_view label) const = 0;
  virtual std::string PublicJwk() const = 0;  // {"kty":"OKP","crv":"Ed25519","x":…}
};
// Reads the private JWK file, or makes it when it is missing; two processes that start at once end
// with the same key. Errors: INVALID_KEY_FILE with metadata {"path", "problem"}.
Result<std::unique_ptr<AssertionSigner>> OpenAssertionSigner(const std::string& key_path,
                                                             const Clock& clock);

class AssertionVerifier {
 public:
  virtual ~AssertionVerifier() = default;
  // Errors (UNAUTHENTICATED): ACTOR_ASSERTION_MISSING, ACTOR_ASSERTION_INVALID,
  // ACTOR_ASSERTION_EXPIRED. Thread-safe; remembers the last 4,096 verified
  // assertions, so that a repeat costs a look-up and a look at the time.
  virtual Result<VerifiedCaller> Verify(std::string_view assertion) = 0;
};
// Errors: INVALID_KEY.
Result<std::unique_ptr<AssertionVerifier>> MakeAssertionVerifier(std::string_view public_jwk,
                                                                 const Clock& clock);

}  // namespace fairlead::auth

#endif  // SERVICES_COMMON_AUTH_ASSERTION_H_
