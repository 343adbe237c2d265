#include "services/referral/commands/send_referral.h"

#include "services/referral/commands/do_not_route.h"

namespace fairlead::referral {

Result<Sendable> CheckSending(ReferralReader& store, const std::string& agency_id,
                              const Sending& sending, int64_t now_ms) {
  FAIRLEAD_ASSIGN(Sendable sendable, FindDraft(store, agency_id, sending.draft, now_ms));
  ReferralState& state = sendable.referral.state;
  // A match may become open again too, but not by sending.
  if (state != ReferralState::kDraft) return IllegalMove(state, ReferralState::kOpen);
  FAIRLEAD_RETURN_IF_ERROR(Move(state, ReferralState::kOpen));
  FAIRLEAD_RETURN_IF_ERROR(CheckMembers(store, agency_id, sending.recipient_agency_id));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckSealedTo(store, sending.sealed, sending.recipient_agency_id, agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckDuplicate(store, sendable.referral, sending.draft));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckMayBeAsked(store, sendable.referral, {sending.recipient_agency_id}));
  return sendable;
}

Result<Referral> SendReferral(Unit& unit, const Sending& sending) {
  FAIRLEAD_ASSIGN(Sendable sendable,
                  CheckSending(unit.store, unit.agency_id, sending, unit.now_ms));
  const Referral& referral = sendable.referral;
  // It was a draft of this agency until here, and consent gives keys under a release in force only.
  auth::Standing standing{.state = auth::RecordState::kDraft,
                          .release_in_force = !sending.sealed.custody_keys.empty()};
  if (referral.sender_agency_id == unit.agency_id) standing.relations = auth::Relation::kSender;
  if (Ask(unit.context, standing) != auth::Verdict::kAllowed) return NotFound();
  return Dispatch(unit, std::move(sendable), sending);
}

Result<Referral> Dispatch(Unit& unit, Sendable sendable, const Sending& sending) {
  Referral& referral = sendable.referral;
  FAIRLEAD_ASSIGN(
      const StoredPacket packet,
      TakeIntoCustody(unit, sending.sealed, referral.id, sending.recipient_agency_id, referral));
  FAIRLEAD_RETURN_IF_ERROR(Write(unit, sendable));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertPacket(packet));
  FAIRLEAD_RETURN_IF_ERROR(
      AddOffer(unit, referral, sending.recipient_agency_id, sending.service_id, "sent"));
  return std::move(referral);
}

Result<void> AddOffer(Unit& unit, Referral& referral, const std::string& recipient_agency_id,
                      const std::string& service_id, const std::string& change) {
  Offer offer;
  offer.id = unit.ids.New();
  offer.referral_id = referral.id;
  offer.recipient_agency_id = recipient_agency_id;
  offer.service_id = service_id;
  offer.send_ms = unit.now_ms;
  offer.ladder = FreezeLadder(unit.clocks, referral.facets.urgency, unit.now_ms);
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, change));
  referral.offers.push_back(std::move(offer));
  return {};
}

}  // namespace fairlead::referral
