// Ed25519 keys (RFC 8032) as JWK (RFC 8037, section 2) and in files. libsodium does the arithmetic:
// it verifies in half the time that OpenSSL 3.0 takes.
#ifndef SERVICES_COMMON_AUTH_ED25519_H_
#define SERVICES_COMMON_AUTH_ED25519_H_

#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::auth {

// A key pair, or only its public half. Copied freely; thread-safe.
class Ed25519Key {
 public:
  static Ed25519Key Generate();
  // {"kty":"OKP","crv":"Ed25519","x":…} and, for a pair, "d". Other members are refused.
  // Error: INVALID_ARGUMENT INVALID_KEY.
  static Result<Ed25519Key> FromJwk(std::string_view jwk);

  bool has_private() const { return !d_.empty(); }
  std::string Sign(std::string_view message) const;  // 64 bytes
  bool Verify(std::string_view message, std::string_view signature) const;
  std::string Derive(std::string_view label) const;  // fairlead::DeriveKey of the private half
  std::string PublicJwk() const;
  std::string PrivateJwk() const;
  // base64url SHA-256 of the canonical public JWK (RFC 7638).
  std::string Thumbprint() const;

 private:
  std::string x_;  // 32 bytes
  std::string d_;  // the seed, 32 bytes; or empty
};

// Reads the pair from `path`, or makes it there (mode 0600, durable, never over another's).
// Error: FAILED_PRECONDITION INVALID_KEY_FILE with metadata {"path", "problem"}; a file that others
// may read is refused.
Result<Ed25519Key> OpenKeyFile(const std::string& path);

}  // namespace fairlead::auth

#endif  // SERVICES_COMMON_AUTH_ED25519_H_
