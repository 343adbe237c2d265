// How often somebody may try to sign in: so often an hour, then a growing wait. Counted at once
// for an account from one network, for the account from everywhere, and for the network on all.
//
// An attempt is charged before it is looked at and given back on success, or when nothing was said
// of it (a full queue), so that attempts made at the same time cannot slip past the limit. Unknown
// names are counted alike.
//
// While one of the three waits, an attempt is looked at only when its one-time or recovery code is
// right, and then spends that code; or when its passkey's signature is. Guessing therefore keeps
// nobody out who holds the authenticator, the hotline least of all, and a guesser who hits a code
// by chance (3 in a million) buys one try at the passphrase with it.
#ifndef SERVICES_IDENTITY_DOMAIN_THROTTLE_H_
#define SERVICES_IDENTITY_DOMAIN_THROTTLE_H_

#include <cstdint>

#include "services/common/base/clock.h"

namespace fairlead::identity {

inline constexpr int kAttemptsPerWindow = 5;  // on one account, from one network
// From many networks together, and so for whoever has many of them: not many times the 5.
inline constexpr int kAttemptsPerAccount = 20;
inline constexpr int kAttemptsPerNetwork = 20;  // that fail, on whatever accounts
// Of passkeys that nobody has, from everywhere together.
inline constexpr int kUnknownPasskeys = 1000;
inline constexpr int64_t kThrottleWindowMs = 3600LL * 1000;
// Each full window in a row doubles the wait: 1 h, 2 h, 4 h.
inline constexpr int kMaxStrikes = 2;

struct Throttle {
  int64_t attempts = 0;   // in this window
  int64_t strikes = 0;    // full windows before this one
  int64_t window_ms = 0;  // when this window began
  int64_t last_ms = 0;    // the last attempt that was charged
};

struct ThrottleDecision {
  bool open = true;           // charged and looked at; else only with a right code
  Throttle next;              // to be stored when open
  int64_t retry_after_s = 0;  // 0 when open
};

inline int64_t WaitMs(const Throttle& throttle) {
  const int64_t strikes = throttle.strikes > kMaxStrikes ? kMaxStrikes : throttle.strikes;
  return kThrottleWindowMs << strikes;
}

// `most`: one of the four above.
inline ThrottleDecision Decide(const Throttle& throttle, int64_t now_ms,
                               int most = kAttemptsPerWindow) {
  ThrottleDecision decision;
  decision.next = throttle;
  decision.next.last_ms = now_ms;
  const int64_t ends_ms = throttle.window_ms + WaitMs(throttle);
  if (throttle.attempts == 0 || now_ms >= ends_ms) {
    // A quiet window forgives; a full one is remembered.
    const bool was_full = throttle.attempts >= most;
    decision.next.strikes = was_full ? throttle.strikes + 1 : 0;
    if (now_ms >= ends_ms + kThrottleWindowMs * 4) decision.next.strikes = 0;
    decision.next.attempts = 1;
    decision.next.window_ms = now_ms;
    return decision;
  }
  if (throttle.attempts < most) {
    ++decision.next.attempts;
    return decision;
  }
  decision.open = false;
  decision.retry_after_s = WholeSeconds(ends_ms - now_ms);
  return decision;
}

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DOMAIN_THROTTLE_H_
