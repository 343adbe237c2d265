// One recipient of a JWE: its wrapped content key, as an object and as what it says.
#include "services/common/base/encoding.h"
#include "services/common/seal/profile.h"

namespace fairlead::seal::internal {
namespace {

namespace json = boost::json;

tl::unexpected<Error> CryptoFailed() {
  return Fail(Code::kInternal, "CRYPTO_FAILED", "The packet could not be sealed.");
}

}  // namespace

Result<Recipient> RecipientOf(std::string_view reason, const json::value& value, Form form) {
  if (!value.is_object()) return Refuse(reason, "recipients");
  const json::object& object = value.as_object();
  if (form == Form::kSealed) {
    FAIRLEAD_RETURN_IF_ERROR(CheckMembers(reason, object, {"header", "encrypted_key"}));
  } else {
    FAIRLEAD_RETURN_IF_ERROR(CheckMembers(reason, object, {"header"}, {"encrypted_key"}));
  }
  const json::value& header_value = object.at("header");
  if (!header_value.is_object()) return Refuse(reason, "header");
  const json::object& header = header_value.as_object();
  FAIRLEAD_RETURN_IF_ERROR(CheckMembers(reason, header, {"alg", "kid", "epk"}));
  FAIRLEAD_RETURN_IF_ERROR(ExpectText(reason, header, "alg", kKeyAlgorithm));
  const json::value& epk_value = header.at("epk");
  if (!epk_value.is_object()) return Refuse(reason, "epk");
  const json::object& epk = epk_value.as_object();
  FAIRLEAD_RETURN_IF_ERROR(CheckMembers(reason, epk, {"kty", "crv", "x", "y"}));
  FAIRLEAD_RETURN_IF_ERROR(ExpectText(reason, epk, "kty", "EC"));
  FAIRLEAD_RETURN_IF_ERROR(ExpectText(reason, epk, "crv", "P-256"));
  Recipient recipient;
  FAIRLEAD_ASSIGN(recipient.kid, TextOf(reason, header, "kid"));
  if (!IsHash(recipient.kid)) return Refuse(reason, "kid");
  FAIRLEAD_ASSIGN(recipient.epk_x, BytesOf(reason, epk, "x", kCoordinateBytes));
  FAIRLEAD_ASSIGN(recipient.epk_y, BytesOf(reason, epk, "y", kCoordinateBytes));
  if (!IsOnCurve(recipient.epk_x, recipient.epk_y)) return Refuse(reason, "epk");
  if (object.contains("encrypted_key")) {
    FAIRLEAD_ASSIGN(recipient.encrypted_key,
                    BytesOf(reason, object, "encrypted_key", kWrappedKeyBytes));
  }
  return recipient;
}

json::object ToObject(const Recipient& recipient) {
  json::object item;
  item["header"] = {{"alg", kKeyAlgorithm},
                    {"kid", recipient.kid},
                    {"epk",
                     {{"kty", "EC"},
                      {"crv", "P-256"},
                      {"x", Base64UrlEncode(recipient.epk_x)},
                      {"y", Base64UrlEncode(recipient.epk_y)}}}};
  if (!recipient.encrypted_key.empty()) {
    item["encrypted_key"] = Base64UrlEncode(recipient.encrypted_key);
  }
  return item;
}

std::optional<Secret> WrappingKey(const Point& own, std::string_view d, const Point& peer) {
  const std::optional<Secret> z = Ecdh(own, d, peer);
  if (!z) return std::nullopt;
  return ConcatKdf(z->view(), kKeyAlgorithm, {}, {}, kKeyBytes);
}

Result<Recipient> WrapFor(const PublicKey& key, std::string_view content_key) {
  const std::optional<KeyPair> ephemeral = GenerateKeyPair();
  if (!ephemeral) return CryptoFailed();
  const std::optional<Secret> wrapping =
      WrappingKey(ephemeral->point, ephemeral->d.view(), {key.x, key.y});
  if (!wrapping) return CryptoFailed();
  std::optional<std::string> wrapped = AesKeyWrap(wrapping->view(), content_key);
  if (!wrapped) return CryptoFailed();
  return Recipient{.kid = key.kid,
                   .epk_x = ephemeral->point.x,
                   .epk_y = ephemeral->point.y,
                   .encrypted_key = std::move(*wrapped)};
}

std::optional<Secret> UnwrapBy(const PrivateKey& key, const Recipient& recipient) {
  const std::optional<Secret> wrapping =
      WrappingKey({key.public_key.x, key.public_key.y}, key.d, {recipient.epk_x, recipient.epk_y});
  if (!wrapping) return std::nullopt;
  return AesKeyUnwrap(wrapping->view(), recipient.encrypted_key);
}

}  // namespace fairlead::seal::internal
