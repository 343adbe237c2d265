#include "services/common/rpc/format.h"

#include <algorithm>
#include <iterator>

#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"

namespace fairlead::rpc {
namespace {

constexpr size_t kMaxCodeBytes = 64;
constexpr size_t kHashBytes = 32;
constexpr size_t kHashSymbols = 43;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsAlpha(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z'); }
bool AllDigits(std::string_view text) { return std::ranges::all_of(text, IsDigit); }

// ^\+[1-9]\d{6,14}$
bool IsE164(std::string_view text) {
  return text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
         AllDigits(text.substr(1));
}

// ^[a-z][a-z0-9_]{0,63}$
bool IsCode(std::string_view text) {
  return !text.empty() && text.size() <= kMaxCodeBytes && IsLower(text[0]) &&
         std::ranges::all_of(text, [](char c) { return IsLower(c) || IsDigit(c) || c == '_'; });
}

// BCP 47 (RFC 5646) cut to language[-Script][-REGION], in the case the RFC recommends.
bool IsLanguage(std::string_view text) {
  const size_t language = std::min(text.find('-'), text.size());
  if (language < 2 || language > 3 ||
      !std::ranges::all_of(text.substr(0, language), IsLower)) {
    return false;
  }
  text.remove_prefix(language);
  const auto upper = [](char c) { return IsAlpha(c) && !IsLower(c); };
  if (text.size() >= 5 && IsAlpha(text[1]) && IsAlpha(text[2]) && IsAlpha(text[3])) {
    const bool script = upper(text[1]) && IsLower(text[2]) && IsLower(text[3]) &&
                        IsLower(text[4]) && (text.size() == 5 || text[5] == '-');
    if (!script) return false;
    text.remove_prefix(5);
  }
  if (text.empty()) return true;
  if (text[0] != '-') return false;
  text.remove_prefix(1);
  return (text.size() == 2 && upper(text[0]) && upper(text[1])) ||
         (text.size() == 3 && AllDigits(text));
}

// ^[a-z0-9][a-z0-9._@-]{2,63}$
bool IsSignInName(std::string_view text) {
  const auto first = [](char c) { return IsLower(c) || IsDigit(c); };
  return text.size() >= 3 && text.size() <= 64 && first(text[0]) &&
         std::ranges::all_of(text, [&](char c) {
           return first(c) || c == '.' || c == '_' || c == '@' || c == '-';
         });
}

bool IsHash(std::string_view text) {
  if (text.size() != kHashSymbols) return false;
  const std::optional<std::string> bytes = Base64UrlDecode(text);
  return bytes && bytes->size() == kHashBytes;
}

struct FormatWords {
  api::v1::Format format;
  std::string_view reason;
  std::string_view rule;
};
constexpr FormatWords kWords[] = {
    {api::v1::FORMAT_UUID, "INVALID_ID",
     "a UUID in small letters, as lists show it: 0190a5c0-0000-7000-8000-000000000001"},
    {api::v1::FORMAT_E164, "INVALID_PHONE",
     "a phone number with + and the country's code: +12025550123"},
    {api::v1::FORMAT_CODE, "INVALID_CODE",
     "1 to 64 small letters, digits and _, a letter first: case_system"},
    {api::v1::FORMAT_COUNTY_FIPS, "INVALID_COUNTY", "five digits, a county's FIPS code: 48453"},
    {api::v1::FORMAT_LANGUAGE, "INVALID_LANGUAGE", "a language tag: es, zh-Hant, pt-BR"},
    {api::v1::FORMAT_SHA256_BASE64URL, "INVALID_HASH",
     "a SHA-256 in base64url: 43 letters, digits, - and _"},
    {api::v1::FORMAT_SIGN_IN_NAME, "INVALID_SIGN_IN_NAME",
     "3 to 64 small letters, digits and . _ @ -, a letter or digit first: ana.lopez"},
};

const FormatWords* Find(const auto& is_meant) {
  const auto* found = std::ranges::find_if(kWords, is_meant);
  return found == std::end(kWords) ? nullptr : found;
}

}  // namespace

bool HasFormat(std::string_view text, api::v1::Format format) {
  switch (format) {
    case api::v1::FORMAT_UUID: return IsUuid(text);
    case api::v1::FORMAT_E164: return IsE164(text);
    case api::v1::FORMAT_CODE: return IsCode(text);
    case api::v1::FORMAT_COUNTY_FIPS: return text.size() == 5 && AllDigits(text);
    case api::v1::FORMAT_LANGUAGE: return IsLanguage(text);
    case api::v1::FORMAT_SHA256_BASE64URL: return IsHash(text);
    case api::v1::FORMAT_SIGN_IN_NAME: return IsSignInName(text);
    default: return true;
  }
}

std::string_view FormatReason(api::v1::Format format) {
  const FormatWords* words = Find([&](const FormatWords& each) { return each.format == format; });
  return words == nullptr ? "" : words->reason;
}

std::string_view FormatRule(std::string_view reason) {
  const FormatWords* words = Find([&](const FormatWords& each) { return each.reason == reason; });
  return words == nullptr ? "" : words->rule;
}

Result<void> CheckFormat(std::string_view text, api::v1::Format format, std::string_view field) {
  if (HasFormat(text, format)) return {};
  const std::string_view reason = FormatReason(format);
  return Fail(Code::kInvalidArgument, std::string(reason),
              std::string(field) + " must be " + std::string(FormatRule(reason)) + ".",
              {{"field", std::string(field)}});
}

}  // namespace fairlead::rpc
