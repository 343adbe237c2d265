#include "services/common/seal/crypto.h"
#include "services/common/seal/profile.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal {

Result<std::string> SignBytes(const PrivateKey& key, std::string_view message) {
  FAIRLEAD_RETURN_IF_ERROR(internal::CheckPrivateKey(key, KeyUse::kSigning));
  std::optional<std::string> signature =
      internal::SignEs256({key.public_key.x, key.public_key.y}, key.d, message);
  if (!signature) return Fail(Code::kInternal, "CRYPTO_FAILED", "It could not be signed.");
  return std::move(*signature);
}

bool VerifyBytes(const PublicKey& key, std::string_view message, std::string_view signature) {
  return key.use == KeyUse::kSigning &&
         internal::VerifyEs256({key.x, key.y}, message, signature);
}

}  // namespace fairlead::seal
