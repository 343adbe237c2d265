#include "services/referral/commands/mark_opened.h"

namespace fairlead::referral {

Result<Referral> MarkOpened(Unit& unit, const std::string& referral_id) {
  Result<Received> received = FindAsRecipient(unit, referral_id);
  if (!received) {
    FAIRLEAD_ASSIGN(Referral own, FindAsSender(unit, referral_id));
    FAIRLEAD_RETURN_IF_ERROR(Tell(unit, own, nullptr, "reread"));
    return own;
  }
  Offer& offer = received->offer();
  if (offer.open_ms == 0) {
    offer.open_ms = unit.now_ms;
    if (offer.state == OfferState::kSent) {
      FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kDelivered));
      offer.deliver_ms = unit.now_ms;
    }
    FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  }
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, received->referral, &offer, "opened"));
  return std::move(received->referral);
}

}  // namespace fairlead::referral
