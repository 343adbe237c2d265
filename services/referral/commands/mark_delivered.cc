#include "services/referral/commands/mark_delivered.h"

namespace fairlead::referral {

Result<void> MarkDelivered(Unit& unit, std::vector<Referral>& referrals) {
  for (Referral& listed : referrals) {
    FAIRLEAD_ASSIGN(Found received, FindAsRecipient(unit, listed.id));
    Offer& offer = received.offer();
    if (offer.state == OfferState::kSent) {
      FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kDelivered));
      offer.deliver_ms = unit.now_ms;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
      FAIRLEAD_RETURN_IF_ERROR(Tell(unit, received.referral, &offer, "delivered"));
    }
    received.referral.assignment = std::move(listed.assignment);
    listed = std::move(received.referral);
  }
  return {};
}

}  // namespace fairlead::referral
