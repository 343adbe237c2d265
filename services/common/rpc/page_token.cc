#include "services/common/rpc/page_token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"

namespace fairlead::rpc {
namespace {

// base64url(nonce ‖ AES-256-GCM(position) ‖ tag). The nonce is a MAC of what is sealed, as in
// AES-SIV (RFC 5297): the same position gives the same token, and no randomness can fail us.
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kMaxTokenBytes = 512;  // page_token's max_length in the contract
constexpr size_t kMaxParts = 8;
constexpr int kDefaultPageSize = 25;

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Hmac(std::string_view key, std::string_view text) {
  std::string mac(32, '\0');
  unsigned int size = 0;
  FAIRLEAD_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(text),
                      text.size(), Bytes(mac), &size) != nullptr);
  return mac;
}

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

std::string Seal(std::string_view key, std::string_view nonce, std::string_view bound,
                 std::string_view plain) {
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string sealed(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int size = 0;
  FAIRLEAD_CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key),
                                    Bytes(nonce)) == 1 &&
                 EVP_EncryptUpdate(cipher.get(), nullptr, &size, Bytes(bound),
                                   static_cast<int>(bound.size())) == 1 &&
                 EVP_EncryptUpdate(cipher.get(), Bytes(sealed), &size, Bytes(plain),
                                   static_cast<int>(plain.size())) == 1 &&
                 EVP_EncryptFinal_ex(cipher.get(), Bytes(tag), &size) == 1 &&
                 EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                                     tag.data()) == 1);
  return sealed + tag;
}

std::optional<std::string> Unseal(std::string_view key, std::string_view nonce,
                                  std::string_view bound, std::string_view sealed) {
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  sealed.remove_suffix(kTagBytes);
  std::string plain(sealed.size(), '\0');
  unsigned char end[16];
  int size = 0;
  const bool right =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, Bytes(bound),
                        static_cast<int>(bound.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), Bytes(plain), &size, Bytes(sealed),
                        static_cast<int>(sealed.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), end, &size) == 1;
  if (!right) return std::nullopt;
  return plain;
}

tl::unexpected<Error> Invalid() {
  return Fail(Code::kInvalidArgument, "INVALID_PAGE_TOKEN",
              "The page token is not of this list. Start again without one.");
}

}  // namespace

std::string PageTokens::Encode(std::string_view query,
                               const std::vector<std::string>& position) const {
  FAIRLEAD_CHECK(position.size() <= kMaxParts);
  std::string plain;
  for (const std::string& part : position) {
    FAIRLEAD_CHECK(part.size() <= 255);
    plain += static_cast<char>(static_cast<unsigned char>(part.size()));
    plain += part;
  }
  const std::string bound = Sha256(query);
  const std::string nonce = Hmac(Hmac(key_, "page-token nonce"), bound + plain)
                                .substr(0, kNonceBytes);
  std::string token =
      Base64UrlEncode(nonce + Seal(Hmac(key_, "page-token seal"), nonce, bound, plain));
  FAIRLEAD_CHECK(token.size() <= kMaxTokenBytes);
  return token;
}

Result<std::vector<std::string>> PageTokens::Decode(std::string_view query,
                                                    std::string_view token) const {
  if (token.size() > kMaxTokenBytes) return Invalid();
  const std::optional<std::string> bytes = Base64UrlDecode(token);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return Invalid();
  const std::string_view all(*bytes);
  const std::optional<std::string> plain =
      Unseal(Hmac(key_, "page-token seal"), all.substr(0, kNonceBytes), Sha256(query),
             all.substr(kNonceBytes));
  if (!plain) return Invalid();
  std::vector<std::string> position;
  for (size_t at = 0; at < plain->size();) {
    const size_t size = static_cast<unsigned char>((*plain)[at]);
    if (position.size() == kMaxParts || plain->size() - at - 1 < size) return Invalid();
    position.push_back(plain->substr(at + 1, size));
    at += 1 + size;
  }
  return position;
}

int PageSize(int requested) { return requested == 0 ? kDefaultPageSize : requested; }

}  // namespace fairlead::rpc
