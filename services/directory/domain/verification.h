// How long the word of whoever verified a listing holds: a year, of which the last 30 days are for
// saying it again.
#ifndef SERVICES_DIRECTORY_DOMAIN_VERIFICATION_H_
#define SERVICES_DIRECTORY_DOMAIN_VERIFICATION_H_

#include <cstdint>

namespace fairlead::directory {

inline constexpr int64_t kVerificationDayMs = 24LL * 60 * 60 * 1000;
inline constexpr int64_t kVerifiedForMs = 365 * kVerificationDayMs;
inline constexpr int64_t kDueBeforeMs = 30 * kVerificationDayMs;
// A new listing has so long before its agency is reminded that nobody has verified it.
inline constexpr int64_t kRemindNewAfterMs = 30 * kVerificationDayMs;

// As in the contract.
enum class VerificationState { kVerified = 1, kDue = 2, kStale = 3 };

// `assured_ms`: 0, never.
constexpr VerificationState VerificationOf(int64_t assured_ms, int64_t now_ms) {
  if (assured_ms == 0 || now_ms - assured_ms >= kVerifiedForMs) return VerificationState::kStale;
  return now_ms - assured_ms >= kVerifiedForMs - kDueBeforeMs ? VerificationState::kDue
                                                              : VerificationState::kVerified;
}

// When the agency of one that was verified then is next to be told: that it is due, and once more
// when it has become stale. 0: it has been told both, or there is no time to count from.
constexpr int64_t NextReminderMs(int64_t assured_ms, int64_t now_ms) {
  switch (VerificationOf(assured_ms, now_ms)) {
    case VerificationState::kVerified:
      return assured_ms + kVerifiedForMs - kDueBeforeMs;
    case VerificationState::kDue:
      return assured_ms + kVerifiedForMs;
    case VerificationState::kStale:
      break;
  }
  return 0;
}

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_VERIFICATION_H_
