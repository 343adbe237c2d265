#include "services/identity/commands/secret_box.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/private_file.h"

namespace fairlead::identity {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kMacBytes = 32;
constexpr size_t kMaxFileBytes = 256;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string Hmac(const std::string& key, std::string_view text) {
  std::string mac(kMacBytes, '\0');
  unsigned int length = 0;
  FAIRLEAD_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), In(text), text.size(),
                      Out(mac), &length) != nullptr &&
                 length == kMacBytes);
  return mac;
}

tl::unexpected<Error> FileTrouble(const std::string& path, const std::string& what) {
  return Fail(Code::kFailedPrecondition, "SECRET_KEY_FILE",
              "The key file for sign-in secrets cannot be " + what + ".",
              {{"file", path}});
}

}  // namespace

Result<void> SecretBox::Open(const std::string& path, Random& random) {
  Result<std::string> text = ReadOrMakePrivateFile(path, kMaxFileBytes, [&random] {
    return Base64UrlEncode(random.Bytes(kKeyBytes)) + "\n";
  });
  if (!text) return FileTrouble(path, "used: " + text.error().metadata["problem"]);
  if (text->ends_with('\n')) text->pop_back();
  const std::optional<std::string> key = Base64UrlDecode(*text);
  if (!key || key->size() != kKeyBytes) return FileTrouble(path, "understood");
  key_.assign(*key, 0, kKeyBytes);
  digest_key_ = Hmac(key_, "fairlead digest key");
  return {};
}

std::string SecretBox::Seal(std::string_view secret, std::string_view context,
                            Random& random) const {
  FAIRLEAD_CHECK(key_.size() == kKeyBytes);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string sealed = random.Bytes(kNonceBytes);
  std::string body(secret.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int length = 0;
  FAIRLEAD_CHECK(
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key_), In(sealed)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, In(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), Out(body), &length, In(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), nullptr, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, Out(tag)) == 1);
  return sealed + body + tag;
}

std::optional<std::string> SecretBox::Unseal(std::string_view sealed,
                                             std::string_view context) const {
  if (key_.size() != kKeyBytes || sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const std::string_view nonce = sealed.substr(0, kNonceBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string secret(body.size(), '\0');
  int length = 0;
  const bool good =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key_), In(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, In(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), Out(secret), &length, In(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, Out(tag)) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), nullptr, &length) == 1;
  if (!good) return std::nullopt;
  return secret;
}

std::string SecretBox::Digest(std::string_view text) const {
  FAIRLEAD_CHECK(digest_key_.size() == kMacBytes);
  return Hmac(digest_key_, text);
}

}  // namespace fairlead::identity
