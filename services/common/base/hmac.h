// HMAC-SHA-256 (RFC 2104, RFC 4231), and keys made of a secret with it (HKDF, RFC 5869).
#ifndef SERVICES_COMMON_BASE_HMAC_H_
#define SERVICES_COMMON_BASE_HMAC_H_

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace fairlead {

inline constexpr size_t kHmacBytes = 32;

// Keyed once: what follows costs the hashing alone. Not thread-safe.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;

  // 32 bytes, of the parts joined: the caller sees to it that they can be told apart.
  std::string Of(std::initializer_list<std::string_view> parts);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// 32 bytes that tell nothing of the secret (32 random bytes, say) nor of what another label makes
// of it: HKDF with SHA-256, no salt, `label` as info.
std::string DeriveKey(std::string_view secret, std::string_view label);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_HMAC_H_
