#include "services/referral/commands/cancel_referral.h"

#include "services/referral/domain/codes.h"
#include "services/referral/store/note_store.h"

namespace fairlead::referral {

Result<void> Cancel(Unit& unit, Referral& referral, const std::string& reason_code) {
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kCancelled));
  referral.reason_code = reason_code;
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(EndAppointments(unit.tx, referral.id, unit.now_ms));
  bool told = false;
  for (Offer& offer : referral.offers) {
    const bool matched = offer.state == OfferState::kAccepted;
    if (!IsPending(offer.state) && !matched) continue;
    const OfferState ended = matched ? OfferState::kFellThrough : OfferState::kWithdrawn;
    FAIRLEAD_RETURN_IF_ERROR(EndOffer(unit, referral, offer, ended, "cancelled", reason_code));
    told = true;
  }
  if (told) return {};
  return Tell(unit, referral, nullptr, "cancelled", reason_code);
}

Result<Referral> CancelReferral(Unit& unit, const std::string& referral_id, const std::string& etag,
                                const std::string& reason_code) {
  if (!IsCancelReason(reason_code)) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_REASON_CODE", "No such reason to cancel.",
                {{"field", "reason_code"}});
  }
  FAIRLEAD_ASSIGN(Found own, FindAsSender(unit, referral_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(own.referral, unit.agency_id, etag));
  // At once, as where a do-not-route list ends it with the same reason: else what is left behind
  // would tell the two apart (decision 32).
  if (reason_code == kTakenBack) {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.DestroyPacket(own.referral));
  }
  FAIRLEAD_RETURN_IF_ERROR(Cancel(unit, own.referral, reason_code));
  FAIRLEAD_RETURN_IF_ERROR(own.Permitted());  // an error takes back all that was written
  return std::move(own.referral);
}

Result<void> EndWithRelease(Unit& unit, const std::string& referral_id,
                            const std::string& reason_code) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(referral_id));
  if (!referral) return {};
  if (referral->state == ReferralState::kOpen) return Cancel(unit, *referral, reason_code);
  for (const Offer& offer : referral->offers) {
    if (offer.state == OfferState::kAccepted) {
      referral->reason_code = reason_code;  // whoever looks at it sees why nothing opens
      referral->update_ms = unit.now_ms;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
      // Nobody can read where it was to be: nobody agrees to it any more.
      FAIRLEAD_RETURN_IF_ERROR(EndAppointments(unit.tx, referral->id, unit.now_ms));
      const std::string event = reason_code == "expired" ? "release_expired" : reason_code;
      return Tell(unit, *referral, &offer, event, reason_code);
    }
  }
  return {};
}

}  // namespace fairlead::referral
