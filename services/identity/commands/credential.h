// Passphrase, one-time-code secret and recovery codes of a person: checked and made ready to keep.
#ifndef SERVICES_IDENTITY_COMMANDS_CREDENTIAL_H_
#define SERVICES_IDENTITY_COMMANDS_CREDENTIAL_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

// What the caller's program made.
struct CredentialInput {
  std::string passphrase;
  std::string totp_secret;  // kTotpSecretBytes
  std::string totp_code;
  std::vector<std::string> recovery_code_sha256s;  // base64url
};

struct Credential {
  std::string passphrase_hash;
  std::string totp_sealed;
  int64_t totp_last_step = 0;  // of the code that was shown
  std::vector<std::string> recovery_sha256s;
};

// Names the person for SecretBox.
std::string TotpContext(std::string_view staff_id);

// All but the hash, which HashPassphrase adds. Errors: PASSPHRASE_TOO_SHORT,
// PASSPHRASE_TOO_COMMON, TOTP_SECRET_INVALID, TOTP_CODE_INVALID, RECOVERY_CODES_NEEDED.
Result<Credential> CheckCredential(const Deps& deps, const Staff& staff,
                                   const CredentialInput& input);

// The checked `credential` with its hash, which takes time. `owner`: who has one such hash under
// way at most (HashPool::Turn). Error: SIGN_IN_BUSY.
Task<Result<Credential>> HashPassphrase(const Deps& deps, rpc::CallContext context,
                                        std::string owner, std::string passphrase,
                                        Credential credential);

// In place of what the person had.
Result<void> KeepCredential(const Deps& deps, storage::Transaction& tx, const Staff& staff,
                            const Credential& credential);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_CREDENTIAL_H_
