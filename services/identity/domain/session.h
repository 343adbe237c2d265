// How long a sign-in lasts (docs/security: idle 15 min, absolute 12 h), and how strong it is.
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
// For so long after a proof the session may do what needs step-up.
inline constexpr int64_t kStepUpMs = 10LL * 60 * 1000;
inline constexpr int kSessionTokenBytes = 32;
inline constexpr int kMaxSessionsPerStaff = 50;

// The numbers are those of fairlead.identity.v1.SignInMethod.
enum class SignInMethod {
  kUnspecified = 0,
  kPassphraseTotp = 1,
  kPassphraseRecoveryCode = 2,
  kPasskey = 3,
};

struct Session {
  std::string id;  // UUID; not the token
  std::string staff_id;
  int64_t create_ms = 0;
  int64_t last_used_ms = 0;
  SignInMethod method = SignInMethod::kUnspecified;
  int64_t proven_ms = 0;  // the last proof of who sits there: sign-in or step-up
};

inline int64_t ExpireMs(const Session& session) { return session.create_ms + kSessionAbsoluteMs; }
// Never after the absolute end.
inline int64_t IdleExpireMs(const Session& session) {
  return std::min(session.last_used_ms + kSessionIdleMs, ExpireMs(session));
}
inline bool IsLive(const Session& session, int64_t now_ms) {
  return now_ms < IdleExpireMs(session);
}
inline int64_t StepUpExpireMs(const Session& session) { return session.proven_ms + kStepUpMs; }
// As auth::Actor::assurance: 2 two factors or a passkey, 3 proven within the last 10 min.
inline int AssuranceOf(const Session& session, int64_t now_ms) {
  return now_ms < StepUpExpireMs(session) ? 3 : 2;
}
inline bool NeedsTouch(const Session& session, int64_t now_ms) {
  return now_ms - session.last_used_ms >= kSessionTouchMs;
}

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DOMAIN_SESSION_H_
