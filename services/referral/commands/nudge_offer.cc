#include "services/referral/commands/nudge_offer.h"

#include <algorithm>

#include "services/common/base/clock.h"

namespace fairlead::referral {

Result<Referral> NudgeOffer(Unit& unit, const std::string& offer_id) {
  FAIRLEAD_ASSIGN(const std::optional<std::string> referral_id,
                  unit.store.ReferralOfOffer(offer_id));
  FAIRLEAD_ASSIGN(std::optional<Referral> referral,
                  unit.store.Find(referral_id.value_or(offer_id)));
  if (!referral || !referral_id) {
    return Fail(Code::kNotFound, "OFFER_NOT_FOUND", "There is no such offer.");
  }
  std::erase_if(referral->offers, [&](const Offer& offer) { return offer.id != offer_id; });
  Offer& offer = referral->offers.front();
  if (Ask(unit.context, {}) != auth::Verdict::kAllowed) return NotFound();
  const bool has_answered = offer.answer != Answer::kNone;
  if (!IsPending(offer.state) || has_answered || offer.ladder.expire_ms <= unit.now_ms) {
    return Fail(Code::kFailedPrecondition, "OFFER_NOT_WAITING", "It waits for no answer any more.",
                {{"state", std::string(StateName(offer.state))}});
  }
  const int64_t wait_ms = offer.nudge_ms + kNudgeEveryMs - unit.now_ms;
  // A clock that was set back must not silence anybody: no longer than the rule itself says.
  if (offer.nudge_ms > 0 && wait_ms > 0 && wait_ms <= kNudgeEveryMs) {
    return Fail(Code::kResourceExhausted, "NUDGED_LATELY", "The agency was asked just now.",
                {{"retry_after_s", std::to_string(WholeSeconds(wait_ms))}});
  }
  offer.nudge_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, *referral, &offer, "nudged"));
  return std::move(*referral);
}

}  // namespace fairlead::referral
