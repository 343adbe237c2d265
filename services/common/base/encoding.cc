#include "services/common/base/encoding.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "services/common/base/check.h"

namespace fairlead {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Three bytes at a time: packets are base64url nested in base64url, so this is a busy place.
std::string Encode(std::string_view bytes, std::string_view alphabet, bool pad) {
  const size_t whole = bytes.size() / 3;
  const size_t rest = bytes.size() % 3;
  std::string out(whole * 4 + (rest == 0 ? 0 : (pad ? 4 : rest + 1)), '=');
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  char* to = out.data();
  const char* symbols = alphabet.data();
  for (size_t i = 0; i < whole; ++i, in += 3, to += 4) {
    const uint32_t word = (uint32_t{in[0]} << 16) | (uint32_t{in[1]} << 8) | in[2];
    to[0] = symbols[word >> 18];
    to[1] = symbols[(word >> 12) & 0x3f];
    to[2] = symbols[(word >> 6) & 0x3f];
    to[3] = symbols[word & 0x3f];
  }
  if (rest == 0) return out;
  const uint32_t word = (uint32_t{in[0]} << 16) | (rest == 2 ? uint32_t{in[1]} << 8 : 0U);
  to[0] = symbols[word >> 18];
  to[1] = symbols[(word >> 12) & 0x3f];
  if (rest == 2) to[2] = symbols[(word >> 6) & 0x3f];
  return out;
}

std::array<int8_t, 256> Inverse(std::string_view alphabet) {
  std::array<int8_t, 256> table{};
  table.fill(-1);
  for (size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<int8_t>(i);
  }
  return table;
}

// Four characters at a time; the one sign bit of `seen` tells at the end whether any was foreign.
std::optional<std::string> Decode(std::string_view text, const std::array<int8_t, 256>& table) {
  const size_t whole = text.size() / 4;
  const size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  std::string out(whole * 3 + (rest == 0 ? 0 : rest - 1), '\0');
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  char* to = out.data();
  int seen = 0;
  const auto next = [&] {
    const int value = table[*in++];
    seen |= value;
    return static_cast<uint32_t>(value);
  };
  for (size_t i = 0; i < whole; ++i, to += 3) {
    uint32_t word = next() << 18;
    word |= next() << 12;
    word |= next() << 6;
    word |= next();
    to[0] = static_cast<char>((word >> 16) & 0xff);
    to[1] = static_cast<char>((word >> 8) & 0xff);
    to[2] = static_cast<char>(word & 0xff);
  }
  if (rest != 0) {
    uint32_t word = next() << 18;
    word |= next() << 12;
    if (rest == 3) word |= next() << 6;
    to[0] = static_cast<char>((word >> 16) & 0xff);
    if (rest == 3) to[1] = static_cast<char>((word >> 8) & 0xff);
    // Bits that no byte takes must be zero, or two texts would mean the same bytes.
    if ((word & (rest == 2 ? 0xffffU : 0xffU)) != 0) return std::nullopt;
  }
  if (seen < 0) return std::nullopt;
  return out;
}

// The next byte at or after `from` that may not be ASCII, eight at a time.
size_t SkipAscii(std::string_view text, size_t from) {
  for (; from + 8 <= text.size(); from += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + from, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  return from;
}

}  // namespace

std::string HexEncode(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::optional<std::string> HexDecode(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string out;
  out.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string Base64UrlEncode(std::string_view bytes) { return Encode(bytes, kUrl, false); }
std::string Base64Encode(std::string_view bytes) { return Encode(bytes, kStandard, true); }
std::string Base64EncodeUnpadded(std::string_view bytes) {
  return Encode(bytes, kStandard, false);
}

std::optional<std::string> Base64UrlDecode(std::string_view text) {
  static const std::array<int8_t, 256> table = Inverse(kUrl);
  return Decode(text, table);
}

std::optional<std::string> Base64Decode(std::string_view text) {
  static const std::array<int8_t, 256> table = Inverse(kStandard);
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  }
  return Decode(text, table);
}

// The algorithm is fetched once: OpenSSL 3.0 looks it up by name at every call of SHA256(), which
// takes as long as hashing two kilobytes.
std::string Sha256(std::string_view bytes) {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  FAIRLEAD_CHECK(EVP_Digest(bytes.data(), bytes.size(),
                            reinterpret_cast<unsigned char*>(digest.data()), nullptr, algorithm,
                            nullptr) == 1);
  return digest;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool IsUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    size_t extra = 0;
    uint32_t point = lead;
    if (lead < 0x80) {
      i = SkipAscii(text, i + 1);
      continue;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
      extra = 1;
      point = lead & 0x1fU;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      extra = 2;
      point = lead & 0x0fU;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      extra = 3;
      point = lead & 0x07U;
    } else {
      return false;
    }
    if (i + extra >= text.size()) return false;
    for (size_t j = 1; j <= extra; ++j) {
      const auto next = static_cast<unsigned char>(text[i + j]);
      if ((next & 0xc0) != 0x80) return false;
      point = (point << 6) | (next & 0x3fU);
    }
    constexpr uint32_t kLeast[4] = {0, 0x80, 0x800, 0x10000};
    if (point < kLeast[extra] || point > 0x10ffff) return false;
    if (point >= 0xd800 && point <= 0xdfff) return false;
    i += extra + 1;
  }
  return true;
}

}  // namespace fairlead
