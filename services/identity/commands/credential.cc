#include "services/identity/commands/credential.h"

#include <algorithm>
#include <optional>

#include "services/common/base/encoding.h"
#include "services/common/base/passphrase.h"
#include "services/identity/domain/totp.h"

namespace fairlead::identity {
namespace {

Result<std::vector<std::string>> ReadHashes(const std::vector<std::string>& texts) {
  std::vector<std::string> hashes;
  for (const std::string& text : texts) {
    std::optional<std::string> hash = Base64UrlDecode(text);
    if (hash) hashes.push_back(std::move(*hash));
  }
  std::sort(hashes.begin(), hashes.end());
  const bool unique = std::adjacent_find(hashes.begin(), hashes.end()) == hashes.end();
  if (!unique || hashes.size() != kRecoveryCodes) {
    return Fail(Code::kInvalidArgument, "RECOVERY_CODES_NEEDED",
                "Ten different recovery codes are needed.", {{"field", "recovery_code_sha256s"}});
  }
  return hashes;
}

}  // namespace

std::string TotpContext(std::string_view staff_id) { return "totp\n" + std::string(staff_id); }

Result<Credential> CheckCredential(const Deps& deps, const Staff& staff,
                                   const CredentialInput& input) {
  FAIRLEAD_RETURN_IF_ERROR(
      CheckPassphrase(input.passphrase, staff.sign_in_name, staff.display_name));
  if (input.totp_secret.size() != kTotpSecretBytes) {
    return Fail(Code::kInvalidArgument, "TOTP_SECRET_INVALID",
                "The secret for one-time codes has 20 bytes.", {{"field", "totp_secret"}});
  }
  const std::optional<int64_t> step =
      MatchTotp(input.totp_secret, input.totp_code, deps.clock.NowMs(), 0);
  if (!step) {
    return Fail(Code::kInvalidArgument, "TOTP_CODE_INVALID",
                "This is not the authenticator's present code. Check the clock of the device.",
                {{"field", "totp_code"}});
  }
  Credential credential;
  credential.totp_sealed = deps.secrets.Seal(input.totp_secret, TotpContext(staff.id), deps.random);
  credential.totp_last_step = *step;
  FAIRLEAD_ASSIGN(credential.recovery_sha256s, ReadHashes(input.recovery_code_sha256s));
  return credential;
}

Task<Result<Credential>> HashPassphrase(const Deps& deps, rpc::CallContext context,
                                        std::string owner, std::string passphrase,
                                        Credential credential) {
  HashPool::Turn turn{.lane = HashPool::Lane::kNew,
                      .deadline_steady_ms = context.deadline_steady_ms,
                      .owner = std::move(owner)};
  Task<Result<std::string>> hashing = deps.hashes.Hash(std::move(passphrase), std::move(turn));
  Result<std::string> hash = co_await std::move(hashing);
  if (!hash) co_return Fail(std::move(hash.error()));
  credential.passphrase_hash = std::move(*hash);
  co_return credential;
}

Result<void> KeepCredential(const Deps& deps, storage::Transaction& tx, const Staff& staff,
                            const Credential& credential) {
  const Account account{.staff = staff,
                        .passphrase_hash = credential.passphrase_hash,
                        .totp_sealed = credential.totp_sealed,
                        .totp_last_step = credential.totp_last_step};
  return deps.store.SetCredential(tx, account, credential.recovery_sha256s);
}

}  // namespace fairlead::identity
