#include "services/common/base/encoding.h"
#include "services/common/seal/profile.h"

namespace fairlead::seal {
namespace internal {

Result<SignedParts> SplitJws(std::string_view reason, std::string_view jws) {
  constexpr size_t kMaxHeaderBytes = 512;
  constexpr size_t kHeaderDepth = 2;  // ours is 1 deep; 2 lets the refusal be named
  const size_t first = jws.find('.');
  const size_t last = jws.rfind('.');
  // More dots than two end in a payload that is not base64url.
  if (first == std::string_view::npos || first == last) return Refuse(reason, "shape");
  const std::optional<std::string> header = Base64UrlDecode(jws.substr(0, first));
  std::optional<std::string> signature = Base64UrlDecode(jws.substr(last + 1));
  if (!header || !signature) return Refuse(reason, "shape");
  SignedParts parts;
  FAIRLEAD_ASSIGN(parts.header, ParseObject(reason, *header, kMaxHeaderBytes, kHeaderDepth));
  parts.signing_input = jws.substr(0, last);
  parts.payload_b64 = jws.substr(first + 1, last - first - 1);
  parts.signature = std::move(*signature);
  return parts;
}

}  // namespace internal

namespace {

namespace json = boost::json;
using internal::BytesOf;
using internal::Secret;

constexpr std::string_view kSignatureInvalid = "SIGNATURE_INVALID";

// One answer for a wrong key, a changed key and changed content: nothing to learn from.
tl::unexpected<Error> DecryptionFailed() {
  return Fail(Code::kDataLoss, "DECRYPTION_FAILED", "The packet cannot be opened with this key.");
}

tl::unexpected<Error> Mismatch(const char* reason, const char* message) {
  return Fail(Code::kFailedPrecondition, reason, message);
}

struct Unsealed {
  Secret content_key;
  Secret jws;
};

Result<Unsealed> Decrypt(const Envelope& envelope, const PrivateKey& key,
                         const std::string& sealed_to_kid) {
  const std::string& kid = sealed_to_kid.empty() ? key.public_key.kid : sealed_to_kid;
  const auto mine = std::find_if(envelope.recipients.begin(), envelope.recipients.end(),
                                 [&kid](const Recipient& each) { return each.kid == kid; });
  if (mine == envelope.recipients.end()) {
    return Mismatch("NOT_A_RECIPIENT", "The packet is not sealed to this key.");
  }
  if (mine->encrypted_key.empty()) return internal::Refuse("INVALID_PACKET", "encrypted_key");
  std::optional<Secret> content_key = internal::UnwrapBy(key, *mine);
  if (!content_key) return DecryptionFailed();
  std::optional<Secret> jws = internal::AesGcmDecrypt(
      content_key->view(), envelope.iv, envelope.protected_b64, envelope.ciphertext, envelope.tag);
  if (!jws) return DecryptionFailed();
  return Unsealed{std::move(*content_key), std::move(*jws)};
}

// The signed header must be exactly ours, name the pinned key and belong in this very envelope.
Result<void> CheckSignedHeader(const json::object& header, const Envelope& envelope,
                               const PublicKey& sender) {
  FAIRLEAD_RETURN_IF_ERROR(
      internal::CheckMembers(kSignatureInvalid, header, {"alg", "typ", "kid", "cty", "pth"}));
  FAIRLEAD_RETURN_IF_ERROR(
      internal::ExpectText(kSignatureInvalid, header, "alg", internal::kSignatureAlgorithm));
  FAIRLEAD_RETURN_IF_ERROR(
      internal::ExpectText(kSignatureInvalid, header, "typ", internal::kSignedType));
  FAIRLEAD_ASSIGN(const std::string kid, internal::TextOf(kSignatureInvalid, header, "kid"));
  if (kid != sender.kid) {
    return Mismatch("SENDER_MISMATCH", "The packet is signed with another key than expected.");
  }
  return internal::ExpectText(kSignatureInvalid, header, "pth",
                              internal::ProtectedHash(envelope.protected_b64));
}

Result<Opened> Verify(std::string_view jws, const Envelope& envelope, const PublicKey& sender) {
  if (envelope.header.sender_kid != sender.kid) {
    return Mismatch("SENDER_MISMATCH", "The packet names another sender than expected.");
  }
  FAIRLEAD_ASSIGN(const internal::SignedParts parts, internal::SplitJws(kSignatureInvalid, jws));
  FAIRLEAD_RETURN_IF_ERROR(CheckSignedHeader(parts.header, envelope, sender));
  if (!internal::VerifyEs256({sender.x, sender.y}, parts.signing_input, parts.signature)) {
    return internal::Refuse(kSignatureInvalid, "signature");
  }
  Opened opened;
  opened.header = envelope.header;
  FAIRLEAD_ASSIGN(opened.content_type, internal::TextOf("INVALID_PACKET", parts.header, "cty"));
  if (!internal::IsContentType(opened.content_type)) {
    return internal::Refuse("INVALID_PACKET", "cty");
  }
  std::optional<std::string> decoded = Base64UrlDecode(parts.payload_b64);
  if (!decoded) return internal::Refuse(kSignatureInvalid, "shape");
  const Secret padded(std::move(*decoded));
  const std::optional<std::string_view> plaintext = internal::Unpad(padded.view());
  if (!plaintext) return internal::Refuse("INVALID_PACKET", "padding");
  opened.plaintext = *plaintext;
  return opened;
}

struct OpenedWithKey {
  Opened opened;
  Secret content_key;
};

Result<OpenedWithKey> OpenPacket(std::string_view packet_json, const PrivateKey& epoch_key,
                                 const Expected& expected) {
  FAIRLEAD_RETURN_IF_ERROR(internal::CheckPrivateKey(epoch_key, KeyUse::kEpoch));
  FAIRLEAD_RETURN_IF_ERROR(internal::CheckPublicKey(expected.sender_signing_key, KeyUse::kSigning));
  FAIRLEAD_ASSIGN(const Envelope envelope, ParseEnvelope(packet_json, Form::kDelivered));
  FAIRLEAD_ASSIGN(Unsealed unsealed, Decrypt(envelope, epoch_key, expected.sealed_to_kid));
  FAIRLEAD_ASSIGN(Opened opened,
                  Verify(unsealed.jws.view(), envelope, expected.sender_signing_key));
  // A signing key may stand in the lists of two agencies: the sender signs which of them it is.
  if (opened.header.sender_agency_id != expected.sender_agency_id) {
    return Mismatch("SENDER_AGENCY_MISMATCH",
                    "The packet was sent by another agency than the referral says.");
  }
  if (opened.header.referral_id != expected.referral_id) {
    return Mismatch("REFERRAL_MISMATCH", "The packet belongs to another referral.");
  }
  if (opened.header.release_hash != expected.release_hash) {
    return Mismatch("RELEASE_MISMATCH", "The packet was sealed under another release.");
  }
  if (expected.now_s >= opened.header.expires_s) {
    return Mismatch("PACKET_EXPIRED", "The packet has expired.");
  }
  return OpenedWithKey{std::move(opened), std::move(unsealed.content_key)};
}

}  // namespace

Result<Opened> Open(std::string_view packet_json, const PrivateKey& epoch_key,
                    const Expected& expected) {
  FAIRLEAD_ASSIGN(OpenedWithKey both, OpenPacket(packet_json, epoch_key, expected));
  return std::move(both.opened);
}

Result<Recipient> Reseal(std::string_view packet_json, const PrivateKey& epoch_key,
                         const Expected& expected, const PublicKey& next) {
  FAIRLEAD_RETURN_IF_ERROR(internal::CheckPublicKey(next, KeyUse::kEpoch));
  FAIRLEAD_ASSIGN(const OpenedWithKey both, OpenPacket(packet_json, epoch_key, expected));
  return internal::WrapFor(next, both.content_key.view());
}

}  // namespace fairlead::seal
