#include "services/referral/commands/decline_offer.h"

#include <algorithm>

#include "services/referral/domain/codes.h"
#include "services/referral/store/pace_store.h"

namespace fairlead::referral {

Result<Referral> DeclineOffer(Unit& unit, const std::string& offer_id, const std::string& etag,
                              const std::string& reason_code) {
  if (!IsDeclineReason(reason_code)) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_REASON_CODE", "No such reason to decline.",
                {{"field", "reason_code"}});
  }
  FAIRLEAD_ASSIGN(Found received, FindByOffer(unit, offer_id));
  Referral& referral = received.referral;
  Offer& offer = received.offer();
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(referral, unit.agency_id, etag));
  FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kDeclined));
  FAIRLEAD_RETURN_IF_ERROR(received.Permitted());
  offer.decide_ms = unit.now_ms;
  offer.reason_code = reason_code;
  FAIRLEAD_RETURN_IF_ERROR(CloseIfNoOfferLeft(unit, referral, reason_code));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(PutWaitEnded(unit.tx, offer, true, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, "declined", reason_code));
  return std::move(referral);
}

Result<void> CloseIfNoOfferLeft(Unit& unit, Referral& referral, const std::string& reason_code) {
  const bool pending = std::any_of(referral.offers.begin(), referral.offers.end(),
                                   [](const Offer& offer) { return IsPending(offer.state); });
  referral.update_ms = unit.now_ms;
  if (!pending && referral.state == ReferralState::kOpen) {
    FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kClosed));
    referral.reason_code = reason_code;
  }
  return unit.store.Update(referral);
}

}  // namespace fairlead::referral
