#include "services/referral/commands/accept_offer.h"

namespace fairlead::referral {

Result<Referral> AcceptOffer(Unit& unit, const std::string& offer_id, const std::string& etag) {
  FAIRLEAD_ASSIGN(Found received, FindByOffer(unit, offer_id));
  Referral& referral = received.referral;
  Offer& offer = received.offer();
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(referral, etag));
  // The same whether the clock has just ended it or is about to.
  const bool has_run_out = IsPending(offer.state) && offer.ladder.expire_ms <= unit.now_ms;
  if (has_run_out || offer.state == OfferState::kExpired) {
    return Fail(Code::kFailedPrecondition, "OFFER_EXPIRED", "The time to answer has passed.");
  }
  FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kAccepted));
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kMatched));
  FAIRLEAD_RETURN_IF_ERROR(received.Permitted());
  offer.decide_ms = unit.now_ms;
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, "accepted"));
  return std::move(referral);
}

}  // namespace fairlead::referral
