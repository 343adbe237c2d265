// When a one-time code counts (RFC 6238, section 5.2): of the present 30 s, of the step before or
// after it, and never of a step at or before one that has been used.
#ifndef SERVICES_IDENTITY_DOMAIN_TOTP_H_
#define SERVICES_IDENTITY_DOMAIN_TOTP_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "services/common/base/encoding.h"
#include "services/common/base/totp.h"

namespace fairlead::identity {

inline constexpr int64_t kTotpWindowSteps = 1;

// The step whose code this is; nullopt when it is none that counts. Looks at every step of the
// window, whatever it finds, so that the time it takes tells nothing.
inline std::optional<int64_t> MatchTotp(std::string_view secret, std::string_view code,
                                        int64_t now_ms, int64_t last_used_step) {
  const int64_t now_step = TotpStep(now_ms);
  std::optional<int64_t> found;
  for (int64_t step = now_step - kTotpWindowSteps; step <= now_step + kTotpWindowSteps; ++step) {
    const bool same = ConstantTimeEquals(TotpCode(secret, step), code);
    if (same && step > last_used_step && !found) found = step;
  }
  return found;
}

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DOMAIN_TOTP_H_
