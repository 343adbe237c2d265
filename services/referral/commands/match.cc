#include "services/referral/commands/match.h"

#include "services/referral/store/pace_store.h"

namespace fairlead::referral {
namespace {

constexpr char kMatchedElsewhere[] = "matched_elsewhere";

// On behalf of the sender: whoever is told must not learn from it who was taken.
Result<void> WithdrawOthers(Unit& unit, Referral& referral, const std::string& matched_offer_id) {
  Unit senders = unit;
  senders.agency_id = referral.sender_agency_id;
  if (unit.agency_id != referral.sender_agency_id) senders.staff_id.clear();
  for (Offer& offer : referral.offers) {
    if (offer.id == matched_offer_id || !IsPending(offer.state)) continue;
    FAIRLEAD_RETURN_IF_ERROR(EndOffer(senders, referral, offer, OfferState::kWithdrawn, "withdrawn",
                                      kMatchedElsewhere));
  }
  return {};
}

}  // namespace

Result<void> CheckInTime(const Offer& offer, int64_t now_ms) {
  const bool has_run_out = IsPending(offer.state) && offer.ladder.expire_ms <= now_ms;
  if (!has_run_out && offer.state != OfferState::kExpired) return {};
  return Fail(Code::kFailedPrecondition, "OFFER_EXPIRED", "The time to answer has passed.");
}

Result<Referral> Match(Unit& unit, Found found, const std::string& etag,
                       const std::string& change) {
  Referral& referral = found.referral;
  Offer& offer = found.offer();
  if (offer.state == OfferState::kWithdrawn && offer.reason_code == kMatchedElsewhere) {
    return Fail(Code::kFailedPrecondition, "ALREADY_MATCHED",
                "Another agency was first: nothing is left for you to do.");
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(referral, unit.agency_id, etag));
  FAIRLEAD_RETURN_IF_ERROR(CheckInTime(offer, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kAccepted));
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kMatched));
  FAIRLEAD_RETURN_IF_ERROR(found.Permitted());
  offer.decide_ms = unit.now_ms;
  referral.update_ms = unit.now_ms;
  // The referral before its offers, here and in every command: of those who want it at once the
  // others then wait for this row, and not for each other.
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(PutWaitEnded(unit.tx, offer, true, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, change));
  FAIRLEAD_RETURN_IF_ERROR(WithdrawOthers(unit, referral, offer.id));
  return std::move(referral);
}

}  // namespace fairlead::referral
