#include "services/identity/commands/secret_box.h"

#include "services/common/base/aes_gcm.h"
#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/hmac.h"
#include "services/common/base/private_file.h"

namespace fairlead::identity {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kMaxKeyFileBytes = 256;

tl::unexpected<Error> FileTrouble(const std::string& path, const std::string& what) {
  return Fail(Code::kFailedPrecondition, "SECRET_KEY_FILE",
              "The key file for sign-in secrets cannot be " + what + ".",
              {{"file", path}});
}

}  // namespace

Result<void> SecretBox::Open(const std::string& path, Random& random) {
  Result<std::string> text = ReadOrMakePrivateFile(path, kMaxKeyFileBytes, [&random] {
    return Base64UrlEncode(random.Bytes(kKeyBytes)) + "\n";
  });
  if (!text) return FileTrouble(path, "used: " + text.error().metadata["problem"]);
  if (text->ends_with('\n')) text->pop_back();
  const std::optional<std::string> key = Base64UrlDecode(*text);
  if (!key || key->size() != kKeyBytes) return FileTrouble(path, "understood");
  key_.assign(*key, 0, kKeyBytes);
  digest_key_ = HmacSha256(key_).Of({"fairlead digest key"});
  return {};
}

std::string SecretBox::Seal(std::string_view secret, std::string_view context,
                            Random& random) const {
  const std::string nonce = random.Bytes(kAesGcmNonceBytes);
  return nonce + AesGcmSeal(key_, nonce, context, secret);
}

std::optional<std::string> SecretBox::Unseal(std::string_view sealed,
                                             std::string_view context) const {
  if (sealed.size() < kAesGcmNonceBytes) return std::nullopt;
  return AesGcmOpen(key_, sealed.substr(0, kAesGcmNonceBytes), context,
                    sealed.substr(kAesGcmNonceBytes));
}

std::string SecretBox::Digest(std::string_view text) const {
  FAIRLEAD_CHECK(digest_key_.size() == kHmacBytes);
  return HmacSha256(digest_key_).Of({text});
}

}  // namespace fairlead::identity
