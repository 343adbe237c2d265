#include "services/referral/commands/close_referral.h"

#include "services/referral/commands/reopen_referral.h"
#include "services/referral/store/follow_up_store.h"
#include "services/referral/store/note_store.h"

namespace fairlead::referral {
namespace {

constexpr char kInErrorReason[] = "entered_in_error";

}  // namespace

Result<Referral> CloseReferral(Unit& unit, const std::string& referral_id, const std::string& etag,
                               const std::string& reason_code) {
  FAIRLEAD_RETURN_IF_ERROR(CheckNotEnrolledReason(reason_code));
  FAIRLEAD_ASSIGN(Found received, FindAsRecipient(unit, referral_id));
  Referral& referral = received.referral;
  Offer& offer = received.offer();
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(referral, unit.agency_id, etag));
  // A match that has not begun is opened again instead, so that the need is met elsewhere.
  if (referral.state == ReferralState::kMatched) {
    return Fail(Code::kFailedPrecondition, "NOT_IN_SERVICE",
                "The service has not begun: open the need again instead, so that others may help.");
  }
  if (referral.state != ReferralState::kInService) {
    return IllegalMove(referral.state, ReferralState::kClosed);
  }
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kClosed));
  FAIRLEAD_RETURN_IF_ERROR(received.Permitted());
  FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kFellThrough));
  offer.reason_code = reason_code;
  offer.decide_ms = unit.now_ms;
  referral.reason_code = reason_code;
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(EndFollowUpsOf(unit.tx, referral.id));
  FAIRLEAD_RETURN_IF_ERROR(EndAppointments(unit.tx, referral.id, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, "closed", reason_code));
  return std::move(referral);
}

Result<Referral> EnterReferralInError(Unit& unit, const std::string& referral_id,
                                      const std::string& etag) {
  FAIRLEAD_ASSIGN(Found own, FindAsSender(unit, referral_id));
  Referral& referral = own.referral;
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(referral, unit.agency_id, etag));
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kEnteredInError));
  FAIRLEAD_RETURN_IF_ERROR(own.Permitted());
  FAIRLEAD_RETURN_IF_ERROR(unit.store.DestroyPacket(referral));
  referral.reason_code = kInErrorReason;
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(EndFollowUpsOf(unit.tx, referral.id));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, nullptr, kInErrorReason, kInErrorReason));
  for (Offer& offer : referral.offers) {
    const bool accepted = offer.state == OfferState::kAccepted;
    if (!IsPending(offer.state) && !accepted) continue;
    const OfferState ended = accepted ? OfferState::kFellThrough : OfferState::kWithdrawn;
    FAIRLEAD_RETURN_IF_ERROR(EndOffer(unit, referral, offer, ended, "withdrawn", kInErrorReason));
  }
  return std::move(referral);
}

}  // namespace fairlead::referral
