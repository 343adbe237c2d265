// Concat KDF, A256KW, A256GCM.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>

#include "services/common/base/aes_gcm.h"
#include "services/common/base/openssl_handles.h"
#include "services/common/seal/crypto.h"

namespace fairlead::seal::internal {
namespace {

using openssl::Bytes;
using openssl::ErrorQueueMark;
using openssl::EvpCipherContext;
using openssl::EvpKdfContext;
using openssl::MutableBytes;

constexpr size_t kWrapExtraBytes = 8;
constexpr size_t kMaxWrapBytes = 512;

std::string BigEndian32(size_t value) {
  std::string out(4, '\0');
  for (size_t i = 0; i < 4; ++i) out[i] = static_cast<char>((value >> (24 - 8 * i)) & 0xff);
  return out;
}

// Fetched once and kept for the life of the process: a fetch takes longer than a wrap.
const EVP_CIPHER* Wrap() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr);
  return cipher;
}

EvpCipherContext WrapContext(std::string_view kek, int encrypt) {
  EvpCipherContext context(EVP_CIPHER_CTX_new());
  if (!context || Wrap() == nullptr || kek.size() != kKeyBytes) return nullptr;
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  if (EVP_CipherInit_ex2(context.get(), Wrap(), Bytes(kek), nullptr, encrypt, nullptr) != 1) {
    return nullptr;
  }
  return context;
}

}  // namespace

Secret::~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {
  // A short string is copied by a move, not handed over: wipe what may be left.
  OPENSSL_cleanse(other.bytes_.data(), other.bytes_.capacity());
  other.bytes_.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
    bytes_ = std::move(other.bytes_);
    OPENSSL_cleanse(other.bytes_.data(), other.bytes_.capacity());
    other.bytes_.clear();
  }
  return *this;
}

void Secret::Truncate(size_t size) {
  if (size >= bytes_.size()) return;
  OPENSSL_cleanse(bytes_.data() + size, bytes_.size() - size);
  bytes_.resize(size);
}

std::optional<Secret> ConcatKdf(std::string_view z, std::string_view algorithm_id,
                                std::string_view party_u, std::string_view party_v,
                                size_t key_bytes) {
  const ErrorQueueMark mark;
  if (z.empty() || key_bytes == 0 || key_bytes > 64) return std::nullopt;
  std::string info;
  for (const std::string_view part : {algorithm_id, party_u, party_v}) {
    info.append(BigEndian32(part.size())).append(part);
  }
  info.append(BigEndian32(key_bytes * 8));
  static EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "SSKDF", nullptr);
  const EvpKdfContext context(kdf == nullptr ? nullptr : EVP_KDF_CTX_new(kdf));
  if (!context) return std::nullopt;
  std::string digest("SHA256");
  Secret secret{std::string(z)};
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  Secret key(key_bytes);
  if (EVP_KDF_derive(context.get(), key.data(), key.size(), params) != 1) return std::nullopt;
  return key;
}

std::optional<std::string> AesKeyWrap(std::string_view kek, std::string_view plain) {
  const ErrorQueueMark mark;
  if (plain.size() < 16 || plain.size() > kMaxWrapBytes || plain.size() % 8 != 0) {
    return std::nullopt;
  }
  const EvpCipherContext context = WrapContext(kek, 1);
  std::string wrapped(plain.size() + kWrapExtraBytes, '\0');
  int written = 0;
  if (!context ||
      EVP_CipherUpdate(context.get(), MutableBytes(wrapped), &written, Bytes(plain),
                       static_cast<int>(plain.size())) != 1 ||
      static_cast<size_t>(written) != wrapped.size()) {
    return std::nullopt;
  }
  return wrapped;
}

std::optional<Secret> AesKeyUnwrap(std::string_view kek, std::string_view wrapped) {
  const ErrorQueueMark mark;
  if (wrapped.size() < 24 || wrapped.size() > kMaxWrapBytes + kWrapExtraBytes ||
      wrapped.size() % 8 != 0) {
    return std::nullopt;
  }
  const EvpCipherContext context = WrapContext(kek, 0);
  Secret plain(wrapped.size());  // OpenSSL may use the whole room while it checks
  int written = 0;
  if (!context ||
      EVP_CipherUpdate(context.get(), plain.data(), &written, Bytes(wrapped),
                       static_cast<int>(wrapped.size())) != 1 ||
      static_cast<size_t>(written) != wrapped.size() - kWrapExtraBytes) {
    return std::nullopt;
  }
  plain.Truncate(static_cast<size_t>(written));
  return plain;
}

std::optional<GcmOutput> AesGcmEncrypt(std::string_view key, std::string_view iv,
                                       std::string_view aad, std::string_view plain) {
  if (key.size() != kKeyBytes || iv.size() != kIvBytes) return std::nullopt;
  std::string ciphertext = AesGcmSeal(key, iv, aad, plain);
  std::string tag = ciphertext.substr(plain.size());
  ciphertext.resize(plain.size());
  return GcmOutput{std::move(ciphertext), std::move(tag)};
}

std::optional<Secret> AesGcmDecrypt(std::string_view key, std::string_view iv, std::string_view aad,
                                    std::string_view ciphertext, std::string_view tag) {
  if (tag.size() != kTagBytes) return std::nullopt;
  std::optional<std::string> plain =
      AesGcmOpen(key, iv, aad, std::string(ciphertext).append(tag));
  if (!plain) return std::nullopt;
  Secret secret(plain->size());
  std::copy(plain->begin(), plain->end(), secret.data());
  OPENSSL_cleanse(plain->data(), plain->size());
  return secret;
}

}  // namespace fairlead::seal::internal
