// Small secrets that the hub must be able to read again (one-time-code secrets), encrypted under a
// key that lies beside the database and never in it: whoever takes the database alone can make no
// code of anybody, and learns from no digest what it stands for.
//
//   SecretBox box;  box.Open(data_dir + "/keys/sign-in-secrets.key", random);
//   std::string sealed = box.Seal(secret, "totp\n" + staff_id, random);
//   std::optional<std::string> secret = box.Unseal(sealed, "totp\n" + staff_id);
#ifndef SERVICES_IDENTITY_COMMANDS_SECRET_BOX_H_
#define SERVICES_IDENTITY_COMMANDS_SECRET_BOX_H_

#include <optional>
#include <string>
#include <string_view>

#include "services/common/base/random.h"
#include "services/common/base/result.h"

namespace fairlead::identity {

// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. Thread-safe once open.
class SecretBox {
 public:
  // Reads the file (mode 0600, 43 characters of base64url and a line end) or makes it. With a new
  // key nothing sealed before can be read: those people sign in with a recovery code. Error:
  // FAILED_PRECONDITION SECRET_KEY_FILE.
  Result<void> Open(const std::string& path, Random& random);

  // `context` is authenticated: what was sealed for one person is not readable as another's.
  std::string Seal(std::string_view secret, std::string_view context, Random& random) const;
  // nullopt: another key, another context, or altered.
  std::optional<std::string> Unseal(std::string_view sealed, std::string_view context) const;
  // HMAC-SHA-256 (RFC 2104) under a key made of the same one: 32 bytes that tell nobody without
  // the file which of the few texts that are possible was meant.
  std::string Digest(std::string_view text) const;

 private:
  std::string key_;
  std::string digest_key_;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_SECRET_BOX_H_
