// The second key of the two-key rule.
#include "services/common/seal/profile.h"

namespace fairlead::seal {
namespace {

constexpr size_t kCustodyWrappedBytes = internal::kWrappedKeyBytes + 8;

tl::unexpected<Error> WrongLength(const char* detail) {
  return internal::Refuse("INVALID_KEY", detail);
}

}  // namespace

Result<std::string> WrapUnderCustody(std::string_view custody_key, std::string_view encrypted_key) {
  if (custody_key.size() != internal::kKeyBytes) return WrongLength("custody_key");
  if (encrypted_key.size() != internal::kWrappedKeyBytes) return WrongLength("encrypted_key");
  std::optional<std::string> wrapped = internal::AesKeyWrap(custody_key, encrypted_key);
  if (!wrapped) return Fail(Code::kInternal, "CRYPTO_FAILED", "The key could not be wrapped.");
  return std::move(*wrapped);
}

Result<std::string> UnwrapFromCustody(std::string_view custody_key, std::string_view wrapped) {
  if (custody_key.size() != internal::kKeyBytes) return WrongLength("custody_key");
  if (wrapped.size() != kCustodyWrappedBytes) return WrongLength("wrapped");
  const std::optional<internal::Secret> plain = internal::AesKeyUnwrap(custody_key, wrapped);
  if (!plain) {
    return Fail(Code::kDataLoss, "CUSTODY_KEY_MISMATCH",
                "The wrapped key does not belong to this custody key.");
  }
  return std::string(plain->view());
}

}  // namespace fairlead::seal
