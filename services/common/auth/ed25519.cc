#include "services/common/auth/ed25519.h"

#include <sodium.h>

#include <boost/json/object.hpp>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/hmac.h"
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
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// The public half of a seed, 32 bytes each (RFC 8032, section 5.1.5).
std::string PublicHalf(std::string_view seed) {
  FAIRLEAD_CHECK(sodium_init() >= 0);
  std::string x(kKeyBytes, '\0');
  std::string pair(kKeyBytes * 2, '\0');
  FAIRLEAD_CHECK(crypto_sign_seed_keypair(Bytes(x), Bytes(pair), Bytes(seed)) == 0);
  sodium_memzero(pair.data(), pair.size());
  return x;
}

tl::unexpected<Error> BadFile(const std::string& path, const std::string& problem) {
  return Fail(Code::kFailedPrecondition, "INVALID_KEY_FILE",
              "The key file " + path + " cannot be used: " + problem + ".",
              {{"path", path}, {"problem", problem}});
}

}  // namespace

Ed25519Key Ed25519Key::Generate() {
  Ed25519Key key;
  key.d_ = SystemRandom().Bytes(kKeyBytes);
  key.x_ = PublicHalf(key.d_);
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
  if (crypto_core_ed25519_is_valid_point(Bytes(*x)) != 1) return bad("x is not a key");
  if (expected == 3) return key;
  const std::optional<std::string> d = Base64UrlDecode(members["d"]);
  if (!d || d->size() != kKeyBytes) return bad("d is not 32 bytes");
  if (PublicHalf(*d) != key.x_) return bad("x and d are not a pair");
  key.d_ = *d;
  return key;
}

std::string Ed25519Key::Sign(std::string_view message) const {
  FAIRLEAD_CHECK(has_private());
  std::string signature(kSignatureBytes, '\0');
  std::string pair = d_ + x_;  // libsodium's form
  const int signed_it =
      crypto_sign_detached(Bytes(signature), nullptr, Bytes(message), message.size(), Bytes(pair));
  sodium_memzero(pair.data(), pair.size());
  FAIRLEAD_CHECK(signed_it == 0);
  return signature;
}

bool Ed25519Key::Verify(std::string_view message, std::string_view signature) const {
  if (signature.size() != kSignatureBytes) return false;
  return crypto_sign_verify_detached(Bytes(signature), Bytes(message), message.size(), Bytes(x_)) ==
         0;
}

std::string Ed25519Key::Derive(std::string_view label) const {
  FAIRLEAD_CHECK(has_private());
  return DeriveKey(d_, label);
}

// The members in lexical order and no white space: also the input of the thumbprint.
std::string Ed25519Key::PublicJwk() const {
  return R"({"crv":"Ed25519","kty":"OKP","x":")" + Base64UrlEncode(x_) + R"("})";
}

std::string Ed25519Key::PrivateJwk() const {
  FAIRLEAD_CHECK(has_private());
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
  sodium_memzero(text->data(), text->size());
  if (!key) return BadFile(path, "not an Ed25519 JWK");
  if (!key->has_private()) return BadFile(path, "without its private half");
  return key;
}

}  // namespace fairlead::auth
