// How long a sign-in lasts (docs/security: idle 15 min, absolute 12 h).
#ifndef SERVICES_IDENTITY_DOMAIN_SESSION_H_
#define SERVICES_IDENTITY_DOMAIN_SESSION_H_

#include <algorithm>
#include <cstdint>
#include <string>

namespace fairlead::identity {

inline constexpr int64_t kSessionIdleMs = 15LL * 60 * 1000;
inline constexpr int64_t kSessionAbsoluteMs = 12LL * 3600 * 1000;
// The last use is written at most this often: a session that is used all the time costs one write
// a minute, and may end up to a minute early.
inline constexpr int64_t kSessionTouchMs = 60LL * 1000;
inline constexpr int kSessionTokenBytes = 32;
inline constexpr int kMaxSessionsPerStaff = 50;

struct Session {
  std::string id;  // UUID; not the token
  std::string staff_id;
  int64_t create_ms = 0;
  int64_t last_used_ms = 0;
  int assurance = 1;  // 1: passphrase
};

inline int64_t ExpireMs(const Session& session) { return session.create_ms + kSessionAbsoluteMs; }
// Never after the absolute end.
inline int64_t IdleExpireMs(const Session& session) {
  return std::min(session.last_used_ms + kSessionIdleMs, ExpireMs(session));
}
inline bool IsLive(const Session& session, int64_t now_ms) {
  return now_ms < IdleExpireMs(session);
}
inline bool NeedsTouch(const Session& session, int64_t now_ms) {
  return now_ms - session.last_used_ms >= kSessionTouchMs;
}

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DOMAIN_SESSION_H_
