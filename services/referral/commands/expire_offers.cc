#include "services/referral/commands/expire_offers.h"

#include "services/referral/commands/decline_offer.h"

namespace fairlead::referral {

Result<int> ExpireOffers(Unit& unit) {
  FAIRLEAD_ASSIGN(const std::vector<std::string> due,
                  unit.store.DueOffers(unit.now_ms, kExpirePerSweep));
  for (const std::string& offer_id : due) {
    FAIRLEAD_ASSIGN(const std::optional<std::string> referral_id,
                    unit.store.ReferralOfOffer(offer_id));
    if (!referral_id) continue;
    FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(*referral_id));
    if (!referral) continue;
    for (Offer& offer : referral->offers) {
      if (offer.id != offer_id) continue;
      FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kExpired));
      offer.decide_ms = unit.now_ms;
      offer.reason_code = "expired";
      FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
      FAIRLEAD_RETURN_IF_ERROR(CloseIfNoOfferLeft(unit, *referral, "expired"));
      FAIRLEAD_RETURN_IF_ERROR(Tell(unit, *referral, &offer, "expired", "expired"));
    }
  }
  return static_cast<int>(due.size());
}

Result<int64_t> ShredOldPackets(Unit& unit) {
  return unit.store.ShredPackets(unit.now_ms - kRetentionMs, kExpirePerSweep);
}

}  // namespace fairlead::referral
