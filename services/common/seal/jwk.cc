// JWK (RFC 7517, RFC 7518 section 6.2) and its thumbprint (RFC 7638).
#include <openssl/crypto.h>

#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/common/seal/profile.h"

namespace fairlead::seal {
namespace {

namespace json = boost::json;
using internal::BytesOf;
using internal::CheckMembers;
using internal::ExpectText;
using internal::kCoordinateBytes;
using internal::Refuse;

constexpr std::string_view kBadKey = "INVALID_KEY";
constexpr size_t kMaxJwkBytes = 2048;

std::string_view AlgorithmOf(KeyUse use) {
  return use == KeyUse::kEpoch ? internal::kKeyAlgorithm : internal::kSignatureAlgorithm;
}

json::object ToObject(const PublicKey& key) {
  json::object object;
  object["kty"] = "EC";
  object["crv"] = "P-256";
  object["alg"] = AlgorithmOf(key.use);
  object["use"] = key.use == KeyUse::kEpoch ? "enc" : "sig";
  object["kid"] = key.kid;
  object["x"] = Base64UrlEncode(key.x);
  object["y"] = Base64UrlEncode(key.y);
  return object;
}

Result<PublicKey> PublicOf(const json::object& object) {
  FAIRLEAD_RETURN_IF_ERROR(ExpectText(kBadKey, object, "kty", "EC"));
  FAIRLEAD_RETURN_IF_ERROR(ExpectText(kBadKey, object, "crv", "P-256"));
  PublicKey key;
  FAIRLEAD_ASSIGN(const std::string algorithm, internal::TextOf(kBadKey, object, "alg"));
  if (algorithm == AlgorithmOf(KeyUse::kEpoch)) {
    key.use = KeyUse::kEpoch;
  } else if (algorithm == AlgorithmOf(KeyUse::kSigning)) {
    key.use = KeyUse::kSigning;
  } else {
    return Refuse(kBadKey, "alg");
  }
  if (object.contains("use")) {
    FAIRLEAD_RETURN_IF_ERROR(
        ExpectText(kBadKey, object, "use", key.use == KeyUse::kEpoch ? "enc" : "sig"));
  }
  FAIRLEAD_ASSIGN(key.x, BytesOf(kBadKey, object, "x", kCoordinateBytes));
  FAIRLEAD_ASSIGN(key.y, BytesOf(kBadKey, object, "y", kCoordinateBytes));
  key.kid = internal::Thumbprint(key.x, key.y);
  if (object.contains("kid")) {
    FAIRLEAD_RETURN_IF_ERROR(ExpectText(kBadKey, object, "kid", key.kid));
  }
  if (!internal::IsOnCurve(key.x, key.y)) return Refuse(kBadKey, "point");
  return key;
}

}  // namespace

namespace internal {

std::string Thumbprint(std::string_view x, std::string_view y) {
  // The required members only, in lexicographic order, no white space (RFC 7638, section 3).
  std::string canonical = R"({"crv":"P-256","kty":"EC","x":")";
  canonical.append(Base64UrlEncode(x)).append(R"(","y":")").append(Base64UrlEncode(y));
  canonical.append("\"}");
  return Base64UrlEncode(Sha256(canonical));
}

Result<void> CheckPublicKey(const PublicKey& key, KeyUse use) {
  if (key.use != use) return Refuse(kBadKey, "use");
  if (!IsOnCurve(key.x, key.y)) return Refuse(kBadKey, "point");
  if (key.kid != Thumbprint(key.x, key.y)) return Refuse(kBadKey, "kid");
  return {};
}

Result<void> CheckPrivateKey(const PrivateKey& key, KeyUse use) {
  FAIRLEAD_RETURN_IF_ERROR(CheckPublicKey(key.public_key, use));
  if (!IsKeyPair(key.public_key.x, key.public_key.y, key.d)) return Refuse(kBadKey, "d");
  return {};
}

}  // namespace internal

PrivateKey::~PrivateKey() { OPENSSL_cleanse(d.data(), d.size()); }

Result<PrivateKey> GenerateKey(KeyUse use) {
  std::optional<internal::KeyPair> pair = internal::GenerateKeyPair();
  if (!pair) return Fail(Code::kInternal, "CRYPTO_FAILED", "No key could be made.");
  PrivateKey key;
  key.public_key = {.use = use,
                    .kid = internal::Thumbprint(pair->point.x, pair->point.y),
                    .x = pair->point.x,
                    .y = pair->point.y};
  key.d = pair->d.view();
  return key;
}

std::string ToJwk(const PublicKey& key) { return json::serialize(ToObject(key)); }

std::string ToPrivateJwk(const PrivateKey& key) {
  json::object object = ToObject(key.public_key);
  object["d"] = Base64UrlEncode(key.d);
  return json::serialize(object);
}

Result<PublicKey> ParseJwk(std::string_view text) {
  FAIRLEAD_ASSIGN(const json::object object, internal::ParseObject(kBadKey, text, kMaxJwkBytes, 1));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckMembers(kBadKey, object, {"kty", "crv", "alg", "x", "y"}, {"use", "kid"}));
  return PublicOf(object);
}

Result<PrivateKey> ParsePrivateJwk(std::string_view text) {
  FAIRLEAD_ASSIGN(const json::object object, internal::ParseObject(kBadKey, text, kMaxJwkBytes, 1));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckMembers(kBadKey, object, {"kty", "crv", "alg", "x", "y", "d"}, {"use", "kid"}));
  PrivateKey key;
  FAIRLEAD_ASSIGN(key.public_key, PublicOf(object));
  FAIRLEAD_ASSIGN(key.d, BytesOf(kBadKey, object, "d", kCoordinateBytes));
  if (!internal::IsKeyPair(key.public_key.x, key.public_key.y, key.d)) {
    return Refuse(kBadKey, "d");
  }
  return key;
}

}  // namespace fairlead::seal
