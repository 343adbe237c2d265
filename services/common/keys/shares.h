// Shamir's scheme on bytes, and a share as a line of text. Private to this folder.
#ifndef SERVICES_COMMON_KEYS_SHARES_H_
#define SERVICES_COMMON_KEYS_SHARES_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/seal/crypto.h"

namespace fairlead::keys::internal {

struct Share {
  std::string agency_id;
  std::string set_id;  // 16 hex digits
  int needed = 0;
  int shares = 0;
  int index = 0;  // 1 to shares
  std::string bytes;
};

std::string ShareLine(const Share& share);
// Errors: SHARE_INVALID, SHARE_DAMAGED.
Result<Share> ParseShare(std::string_view line);

// `shares` pieces of a secret, numbered from 1; any `needed` of them give it back. The coefficients
// come from the kernel's generator.
std::vector<std::string> SplitSecret(std::string_view secret, int needed, int shares);
// Exactly as many as were needed, with different numbers and equal sizes.
seal::internal::Secret CombineSecret(const std::vector<Share>& shares);

}  // namespace fairlead::keys::internal

#endif  // SERVICES_COMMON_KEYS_SHARES_H_
