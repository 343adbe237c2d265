#include "services/common/storage/sqlite/redo_cipher.h"

#include "services/common/base/aes_gcm.h"
#include "services/common/base/random.h"

namespace fairlead::storage {

std::string SealRedo(std::string_view key, std::string_view context, std::string_view plain) {
  const std::string nonce = SystemRandom().Bytes(kAesGcmNonceBytes);
  return nonce + AesGcmSeal(key, nonce, context, plain);
}

std::optional<std::string> OpenRedo(std::string_view key, std::string_view context,
                                    std::string_view sealed) {
  if (sealed.size() < kAesGcmNonceBytes) return std::nullopt;
  return AesGcmOpen(key, sealed.substr(0, kAesGcmNonceBytes), context,
                    sealed.substr(kAesGcmNonceBytes));
}

}  // namespace fairlead::storage
