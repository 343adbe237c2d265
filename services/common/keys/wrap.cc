#include "services/common/keys/wrap.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"
#include "services/common/keys/jws.h"
#include "services/common/seal/profile.h"

namespace fairlead::keys {
namespace {

namespace json = boost::json;
namespace profile = seal::internal;
using profile::Secret;

constexpr std::string_view kReason = "WRAP_INVALID";
constexpr std::string_view kWrapType = "fairlead-wrap+jwe";
constexpr size_t kWrapDepth = 5;  // wrap, recipients, recipient, header, epk
constexpr size_t kProtectedDepth = 1;
constexpr size_t kWrappedKeysDepth = 2;  // keys, JWK

struct Wrap {
  WrapHeader header;
  std::string protected_b64;
  seal::Recipient recipient;
  std::string iv;
  std::string ciphertext;
  std::string tag;
};

tl::unexpected<Error> Refuse(std::string_view detail) { return profile::Refuse(kReason, detail); }

Error Named(Error error) {
  error = internal::WithCheck(std::move(error));
  if (error.reason == kReason) error.message = "The key wrap is not acceptable.";
  return error;
}

tl::unexpected<Error> Mismatch() {
  return Fail(Code::kFailedPrecondition, "WRAP_KEY_MISMATCH",
              "The keys are not those that the agency's signed list names.");
}

std::string Protect(const WrapHeader& header) {
  json::object object;
  object["typ"] = kWrapType;
  object["v"] = profile::kVersion;
  object["enc"] = profile::kContentAlgorithm;
  object["agency_id"] = header.agency_id;
  object["epoch"] = header.epoch;
  object["device_kid"] = header.device_kid;
  object["version"] = header.version;
  return Base64UrlEncode(json::serialize(object));
}

Result<WrapHeader> HeaderOf(std::string_view protected_b64) {
  const std::optional<std::string> text = Base64UrlDecode(protected_b64);
  if (!text) return Refuse("protected");
  FAIRLEAD_ASSIGN(const json::object object,
                  profile::ParseObject(kReason, *text, kMaxWrapBytes, kProtectedDepth));
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckMembers(
      kReason, object, {"typ", "v", "enc", "agency_id", "epoch", "device_kid", "version"}));
  FAIRLEAD_RETURN_IF_ERROR(profile::ExpectText(kReason, object, "typ", kWrapType));
  FAIRLEAD_RETURN_IF_ERROR(profile::ExpectText(kReason, object, "enc", profile::kContentAlgorithm));
  FAIRLEAD_ASSIGN(const int64_t v, profile::IntegerOf(kReason, object, "v"));
  if (v != profile::kVersion) return Refuse("v");
  WrapHeader header;
  FAIRLEAD_ASSIGN(header.agency_id, profile::TextOf(kReason, object, "agency_id"));
  FAIRLEAD_ASSIGN(header.epoch, profile::IntegerOf(kReason, object, "epoch"));
  FAIRLEAD_ASSIGN(header.device_kid, profile::TextOf(kReason, object, "device_kid"));
  FAIRLEAD_ASSIGN(header.version, profile::IntegerOf(kReason, object, "version"));
  if (!IsUuid(header.agency_id)) return Refuse("agency_id");
  if (header.epoch < 1 || header.epoch > kMaxNumber) return Refuse("epoch");
  if (header.version < 1 || header.version > kMaxNumber) return Refuse("version");
  if (!profile::IsHash(header.device_kid)) return Refuse("device_kid");
  return header;
}

Result<Wrap> Parse(std::string_view jwe) {
  FAIRLEAD_ASSIGN(const json::object object,
                  profile::ParseObject(kReason, jwe, kMaxWrapBytes, kWrapDepth));
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckMembers(
      kReason, object, {"protected", "recipients", "iv", "ciphertext", "tag"}));
  Wrap wrap;
  FAIRLEAD_ASSIGN(wrap.protected_b64, profile::TextOf(kReason, object, "protected"));
  FAIRLEAD_ASSIGN(wrap.header, HeaderOf(wrap.protected_b64));
  const json::value& recipients = object.at("recipients");
  if (!recipients.is_array() || recipients.as_array().size() != 1) return Refuse("recipients");
  FAIRLEAD_ASSIGN(wrap.recipient, profile::RecipientOf(kReason, recipients.as_array().front(),
                                                       seal::Form::kSealed));
  // Per-recipient headers are not authenticated: the protected one says who it is for.
  if (wrap.recipient.kid != wrap.header.device_kid) return Refuse("device_kid");
  FAIRLEAD_ASSIGN(wrap.iv, profile::BytesOf(kReason, object, "iv", profile::kIvBytes));
  FAIRLEAD_ASSIGN(wrap.ciphertext, profile::BytesOf(kReason, object, "ciphertext", 0));
  FAIRLEAD_ASSIGN(wrap.tag, profile::BytesOf(kReason, object, "tag", profile::kTagBytes));
  return wrap;
}

