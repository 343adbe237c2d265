#include "services/common/seal/profile.h"

#include <boost/json/serialize.hpp>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"
#include "services/common/base/strict_json.h"

namespace fairlead::seal::internal {
namespace {

namespace json = boost::json;

// Header parameters of RFC 7515, 7516, 7518 and 7797 that name a key, move one in, change the
// algorithm or switch on something that this profile has not.
constexpr std::string_view kForbidden[] = {
    "zip", "crit", "jku", "jwk", "x5u", "x5c",         "x5t", "x5t#S256", "apu", "apv",
    "p2s", "p2c",  "b64", "tag", "iv",  "unprotected", "aad", "skid",     "d"};

bool Contains(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsCode(std::string_view text) {
  if (text.empty() || text.size() > kMaxCodeChars) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

// RFC 6838, section 4.2.
bool IsRestrictedName(std::string_view text) {
  if (text.empty()) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
  });
}

constexpr size_t Base64UrlChars(size_t bytes) { return (bytes * 8 + 5) / 6; }

}  // namespace

tl::unexpected<Error> Refuse(std::string_view reason, std::string_view detail) {
  return Fail(Code::kInvalidArgument, std::string(reason), "Refused by the sealing profile.",
              {{"detail", std::string(detail)}});
}

Result<json::object> ParseObject(std::string_view reason, std::string_view text, size_t max_bytes,
                                 size_t max_depth) {
  Result<json::value> value = ParseStrictJson(text, max_bytes, max_depth);
  if (!value) {
    const std::string& detail = value.error().metadata.at("detail");
    return Refuse(reason, detail == "too_large" || detail == "duplicate_member" ? detail : "json");
  }
  if (!value->is_object()) return Refuse(reason, "json");
  return std::move(value->as_object());
}

Result<void> CheckMembers(std::string_view reason, const json::object& object,
                          std::initializer_list<std::string_view> required,
                          std::initializer_list<std::string_view> optional) {
  for (const json::key_value_pair& member : object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (Contains(required, name) || Contains(optional, name)) continue;
    const bool forbidden =
        std::find(std::begin(kForbidden), std::end(kForbidden), name) != std::end(kForbidden);
    return Refuse(reason, forbidden ? "forbidden_member" : "unknown_member");
  }
  for (const std::string_view name : required) {
    if (!object.contains(name)) return Refuse(reason, "missing_member");
  }
  return {};
}

Result<std::string> TextOf(std::string_view reason, const json::object& object,
                           std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return Refuse(reason, name);
  return std::string(value->as_string());
}

Result<std::string> BytesOf(std::string_view reason, const json::object& object,
                            std::string_view name, size_t size) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return Refuse(reason, name);
  std::optional<std::string> bytes = Base64UrlDecode(value->as_string());
  if (!bytes || bytes->empty() || (size != 0 && bytes->size() != size)) {
    return Refuse(reason, name);
  }
  return std::move(*bytes);
}

Result<void> ExpectText(std::string_view reason, const json::object& object, std::string_view name,
                        std::string_view value) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_string() || member->as_string() != value) {
    return Refuse(reason, name);
  }
  return {};
}

Result<int64_t> IntegerOf(std::string_view reason, const json::object& object,
                          std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return Refuse(reason, name);
  return value->as_int64();
}

bool IsHash(std::string_view text) {
  if (text.size() != kHashChars) return false;
  return Base64UrlDecode(text).has_value();
}

bool IsContentType(std::string_view text) {
  const size_t slash = text.find('/');
  return text.size() <= kMaxContentTypeChars && slash != std::string_view::npos &&
         IsRestrictedName(text.substr(0, slash)) && IsRestrictedName(text.substr(slash + 1));
}

