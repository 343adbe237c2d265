#include "services/common/storage/sqlite/redo_cipher.h"

#include <openssl/evp.h>

#include <memory>

#include "services/common/base/check.h"
#include "services/common/base/random.h"

namespace fairlead::storage {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Out(std::string& bytes, size_t at) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + at;
}

}  // namespace

std::string SealRedo(std::string_view key, std::string_view context, std::string_view plain) {
  FAIRLEAD_CHECK(key.size() == kRedoKeyBytes);
  std::string sealed = SystemRandom().Bytes(kNonceBytes);
  sealed.resize(kNonceBytes + plain.size() + kTagBytes);
  const Context cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int count = 0;
  // None of these fails for a reason but lack of memory: the commit cannot go on without.
  FAIRLEAD_CHECK(
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key), In(sealed)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &count, In(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), Out(sealed, kNonceBytes), &count, In(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), Out(sealed, kNonceBytes + plain.size()), &count) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes),
                          Out(sealed, kNonceBytes + plain.size())) == 1);
  return sealed;
}

std::optional<std::string> OpenRedo(std::string_view key, std::string_view context,
                                    std::string_view sealed) {
  if (key.size() != kRedoKeyBytes || sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(body.size(), '\0');
  const Context cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int count = 0;
  const bool opened =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key), In(sealed)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &count, In(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), Out(plain, 0), &count, In(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagBytes),
                          tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), Out(plain, 0), &count) == 1;
  if (!opened) return std::nullopt;
  return plain;
}

}  // namespace fairlead::storage
