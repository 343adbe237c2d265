// The JWE General JSON Serialization (RFC 7516, section 7.2.1) of the profile, strictly.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/common/seal/profile.h"

namespace fairlead::seal {
namespace {

namespace json = boost::json;
using internal::BytesOf;
using internal::CheckMembers;
using internal::ExpectText;
using internal::TextOf;

constexpr std::string_view kReason = "INVALID_PACKET";
constexpr size_t kPacketDepth = 5;     // packet, recipients, recipient, header, epk
constexpr size_t kProtectedDepth = 2;  // header, categories
constexpr size_t kMaxProtectedBytes = 8192;
constexpr size_t kMaxShareBytes = 1024;

tl::unexpected<Error> Refuse(std::string_view detail) { return internal::Refuse(kReason, detail); }

Result<std::vector<std::string>> CategoriesOf(const json::object& object) {
  const json::value* value = object.if_contains("categories");
  if (value == nullptr || !value->is_array()) return Refuse("categories");
  std::vector<std::string> codes;
  for (const json::value& code : value->as_array()) {
    if (!code.is_string()) return Refuse("categories");
    codes.emplace_back(code.as_string());
  }
  return codes;
}

Result<Header> HeaderOf(std::string_view protected_b64) {
  const std::optional<std::string> text = Base64UrlDecode(protected_b64);
  if (!text) return Refuse("protected");
  FAIRLEAD_ASSIGN(const json::object object,
                  internal::ParseObject(kReason, *text, kMaxProtectedBytes, kProtectedDepth));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckMembers(kReason, object,
                   {"typ", "v", "enc", "cty", "referral_id", "sender_agency_id", "sender_kid",
                    "release_hash", "purpose", "categories", "exp", "recips"}));
  FAIRLEAD_RETURN_IF_ERROR(ExpectText(kReason, object, "typ", internal::kEnvelopeType));
  FAIRLEAD_ASSIGN(const int64_t version, internal::IntegerOf(kReason, object, "v"));
  if (version != internal::kVersion) return Refuse("v");
  FAIRLEAD_RETURN_IF_ERROR(ExpectText(kReason, object, "enc", internal::kContentAlgorithm));
  FAIRLEAD_RETURN_IF_ERROR(ExpectText(kReason, object, "cty", internal::kEnvelopeContent));
  Header header;
  FAIRLEAD_ASSIGN(header.referral_id, TextOf(kReason, object, "referral_id"));
  FAIRLEAD_ASSIGN(header.sender_agency_id, TextOf(kReason, object, "sender_agency_id"));
  FAIRLEAD_ASSIGN(header.sender_kid, TextOf(kReason, object, "sender_kid"));
  FAIRLEAD_ASSIGN(header.release_hash, TextOf(kReason, object, "release_hash"));
  FAIRLEAD_ASSIGN(header.purpose, TextOf(kReason, object, "purpose"));
  FAIRLEAD_ASSIGN(header.categories, CategoriesOf(object));
  FAIRLEAD_ASSIGN(header.expires_s, internal::IntegerOf(kReason, object, "exp"));
  FAIRLEAD_ASSIGN(header.recips, TextOf(kReason, object, "recips"));
  if (const char* fault = internal::HeaderFault(header)) return Refuse(fault);
  return header;
}

Result<std::vector<Recipient>> RecipientsOf(const json::object& packet, Form form) {
  const json::value& value = packet.at("recipients");
  if (!value.is_array()) return Refuse("recipients");
  const json::array& array = value.as_array();
  if (array.size() < kMinRecipients || array.size() > kMaxRecipients) {
    return Refuse("recipient_count");
  }
  std::vector<Recipient> recipients;
  for (const json::value& item : array) {
    FAIRLEAD_ASSIGN(Recipient recipient, internal::RecipientOf(kReason, item, form));
    if (!recipients.empty() && recipients.back().kid >= recipient.kid) {
      return Refuse("recipient_order");
    }
    recipients.push_back(std::move(recipient));
  }
  return recipients;
}

}  // namespace

Result<Envelope> ParseEnvelope(std::string_view packet_json, Form form) {
  FAIRLEAD_ASSIGN(const json::object packet,
                  internal::ParseObject(kReason, packet_json, kMaxPacketBytes, kPacketDepth));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckMembers(kReason, packet, {"protected", "recipients", "iv", "ciphertext", "tag"}));
  Envelope envelope;
  FAIRLEAD_ASSIGN(envelope.protected_b64, TextOf(kReason, packet, "protected"));
  FAIRLEAD_ASSIGN(envelope.header, HeaderOf(envelope.protected_b64));
  FAIRLEAD_ASSIGN(envelope.recipients, RecipientsOf(packet, form));
  std::vector<std::string> kids;
  for (const Recipient& recipient : envelope.recipients) kids.push_back(recipient.kid);
  if (envelope.header.recips != internal::RecipsHash(kids)) return Refuse("recips");
  FAIRLEAD_ASSIGN(envelope.iv, BytesOf(kReason, packet, "iv", internal::kIvBytes));
  FAIRLEAD_ASSIGN(envelope.ciphertext, BytesOf(kReason, packet, "ciphertext", 0));
  if (!internal::IsPaddedSize(envelope.ciphertext.size())) return Refuse("ciphertext");
  FAIRLEAD_ASSIGN(envelope.tag, BytesOf(kReason, packet, "tag", internal::kTagBytes));
  return envelope;
}

std::string ToJson(const Envelope& envelope) {
  json::object packet;
  packet["protected"] = envelope.protected_b64;
  json::array& recipients = packet["recipients"].emplace_array();
  for (const Recipient& recipient : envelope.recipients) {
    recipients.push_back(internal::ToObject(recipient));
  }
  packet["iv"] = Base64UrlEncode(envelope.iv);
  packet["ciphertext"] = Base64UrlEncode(envelope.ciphertext);
  packet["tag"] = Base64UrlEncode(envelope.tag);
  return json::serialize(packet);
}

std::string ShareToJson(const Recipient& share) {
  return json::serialize(internal::ToObject(share));
}

Result<Recipient> ParseShare(std::string_view text) {
  FAIRLEAD_ASSIGN(const json::object object,
                  internal::ParseObject(kReason, text, kMaxShareBytes, kPacketDepth));
  return internal::RecipientOf(kReason, object, Form::kSealed);
}

}  // namespace fairlead::seal