const char* HeaderFault(const Header& header) {
  if (!IsUuid(header.referral_id)) return "referral_id";
  if (!IsUuid(header.sender_agency_id)) return "sender_agency_id";
  if (!IsHash(header.sender_kid)) return "sender_kid";
  if (!IsHash(header.release_hash)) return "release_hash";
  if (!IsCode(header.purpose)) return "purpose";
  const std::vector<std::string>& codes = header.categories;
  if (codes.empty() || codes.size() > kMaxCategories) return "categories";
  if (!std::all_of(codes.begin(), codes.end(), IsCode)) return "categories";
  // Strictly rising: sorted and without repeats.
  if (std::adjacent_find(codes.begin(), codes.end(), std::greater_equal<>()) != codes.end()) {
    return "categories";
  }
  if (header.expires_s < 1 || header.expires_s > kMaxTimeS) return "exp";
  return nullptr;
}

std::string RecipsHash(const std::vector<std::string>& kids) {
  std::string joined;
  for (const std::string& kid : kids) {
    if (!joined.empty()) joined += '\n';
    joined += kid;
  }
  return Base64UrlEncode(Sha256(joined));
}

std::string EncodeProtected(const Header& header) {
  json::object object;
  object["typ"] = kEnvelopeType;
  object["v"] = kVersion;
  object["enc"] = kContentAlgorithm;
  object["cty"] = kEnvelopeContent;
  object["referral_id"] = header.referral_id;
  object["sender_agency_id"] = header.sender_agency_id;
  object["sender_kid"] = header.sender_kid;
  object["release_hash"] = header.release_hash;
  object["purpose"] = header.purpose;
  json::array& categories = object["categories"].emplace_array();
  for (const std::string& code : header.categories) categories.emplace_back(code);
  object["exp"] = header.expires_s;
  object["recips"] = header.recips;
  return Base64UrlEncode(json::serialize(object));
}

std::string ProtectedHash(std::string_view protected_b64) {
  return Base64UrlEncode(Sha256(protected_b64));
}

Secret Pad(std::string_view plaintext) {
  FAIRLEAD_CHECK(plaintext.size() <= kMaxPlaintextBytes);
  const size_t least = plaintext.size() + kLengthPrefixBytes;
  const size_t size = *std::lower_bound(kPaddedBytes.begin(), kPaddedBytes.end(), least);
  Secret padded(size);
  for (size_t i = 0; i < kLengthPrefixBytes; ++i) {
    padded.data()[i] = static_cast<unsigned char>((plaintext.size() >> (24 - 8 * i)) & 0xff);
  }
  std::copy(plaintext.begin(), plaintext.end(), padded.data() + kLengthPrefixBytes);
  return padded;
}

std::optional<std::string_view> Unpad(std::string_view padded) {
  if (padded.size() < kPaddedBytes.front()) return std::nullopt;
  size_t length = 0;
  for (size_t i = 0; i < kLengthPrefixBytes; ++i) {
    length = (length << 8) | static_cast<unsigned char>(padded[i]);
  }
  if (length > kMaxPlaintextBytes) return std::nullopt;
  const size_t least = length + kLengthPrefixBytes;
  // The next size up and no other, so that a packet has one form only.
  if (padded.size() != *std::lower_bound(kPaddedBytes.begin(), kPaddedBytes.end(), least)) {
    return std::nullopt;
  }
  const std::string_view zeros = padded.substr(least);
  if (std::any_of(zeros.begin(), zeros.end(), [](char c) { return c != '\0'; })) {
    return std::nullopt;
  }
  return padded.substr(kLengthPrefixBytes, length);
}

bool IsPaddedSize(size_t ciphertext_bytes) {
  // The JWS header is about 200 characters of JSON: its content type is the only part that varies.
  constexpr size_t kMinHeaderChars = 100;
  constexpr size_t kMaxHeaderChars = 480;
  constexpr size_t kFixedChars = 2 + Base64UrlChars(kSignatureBytes);
  return std::any_of(kPaddedBytes.begin(), kPaddedBytes.end(), [&](size_t padded) {
    const size_t base = kFixedChars + Base64UrlChars(padded);
    return ciphertext_bytes >= base + kMinHeaderChars && ciphertext_bytes <= base + kMaxHeaderChars;
  });
}

}  // namespace fairlead::seal::internal
