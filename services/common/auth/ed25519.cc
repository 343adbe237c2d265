#include "services/common/auth/ed25519.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <boost/json/object.hpp>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/private_file.h"
#include "services/common/base/random.h"
#include "services/common/base/strict_json.h"

namespace fairlead::auth {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kMaxKeyFileBytes = 4096;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextFree>;

tl::unexpected<Error> BadFile(const std::string& path, const std::string& problem) {
  return Fail(Code::kFailedPrecondition, "INVALID_KEY_FILE",
              "The key file " + path + " cannot be used: " + problem + ".",
              {{"path", path}, {"problem", problem}});
}

}  // namespace

struct Ed25519Key::Handle {
  explicit Handle(EVP_PKEY* owned) : key(owned) {}
  ~Handle() { EVP_PKEY_free(key); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  EVP_PKEY* key;
};

Ed25519Key Ed25519Key::Generate() {
  const std::string seed = SystemRandom().Bytes(kKeyBytes);
  EVP_PKEY* raw =
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size());
  FAIRLEAD_CHECK(raw != nullptr);
  Ed25519Key key;
  key.handle_ = std::make_shared<const Handle>(raw);
  key.d_ = seed;
  key.x_.resize(kKeyBytes);
  size_t size = kKeyBytes;
  FAIRLEAD_CHECK(EVP_PKEY_get_raw_public_key(
                     raw, reinterpret_cast<unsigned char*>(key.x_.data()), &size) == 1);
  key.has_private_ = true;
  return key;
}

Result<Ed25519Key> Ed25519Key::FromJwk(std::string_view jwk) {
  const auto bad = [](std::string problem) {
    return Fail(Code::kInvalidArgument, "INVALID_KEY", "Not an Ed25519 JWK: " + problem + ".");
  };
  const Result<boost::json::value> parsed = ParseStrictJson(jwk, kMaxKeyFileBytes, 2);
  if (!parsed || !parsed->is_object()) return bad("not a JSON object");
  std::map<std::string, std::string, std::less<>> members;
  for (const auto& [name, value] : parsed->as_object()) {
    if (!value.is_string()) return bad("a member is not a string");
    members[std::string(name)] = std::string(value.as_string());
  }
  const size_t expected = members.contains("d") ? 4 : 3;
  if (members.size() != expected || members["kty"] != "OKP" || members["crv"] != "Ed25519") {
    return bad("members other than kty, crv, x and d");
  }
  const std::optional<std::string> x = Base64UrlDecode(members["x"]);
  if (!x || x->size() != kKeyBytes) return bad("x is not 32 bytes");
  Ed25519Key key;
  key.x_ = *x;
  if (expected == 3) {
    EVP_PKEY* raw = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(*x), x->size());
    if (raw == nullptr) return bad("x is not a key");
    key.handle_ = std::make_shared<const Handle>(raw);
    return key;
  }
  const std::optional<std::string> d = Base64UrlDecode(members["d"]);
  if (!d || d->size() != kKeyBytes) return bad("d is not 32 bytes");
  EVP_PKEY* raw = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(*d), d->size());
  if (raw == nullptr) return bad("d is not a key");
  key.handle_ = std::make_shared<const Handle>(raw);
  key.d_ = *d;
  key.has_private_ = true;
  std::string derived(kKeyBytes, '\0');
  size_t size = kKeyBytes;
  if (EVP_PKEY_get_raw_public_key(raw, reinterpret_cast<unsigned char*>(derived.data()), &size) !=
          1 ||
      derived != key.x_) {
    return bad("x and d are not a pair");
  }
  return key;
}

std::string Ed25519Key::Sign(std::string_view message) const {
  FAIRLEAD_CHECK(has_private_);
  const Context context(EVP_MD_CTX_new());
  FAIRLEAD_CHECK(context != nullptr);
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  FAIRLEAD_CHECK(
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handle_->key) == 1 &&
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(message), message.size()) == 1 &&
      size == kSignatureBytes);
  return signature;
}

bool Ed25519Key::Verify(std::string_view message, std::string_view signature) const {
  if (signature.size() != kSignatureBytes) return false;
  const Context context(EVP_MD_CTX_new());
  FAIRLEAD_CHECK(context != nullptr);
  FAIRLEAD_CHECK(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle_->key) ==
                 1);
  return EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message),
                          message.size()) == 1;
}

// The members in lexical order and no white space: also the input of the thumbprint.
std::string Ed25519Key::PublicJwk() const {
  return R"({"crv":"Ed25519","kty":"OKP","x":")" + Base64UrlEncode(x_) + R"("})";
}

std::string Ed25519Key::PrivateJwk() const {
  FAIRLEAD_CHECK(has_private_);
  return R"({"crv":"Ed25519","d":")" + Base64UrlEncode(d_) + R"(","kty":"OKP","x":")" +
         Base64UrlEncode(x_) + R"("})";
}

std::string Ed25519Key::Thumbprint() const { return Base64UrlEncode(Sha256(PublicJwk())); }

Result<Ed25519Key> OpenKeyFile(const std::string& path) {
  Result<std::string> text = ReadOrMakePrivateFile(
      path, kMaxKeyFileBytes, [] { return Ed25519Key::Generate().PrivateJwk() + "\n"; });
  if (!text) {
    text.error().reason = "INVALID_KEY_FILE";
    return Fail(std::move(text.error()));
  }
  Result<Ed25519Key> key = Ed25519Key::FromJwk(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key) return BadFile(path, "not an Ed25519 JWK");
  if (!key->has_private()) return BadFile(path, "without its private half");
  return key;
}

}  // namespace fairlead::auth
