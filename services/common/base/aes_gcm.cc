#include "services/common/base/aes_gcm.h"

#include <climits>

#include "services/common/base/check.h"
#include "services/common/base/openssl_handles.h"

namespace fairlead {
namespace {

// Fetched once and kept for the life of the process: a fetch takes longer than a small text.
const EVP_CIPHER* Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

openssl::EvpCipherContext Begin(std::string_view key, std::string_view nonce,
                                std::string_view context, int encrypt) {
  if (key.size() != kAesGcmKeyBytes || nonce.size() != kAesGcmNonceBytes ||
      context.size() > INT_MAX) {
    return nullptr;
  }
  openssl::EvpCipherContext cipher(EVP_CIPHER_CTX_new());
  if (!cipher || Gcm() == nullptr ||
      EVP_CipherInit_ex2(cipher.get(), Gcm(), openssl::Bytes(key), openssl::Bytes(nonce), encrypt,
                         nullptr) != 1) {
    return nullptr;
  }
  int written = 0;
  if (!context.empty() && EVP_CipherUpdate(cipher.get(), nullptr, &written, openssl::Bytes(context),
                                           static_cast<int>(context.size())) != 1) {
    return nullptr;
  }
  return cipher;
}

// GCM is a stream: all output comes from Update, Final only checks or makes the tag.
bool Update(EVP_CIPHER_CTX* cipher, std::string_view in, std::string& out) {
  if (in.empty()) return true;
  int written = 0;
  return EVP_CipherUpdate(cipher, openssl::MutableBytes(out), &written, openssl::Bytes(in),
                          static_cast<int>(in.size())) == 1 &&
         static_cast<size_t>(written) == in.size();
}

}  // namespace

std::string AesGcmSeal(std::string_view key, std::string_view nonce, std::string_view context,
                       std::string_view plain) {
  FAIRLEAD_CHECK(plain.size() <= INT_MAX);
  const openssl::ErrorQueueMark mark;
  const openssl::EvpCipherContext cipher = Begin(key, nonce, context, 1);
  std::string sealed(plain.size() + kAesGcmTagBytes, '\0');
  unsigned char none[kAesGcmTagBytes];
  int written = 0;
  FAIRLEAD_CHECK(cipher != nullptr && Update(cipher.get(), plain, sealed) &&
                 EVP_CipherFinal_ex(cipher.get(), none, &written) == 1 &&
                 EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG,
                                     static_cast<int>(kAesGcmTagBytes),
                                     sealed.data() + plain.size()) == 1);
  return sealed;
}

std::optional<std::string> AesGcmOpen(std::string_view key, std::string_view nonce,
                                      std::string_view context, std::string_view sealed) {
  if (sealed.size() < kAesGcmTagBytes || sealed.size() > INT_MAX) return std::nullopt;
  const openssl::ErrorQueueMark mark;
  const openssl::EvpCipherContext cipher = Begin(key, nonce, context, 0);
  if (!cipher) return std::nullopt;
  const size_t size = sealed.size() - kAesGcmTagBytes;
  std::string tag(sealed.substr(size));
  std::string plain(size, '\0');
  unsigned char none[kAesGcmTagBytes];
  int written = 0;
  if (!Update(cipher.get(), sealed.substr(0, size), plain) ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kAesGcmTagBytes),
                          tag.data()) != 1 ||
      EVP_CipherFinal_ex(cipher.get(), none, &written) != 1) {
    OPENSSL_cleanse(plain.data(), plain.size());
    return std::nullopt;
  }
  return plain;
}

}  // namespace fairlead
