// Recovery without escrow: all private keys of an agency in one sealed file, and the key to that
// file in shares of which any `needed` give it back (Shamir's scheme over GF(2^8), libgfshare). The
// hub holds neither. Officers keep a share each, on paper: one line of text with a checksum.
//
//   Result<RecoveryKit> kit = SplitKeys(keys, {.needed = 2, .shares = 3}, SystemRandom());
//   Result<AgencyKeySet> back = CombineShares(kit->file, {kit->shares[0], kit->shares[2]});
#ifndef SERVICES_COMMON_KEYS_RECOVERY_H_
#define SERVICES_COMMON_KEYS_RECOVERY_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/random.h"
#include "services/common/base/result.h"
#include "services/common/keys/wrap.h"
#include "services/common/seal/seal.h"

namespace fairlead::keys {

// Everything that an agency would lose.
struct AgencyKeySet {
  std::string agency_id;
  seal::PrivateKey agency_key;
  std::vector<EpochKeys> epochs;  // rising, 1 to kMaxPastEpochs + 1
};

struct SplitOptions {
  int needed = 2;
  int shares = 3;  // 2 <= needed <= shares <= 20
};
inline constexpr int kMaxShares = 20;
inline constexpr size_t kMaxRecoveryFileBytes = 256 * 1024;
inline constexpr size_t kMaxShareChars = 256;

struct RecoveryKit {
  std::string file;                 // compact JWE (RFC 7516), "dir", A256GCM
  std::vector<std::string> shares;  // lines, without a line feed
};

// Errors: INVALID_ARGUMENT INVALID_SPLIT, INVALID_KEY, CRYPTO_FAILED.
Result<RecoveryKit> SplitKeys(const AgencyKeySet& keys, const SplitOptions& options,
                              Random& random);

// Errors (INVALID_ARGUMENT): SHARE_INVALID (not a share, or a line cut short), SHARE_DAMAGED (the
// checksum says that it was copied wrongly), SHARE_MIXED (of another set than the first, or than
// the file), SHARE_REPEATED, SHARES_TOO_FEW, each with metadata {"share": "<its place, from 1>"}
// where one share is at fault; RECOVERY_FILE_INVALID; RECOVERY_FAILED (the shares do not open the
// file: one of them or the file was changed).
Result<AgencyKeySet> CombineShares(std::string_view file, const std::vector<std::string>& shares);

}  // namespace fairlead::keys

#endif  // SERVICES_COMMON_KEYS_RECOVERY_H_