Result<seal::PrivateKey> PrivateKeyOf(const json::object& object, std::string_view name,
                                      seal::KeyUse use) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_object()) return Refuse(name);
  const Secret text(json::serialize(*value));
  Result<seal::PrivateKey> key = seal::ParsePrivateJwk(text.view());
  if (!key || key->public_key.use != use) return Refuse(name);
  return key;
}

Result<EpochKeys> Decrypt(const Wrap& wrap, const seal::PrivateKey& device) {
  const std::optional<Secret> content_key = profile::UnwrapBy(device, wrap.recipient);
  if (!content_key) return Refuse("decrypt");
  const std::optional<Secret> plain = profile::AesGcmDecrypt(
      content_key->view(), wrap.iv, wrap.protected_b64, wrap.ciphertext, wrap.tag);
  if (!plain) return Refuse("decrypt");
  FAIRLEAD_ASSIGN(const json::object object,
                  profile::ParseObject(kReason, plain->view(), kMaxWrapBytes, kWrappedKeysDepth));
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckMembers(kReason, object, {"epoch_jwk", "signing_jwk"}));
  EpochKeys keys;
  keys.epoch = wrap.header.epoch;
  FAIRLEAD_ASSIGN(keys.epoch_key, PrivateKeyOf(object, "epoch_jwk", seal::KeyUse::kEpoch));
  FAIRLEAD_ASSIGN(keys.signing_key, PrivateKeyOf(object, "signing_jwk", seal::KeyUse::kSigning));
  return keys;
}

Result<EpochKeys> Unwrap(std::string_view jwe, const seal::PrivateKey& device,
                         const KeyList& list) {
  FAIRLEAD_ASSIGN(const Wrap wrap, Parse(jwe));
  if (wrap.header.agency_id != list.agency_id) return Refuse("agency_id");
  if (wrap.header.device_kid != device.public_key.kid) return Refuse("device_kid");
  if (wrap.header.version > list.version) return Refuse("version");
  FAIRLEAD_ASSIGN(EpochKeys keys, Decrypt(wrap, device));
  FAIRLEAD_RETURN_IF_ERROR(CheckListed(keys, list));
  return keys;
}

}  // namespace

Result<std::string> WrapKeys(const std::string& agency_id, int64_t version, const EpochKeys& keys,
                             const seal::PublicKey& device, Random& random) {
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckPublicKey(device, seal::KeyUse::kEpoch));
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckPrivateKey(keys.epoch_key, seal::KeyUse::kEpoch));
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckPrivateKey(keys.signing_key, seal::KeyUse::kSigning));
  const std::string protected_b64 = Protect(
      {.agency_id = agency_id, .epoch = keys.epoch, .device_kid = device.kid, .version = version});
  const Secret plain("{\"epoch_jwk\":" + seal::ToPrivateJwk(keys.epoch_key) +
                     ",\"signing_jwk\":" + seal::ToPrivateJwk(keys.signing_key) + "}");
  const Secret content_key(random.Bytes(profile::kKeyBytes));
  const std::string iv = random.Bytes(profile::kIvBytes);
  const auto sealed = profile::AesGcmEncrypt(content_key.view(), iv, protected_b64, plain.view());
  if (!sealed) return Fail(Code::kInternal, "CRYPTO_FAILED", "The keys could not be wrapped.");
  FAIRLEAD_ASSIGN(const seal::Recipient recipient, profile::WrapFor(device, content_key.view()));
  json::object object;
  object["protected"] = protected_b64;
  object["recipients"].emplace_array().push_back(profile::ToObject(recipient));
  object["iv"] = Base64UrlEncode(iv);
  object["ciphertext"] = Base64UrlEncode(sealed->ciphertext);
  object["tag"] = Base64UrlEncode(sealed->tag);
  return json::serialize(object);
}

Result<WrapHeader> ReadWrap(std::string_view jwe) {
  const Result<Wrap> wrap = Parse(jwe);
  if (!wrap) return Fail(Named(wrap.error()));
  return wrap->header;
}

Result<EpochKeys> UnwrapKeys(std::string_view jwe, const seal::PrivateKey& device,
                             const KeyList& list) {
  if (!ListsDevice(list, device.public_key.kid)) {
    return Fail(Code::kFailedPrecondition, "DEVICE_NOT_LISTED",
                "The agency's key list does not name this device.");
  }
  Result<EpochKeys> keys = Unwrap(jwe, device, list);
  if (!keys) return Fail(Named(std::move(keys.error())));
  return keys;
}

Result<void> CheckListed(const EpochKeys& keys, const KeyList& list) {
  const seal::PublicKey& epoch_key = keys.epoch_key.public_key;
  const seal::PublicKey& signing_key = keys.signing_key.public_key;
  if (keys.epoch == list.epoch) {
    if (epoch_key != list.epoch_key || signing_key != list.signing_key) return Mismatch();
    return {};
  }
  for (const PastEpoch& past : list.past) {
    if (past.epoch == keys.epoch && past.epoch_kid == epoch_key.kid &&
        past.signing_key == signing_key) {
      return {};
    }
  }
  return Mismatch();
}

}  // namespace fairlead::keys
