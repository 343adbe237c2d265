#include "services/common/seal/seal.h"

#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/common/seal/profile.h"

namespace fairlead::seal {

namespace internal {

std::optional<Secret> MakeJws(std::string_view header_json, std::string_view payload,
                              const PrivateKey& key) {
  std::string jws = Base64UrlEncode(header_json);
  // Room for all of it at once: growing would leave a copy of the plaintext behind.
  jws.reserve(jws.size() + payload.size() * 4 / 3 + 100);
  jws += '.';
  {
    const Secret encoded(Base64UrlEncode(payload));
    jws += encoded.view();
  }
  const std::optional<std::string> signature =
      SignEs256({key.public_key.x, key.public_key.y}, key.d, jws);
  if (!signature) return std::nullopt;
  jws.append(".").append(Base64UrlEncode(*signature));
  return Secret(std::move(jws));
}

}  // namespace internal

namespace {

namespace json = boost::json;
using internal::Secret;

tl::unexpected<Error> CryptoFailed() {
  return Fail(Code::kInternal, "CRYPTO_FAILED", "The packet could not be sealed.");
}

Result<std::vector<PublicKey>> SortedRecipients(const SealRequest& request) {
  std::vector<PublicKey> recipients = request.recipients;
  if (recipients.size() < kMinRecipients) {
    return Fail(Code::kInvalidArgument, "TOO_FEW_RECIPIENTS",
                "A packet is sealed to its recipient and to its sender.");
  }
  if (recipients.size() > kMaxRecipients) {
    return Fail(Code::kInvalidArgument, "TOO_MANY_RECIPIENTS",
                "A packet has at most 8 recipients.");
  }
  const auto by_kid = [](const PublicKey& a, const PublicKey& b) { return a.kid < b.kid; };
  std::sort(recipients.begin(), recipients.end(), by_kid);
  const auto same_kid = [](const PublicKey& a, const PublicKey& b) { return a.kid == b.kid; };
  if (std::adjacent_find(recipients.begin(), recipients.end(), same_kid) != recipients.end()) {
    return Fail(Code::kInvalidArgument, "DUPLICATE_RECIPIENT", "A recipient stands twice.");
  }
  for (const PublicKey& key : recipients) {
    FAIRLEAD_RETURN_IF_ERROR(internal::CheckPublicKey(key, KeyUse::kEpoch));
  }
  return recipients;
}

Result<Header> CompleteHeader(const SealRequest& request, const PrivateKey& signing_key,
                              const std::vector<PublicKey>& recipients) {
  Header header = request.header;
  const std::string& sender_kid = signing_key.public_key.kid;
  if (header.sender_kid.empty()) header.sender_kid = sender_kid;
  const char* fault = internal::HeaderFault(header);
  if (fault == nullptr && header.sender_kid != sender_kid) fault = "sender_kid";
  if (fault == nullptr && !internal::IsContentType(request.content_type)) fault = "cty";
  if (fault != nullptr) return internal::Refuse("INVALID_HEADER", fault);
  std::vector<std::string> kids;
  for (const PublicKey& key : recipients) kids.push_back(key.kid);
  header.recips = internal::RecipsHash(kids);
  return header;
}

std::string SignedHeader(const SealRequest& request, const Envelope& envelope) {
  json::object header;
  header["alg"] = internal::kSignatureAlgorithm;
  header["typ"] = internal::kSignedType;
  header["kid"] = envelope.header.sender_kid;
  header["cty"] = request.content_type;
  header["pth"] = internal::ProtectedHash(envelope.protected_b64);
  return json::serialize(header);
}

}  // namespace

Result<std::string> Seal(const SealRequest& request, const PrivateKey& signing_key,
                         Random& random) {
  if (request.plaintext.size() > kMaxPlaintextBytes) {
    return Fail(Code::kInvalidArgument, "PACKET_TOO_LARGE",
                "A packet holds at most 65532 bytes; send the rest as attachments.");
  }
  FAIRLEAD_RETURN_IF_ERROR(internal::CheckPrivateKey(signing_key, KeyUse::kSigning));
  FAIRLEAD_ASSIGN(const std::vector<PublicKey> recipients, SortedRecipients(request));
  Envelope envelope;
  FAIRLEAD_ASSIGN(envelope.header, CompleteHeader(request, signing_key, recipients));
  envelope.protected_b64 = internal::EncodeProtected(envelope.header);

  const Secret padded = internal::Pad(request.plaintext);
  const std::optional<Secret> jws =
      internal::MakeJws(SignedHeader(request, envelope), padded.view(), signing_key);
  if (!jws) return CryptoFailed();

  const Secret content_key(random.Bytes(internal::kKeyBytes));
  envelope.iv = random.Bytes(internal::kIvBytes);
  std::optional<internal::GcmOutput> sealed =
      internal::AesGcmEncrypt(content_key.view(), envelope.iv, envelope.protected_b64, jws->view());
  if (!sealed) return CryptoFailed();
  envelope.ciphertext = std::move(sealed->ciphertext);
  envelope.tag = std::move(sealed->tag);
  for (const PublicKey& key : recipients) {
    FAIRLEAD_ASSIGN(Recipient recipient, internal::WrapFor(key, content_key.view()));
    envelope.recipients.push_back(std::move(recipient));
  }
  return ToJson(envelope);
}

}  // namespace fairlead::seal
