// How often people may call: one place for every limit of the gateway.
//
//   CallLimits limits(rates, clock, random);
//   limits.AdmitRequest(network, token);   // of any request, before it is looked at
//   limits.AdmitSignIn(network);           // instead, of a call that works without a session
//   limits.AdmitCaller(actor, token);      // once it is known who calls
//
// The hotline's lane: a hotline operator counts for nobody but themself. Their calls are let in
// when their network has used up its share, and their agency's share is not asked. Before a session
// is looked up, only its token can say whose it is; so tokens that turned out to be an operator's
// are remembered, as hashes. They open nothing: the session is looked up as ever.
#ifndef GATEWAY_LIMITS_CALL_LIMITS_H_
#define GATEWAY_LIMITS_CALL_LIMITS_H_

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "gateway/limits/rate_limiter.h"
#include "services/common/auth/actor.h"
#include "services/common/base/clock.h"
#include "services/common/base/random.h"
#include "services/common/base/result.h"

namespace fairlead::gateway {

// By default nothing is limited: the hub's configuration says how much (docs/operations.md).
struct CallRates {
  Rate network = {};  // requests; a network may be a whole office
  Rate sign_in = {};  // calls without a session of one network
  Rate agency = {};   // calls of all its people but hotline operators
  Rate person = {};
};

// Thread-safe. Memory is the same however many call. Every refusal is RESOURCE_EXHAUSTED
// RATE_LIMITED with metadata "limit" ("network", "sign_in", "agency" or "person") and
// "retry_after_s", which HTTP says as Retry-After.
class CallLimits {
 public:
  // More operators than this are not in session at once; beyond, the longest known are forgotten.
  static constexpr size_t kMostHotlineTokens = 4096;

  CallLimits(const CallRates& rates, const Clock& clock, Random& random);

  // `network`: see ClientNetwork. `token`: of the session that the request names; may be empty.
  Result<void> AdmitRequest(std::string_view network, std::string_view token);
  // Apart from requests, so that no flood of them keeps people from signing in.
  Result<void> AdmitSignIn(std::string_view network);
  // `token` as above: that of an operator is remembered.
  Result<void> AdmitCaller(const auth::Actor& actor, std::string_view token);

  void RememberHotline(std::string_view token);
  void Forget(std::string_view token);  // its session has ended

 private:
  bool IsHotline(const std::string& token_sha256) const;

  const Clock& clock_;
  RateLimiter networks_;
  RateLimiter sign_ins_;
  RateLimiter agencies_;
  RateLimiter people_;
  RateLimiter hotline_tokens_;  // in the lane, so that a session that has ended floods nothing
  mutable std::mutex mutex_;
  std::unordered_set<std::string> hotline_;
  std::deque<std::string> hotline_order_;  // of remembering
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_LIMITS_CALL_LIMITS_H_
