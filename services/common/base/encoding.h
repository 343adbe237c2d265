// Hex, base64 and base64url (RFC 4648), and SHA-256. Decoders are strict: no padding where the
// form has none, no white space, no stray bits in the last symbol.
#ifndef SERVICES_COMMON_BASE_ENCODING_H_
#define SERVICES_COMMON_BASE_ENCODING_H_

#include <optional>
#include <string>
#include <string_view>

namespace fairlead {

std::string HexEncode(std::string_view bytes);                         // lower case
std::optional<std::string> HexDecode(std::string_view hex);            // either case

std::string Base64UrlEncode(std::string_view bytes);                   // section 5, no padding
std::optional<std::string> Base64UrlDecode(std::string_view text);

std::string Base64Encode(std::string_view bytes);                      // section 4, padded
std::string Base64EncodeUnpadded(std::string_view bytes);              // Connect's error details
// Accepts padded or unpadded; the alphabet is section 4's.
std::optional<std::string> Base64Decode(std::string_view text);

// 32 bytes (FIPS 180-4).
std::string Sha256(std::string_view bytes);

// Equal, in time that depends on the lengths only.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, at most U+10FFFF.
bool IsUtf8(std::string_view text);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_ENCODING_H_
