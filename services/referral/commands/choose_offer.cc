#include "services/referral/commands/choose_offer.h"

#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/forward_referral.h"
#include "services/referral/commands/match.h"
#include "services/referral/store/pace_store.h"

namespace fairlead::referral {
namespace {

Result<void> CheckChoiceOpen(const Referral& referral) {
  if (referral.mode == Mode::kSurvivorChooses) return {};
  return Fail(Code::kFailedPrecondition, "CHOICE_NOT_OPEN",
              "There is no choice to wait for: accept the offer, or decline it.");
}

}  // namespace

Result<Referral> AnswerOffer(Unit& unit, const std::string& offer_id, const std::string& etag,
                             Answer answer) {
  FAIRLEAD_ASSIGN(Found received, FindByOffer(unit, offer_id));
  Referral& referral = received.referral;
  Offer& offer = received.offer();
  // An offer that has ended hears of its end, whatever the mode: that is told to it no more.
  const bool stands = IsPending(offer.state) || offer.state == OfferState::kAccepted;
  if (stands) FAIRLEAD_RETURN_IF_ERROR(CheckChoiceOpen(referral));
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(referral, unit.agency_id, etag));
  FAIRLEAD_RETURN_IF_ERROR(CheckInTime(offer, unit.now_ms));
  // A question of its own goes on waiting beside what it says.
  if (offer.state != OfferState::kDelivered && offer.state != OfferState::kQuestion) {
    FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kDelivered));
  }
  FAIRLEAD_RETURN_IF_ERROR(received.Permitted());
  if (offer.answer == answer) return std::move(referral);
  if (offer.deliver_ms == 0) offer.deliver_ms = unit.now_ms;
  offer.answer = answer;
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(PutWaitEnded(unit.tx, offer, true, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, "answered"));
  return std::move(referral);
}

Result<Referral> ChooseOffer(Unit& unit, const std::string& offer_id, const std::string& etag) {
  FAIRLEAD_ASSIGN(Found own, FindByOfferAsSender(unit, offer_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckChoiceOpen(own.referral));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckMayBeAsked(unit.store, own.referral, {own.offer().recipient_agency_id}));
  if (IsPending(own.offer().state) && own.offer().answer != Answer::kYes) {
    return Fail(Code::kFailedPrecondition, "NOT_ANSWERED_YES",
                "That agency has not said yes: choose among those that have.");
  }
  FAIRLEAD_RETURN_IF_ERROR(
      CheckHadBefore(unit.store, own.referral.id, {own.offer().recipient_agency_id}));
  return Match(unit, std::move(own), etag, "chosen");
}

}  // namespace fairlead::referral
