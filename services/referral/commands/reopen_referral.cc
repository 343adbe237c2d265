#include "services/referral/commands/reopen_referral.h"

#include <algorithm>

#include "services/referral/domain/codes.h"

namespace fairlead::referral {

Result<void> CheckNotEnrolledReason(const std::string& reason_code) {
  if (IsNotEnrolledReason(reason_code)) return {};
  return Fail(Code::kInvalidArgument, "UNKNOWN_REASON_CODE",
              "No such reason for a match to come to nothing.", {{"field", "reason_code"}});
}

Result<Referral> ReopenReferral(Unit& unit, const std::string& referral_id, const std::string& etag,
                                const std::string& reason_code) {
  FAIRLEAD_RETURN_IF_ERROR(CheckNotEnrolledReason(reason_code));
  FAIRLEAD_ASSIGN(Found found, FindAsEither(unit, referral_id));
  Referral& referral = found.referral;
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(referral, unit.agency_id, etag));
  // A draft becomes open too, but not so.
  if (referral.state != ReferralState::kMatched) {
    return IllegalMove(referral.state, ReferralState::kOpen);
  }
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kOpen));
  FAIRLEAD_RETURN_IF_ERROR(found.Permitted());
  const auto matched = std::ranges::find(referral.offers, OfferState::kAccepted, &Offer::state);
  if (matched == referral.offers.end()) {
    return Fail(Code::kInternal, "MATCH_WITHOUT_OFFER", "No offer was accepted.");
  }
  // The sender takes it back; the other side lets go of it (FHIR: cancelled, failed).
  const bool by_sender = found.IsSenders(unit);
  FAIRLEAD_RETURN_IF_ERROR(
      Move(matched->state, by_sender ? OfferState::kWithdrawn : OfferState::kFellThrough));
  matched->reason_code = reason_code;
  matched->decide_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.DestroyPacket(referral));
  // What it was sent under goes with it: a later packet has a release of its own.
  referral.release_id.clear();
  referral.release_hash.clear();
  referral.purpose.clear();
  referral.categories.clear();
  // Says that nobody has been asked since (referral_unasked).
  referral.reason_code = reason_code;
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(*matched));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &*matched, "fell_through", reason_code));
  return std::move(referral);
}

}  // namespace fairlead::referral
