// One-time codes from a shared secret and the clock: RFC 6238 over HMAC-SHA-1 (RFC 4226), six
// digits, steps of 30 s counted from 1970, as every authenticator app makes them.
//
//   std::string code = TotpCode(secret, TotpStep(clock.NowMs()));   // "287082"
//   std::string uri = OtpauthUri(secret, "Fairlead", "rosa");       // what an app takes in
#ifndef SERVICES_COMMON_BASE_TOTP_H_
#define SERVICES_COMMON_BASE_TOTP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead {

inline constexpr size_t kTotpSecretBytes = 20;  // RFC 4226, section 4, R6: 160 bits
inline constexpr int64_t kTotpStepMs = 30'000;

inline int64_t TotpStep(int64_t now_ms) { return now_ms / kTotpStepMs; }
// Six digits; for a step before 1970 those of step 0.
std::string TotpCode(std::string_view secret, int64_t step);

// RFC 4648, section 6, capital letters, no padding.
std::string Base32Encode(std::string_view bytes);
// Either case; spaces, hyphens and padding are skipped. nullopt: another character, or left-over
// bits that are not zero.
std::optional<std::string> Base32Decode(std::string_view text);

// "otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…&algorithm=SHA1&digits=6&period=30".
std::string OtpauthUri(std::string_view secret, std::string_view issuer, std::string_view account);
// The secret of such a URI, when its parameters are ours (those left out have these values);
// nullopt for anything else.
std::optional<std::string> SecretOfOtpauthUri(std::string_view uri);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_TOTP_H_
