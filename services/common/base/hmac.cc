#include "services/common/base/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>

#include "services/common/base/check.h"

namespace fairlead {
namespace {

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

struct HmacSha256::Context {
  struct Free {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  std::unique_ptr<EVP_MAC_CTX, Free> mac;
};

HmacSha256::HmacSha256(std::string_view key) : context_(std::make_unique<Context>()) {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  context_->mac.reset(EVP_MAC_CTX_new(algorithm));
  std::array<char, 7> digest = {"SHA256"};
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  // An empty key would mean "the key of before" to OpenSSL, and there is none.
  FAIRLEAD_CHECK(!key.empty() &&
                 EVP_MAC_init(context_->mac.get(), In(key), key.size(), parameters.data()) == 1);
}

HmacSha256::~HmacSha256() = default;

std::string HmacSha256::Of(std::initializer_list<std::string_view> parts) {
  EVP_MAC_CTX* const mac = context_->mac.get();
  std::string result(kHmacBytes, '\0');
  size_t length = 0;
  bool good = EVP_MAC_init(mac, nullptr, 0, nullptr) == 1;  // the same key again
  for (const std::string_view part : parts) {
    good = good && EVP_MAC_update(mac, In(part), part.size()) == 1;
  }
  good = good && EVP_MAC_final(mac, reinterpret_cast<unsigned char*>(result.data()), &length,
                               result.size()) == 1;
  FAIRLEAD_CHECK(good && length == kHmacBytes);
  return result;
}

std::string DeriveKey(std::string_view secret, std::string_view label) {
  const std::string no_salt(kHmacBytes, '\0');  // RFC 5869, section 2.2
  const std::string key = HmacSha256(no_salt).Of({secret});
  // Section 2.3; one block is all of it.
  return HmacSha256(key).Of({label, std::string_view("\x01", 1)});
}

}  // namespace fairlead
