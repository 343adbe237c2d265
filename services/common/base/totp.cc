#include "services/common/base/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "services/common/base/check.h"

namespace fairlead {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kScheme = "otpauth://totp/";
constexpr size_t kMaxUriBytes = 1024;

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 15U];
  }
  return encoded;
}

}  // namespace

std::string TotpCode(std::string_view secret, int64_t step) {
  std::array<unsigned char, 8> counter{};
  auto rest = static_cast<uint64_t>(std::max<int64_t>(step, 0));
  for (size_t i = counter.size(); i-- > 0; rest >>= 8) {
    counter[i] = static_cast<unsigned char>(rest & 0xFFU);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  FAIRLEAD_CHECK(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
                      counter.size(), mac.data(), &length) != nullptr);
  // RFC 4226, section 5.3: dynamic truncation.
  const size_t at = mac[length - 1] & 15U;
  const uint32_t number = (mac[at] & 0x7FU) << 24U | static_cast<uint32_t>(mac[at + 1]) << 16U |
                          static_cast<uint32_t>(mac[at + 2]) << 8U | mac[at + 3];
  std::string code = std::to_string(number % 1'000'000U);
  code.insert(0, 6 - code.size(), '0');
  return code;
}

std::string Base32Encode(std::string_view bytes) {
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8U | static_cast<unsigned char>(c)) & 0xFFFU;
    count += 8;
    while (count >= 5) {
      count -= 5;
      text += kAlphabet[bits >> static_cast<unsigned>(count) & 31U];
    }
  }
  if (count > 0) text += kAlphabet[bits << static_cast<unsigned>(5 - count) & 31U];
  return text;
}

std::optional<std::string> Base32Decode(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == ' ' || c == '-' || c == '=') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 5U | static_cast<uint32_t>(value)) & 0xFFFU;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
  }
  if ((bits & ((1U << static_cast<unsigned>(count)) - 1U)) != 0) return std::nullopt;
  return bytes;
}

std::string OtpauthUri(std::string_view secret, std::string_view issuer, std::string_view account) {
  const std::string from = PercentEncode(issuer);
  return std::string(kScheme) + from + ":" + PercentEncode(account) +
         "?secret=" + Base32Encode(secret) + "&issuer=" + from +
         "&algorithm=SHA1&digits=6&period=30";
}

std::optional<std::string> SecretOfOtpauthUri(std::string_view uri) {
  if (uri.size() > kMaxUriBytes || !uri.starts_with(kScheme)) return std::nullopt;
  const size_t question = uri.find('?');
  if (question == std::string_view::npos) return std::nullopt;
  std::optional<std::string> secret;
  std::string_view rest = uri.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value = pair.substr(equals + 1);
    if (name == "secret") {
      if (secret) return std::nullopt;
      secret = Base32Decode(value);
      if (!secret || secret->empty()) return std::nullopt;
    } else if ((name == "algorithm" && value != "SHA1") || (name == "digits" && value != "6") ||
               (name == "period" && value != "30")) {
      return std::nullopt;
    }
  }
  return secret;
}

}  // namespace fairlead
