// AES-256-GCM (NIST SP 800-38D) for redo records; see attached.h.
#ifndef SERVICES_COMMON_STORAGE_SQLITE_REDO_CIPHER_H_
#define SERVICES_COMMON_STORAGE_SQLITE_REDO_CIPHER_H_

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::storage {

inline constexpr size_t kRedoKeyBytes = 32;

// Nonce (12 bytes, random), ciphertext, tag (16 bytes). `context` is authenticated with it.
std::string SealRedo(std::string_view key, std::string_view context, std::string_view plain);
// nullopt when the key, the context or a byte differs.
std::optional<std::string> OpenRedo(std::string_view key, std::string_view context,
                                    std::string_view sealed);

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_SQLITE_REDO_CIPHER_H_
