// AES-256-GCM (NIST SP 800-38D), as the AEAD of RFC 5116, section 5.2: the one place where it is
// made. Nonces are the caller's: each counts once under a key.
//
//   std::string sealed = nonce + AesGcmSeal(key, nonce, context, plain);
//   std::optional<std::string> plain = AesGcmOpen(key, nonce, context, sealed.substr(12));
#ifndef SERVICES_COMMON_BASE_AES_GCM_H_
#define SERVICES_COMMON_BASE_AES_GCM_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead {

inline constexpr size_t kAesGcmKeyBytes = 32;
inline constexpr size_t kAesGcmNonceBytes = 12;
inline constexpr size_t kAesGcmTagBytes = 16;

// Ciphertext, as long as `plain`, then the tag. `context` is authenticated and not part of it. Key
// and nonce have the lengths above, texts at most 2 GiB: anything else is a defect of the caller,
// and stops the process.
std::string AesGcmSeal(std::string_view key, std::string_view nonce, std::string_view context,
                       std::string_view plain);

// `sealed` is what AesGcmSeal gave. nullopt: a wrong length, another key, nonce or context, or a
// byte that was changed; nothing of the plaintext is left then.
std::optional<std::string> AesGcmOpen(std::string_view key, std::string_view nonce,
                                      std::string_view context, std::string_view sealed);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_AES_GCM_H_
