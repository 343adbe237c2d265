#include "gateway/limits/call_limits.h"

#include "services/common/base/encoding.h"

namespace fairlead::gateway {
namespace {

Result<void> Refused(const char* limit, int64_t wait_s) {
  return Fail(Code::kResourceExhausted, "RATE_LIMITED", "Too many requests. Wait a little.",
              {{"limit", limit}, {"retry_after_s", std::to_string(wait_s)}});
}

}  // namespace

CallLimits::CallLimits(const CallRates& rates, const Clock& clock, Random& random)
    : clock_(clock),
      networks_(rates.network, random),
      sign_ins_(rates.sign_in, random),
      agencies_(rates.agency, random),
      people_(rates.person, random),
      hotline_tokens_(rates.person, random) {}

Result<void> CallLimits::AdmitRequest(std::string_view network, std::string_view token) {
  const int64_t now_ms = clock_.SteadyMs();
  const int64_t wait_s = networks_.Take(network, now_ms);
  if (wait_s == 0) return {};
  if (!token.empty()) {
    const std::string token_sha256 = Sha256(token);
    if (IsHotline(token_sha256) && hotline_tokens_.Take(token_sha256, now_ms) == 0) return {};
  }
  return Refused("network", wait_s);
}

Result<void> CallLimits::AdmitSignIn(std::string_view network) {
  const int64_t wait_s = sign_ins_.Take(network, clock_.SteadyMs());
  if (wait_s > 0) return Refused("sign_in", wait_s);
  return {};
}

Result<void> CallLimits::AdmitCaller(const auth::Actor& actor, std::string_view token) {
  const int64_t now_ms = clock_.SteadyMs();
  const bool hotline = actor.Has(auth::Role::kHotlineOperator);
  if (hotline) RememberHotline(token);
  // The person first: whoever floods uses up no more than a person's share of the agency's.
  const int64_t own_wait_s = people_.Take(actor.staff_id, now_ms);
  if (own_wait_s > 0) return Refused("person", own_wait_s);
  const int64_t wait_s = hotline ? 0 : agencies_.Take(actor.agency_id, now_ms);
  if (wait_s > 0) return Refused("agency", wait_s);
  return {};
}

void CallLimits::RememberHotline(std::string_view token) {
  if (token.empty()) return;
  std::string token_sha256 = Sha256(token);
  const std::lock_guard lock(mutex_);
  if (!hotline_.insert(token_sha256).second) return;
  hotline_order_.push_back(std::move(token_sha256));
  if (hotline_order_.size() <= kMostHotlineTokens) return;
  hotline_.erase(hotline_order_.front());
  hotline_order_.pop_front();
}

void CallLimits::Forget(std::string_view token) {
  const std::string token_sha256 = Sha256(token);
  const std::lock_guard lock(mutex_);
  if (hotline_.erase(token_sha256) > 0) std::erase(hotline_order_, token_sha256);
}

bool CallLimits::IsHotline(const std::string& token_sha256) const {
  const std::lock_guard lock(mutex_);
  return hotline_.contains(token_sha256);
}

}  // namespace fairlead::gateway
