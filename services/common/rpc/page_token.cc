#include "services/common/rpc/page_token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "services/common/base/aes_gcm.h"
#include "services/common/base/check.h"
#include "services/common/base/encoding.h"

namespace fairlead::rpc {
namespace {

// base64url(nonce ‖ AES-256-GCM(position) ‖ tag). The nonce is a MAC of what is sealed, as in
// AES-SIV (RFC 5297): the same position gives the same token, and no randomness can fail us.
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
                                .substr(0, kAesGcmNonceBytes);
  std::string token =
      Base64UrlEncode(nonce + AesGcmSeal(Hmac(key_, "page-token seal"), nonce, bound, plain));
  FAIRLEAD_CHECK(token.size() <= kMaxTokenBytes);
  return token;
}

Result<std::vector<std::string>> PageTokens::Decode(std::string_view query,
                                                    std::string_view token) const {
  if (token.size() > kMaxTokenBytes) return Invalid();
  const std::optional<std::string> bytes = Base64UrlDecode(token);
  if (!bytes || bytes->size() < kAesGcmNonceBytes) return Invalid();
  const std::string_view all(*bytes);
  const std::optional<std::string> plain =
      AesGcmOpen(Hmac(key_, "page-token seal"), all.substr(0, kAesGcmNonceBytes), Sha256(query),
                 all.substr(kAesGcmNonceBytes));
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
