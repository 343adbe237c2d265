#include "services/referral/commands/send_packet.h"

#include <algorithm>

#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/draft.h"
#include "services/referral/commands/forward_referral.h"

namespace fairlead::referral {

Result<PacketOwed> CheckPacket(ReferralReader& store, const std::string& agency_id,
                               const PacketSending& sending) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, store.Find(sending.referral_id));
  if (!referral || referral->sender_agency_id != agency_id) return NotFound();
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(*referral, agency_id, sending.etag));
  const auto accepted = std::ranges::find(referral->offers, OfferState::kAccepted, &Offer::state);
  if (!IsUnderWay(referral->state) || accepted == referral->offers.end()) {
    return Fail(Code::kFailedPrecondition, "NOT_MATCHED",
                "The referral is not matched: there is nobody to seal a packet to.",
                {{"state", std::string(StateName(referral->state))}});
  }
  if (!referral->packet_id.empty()) {
    return Fail(Code::kFailedPrecondition, "PACKET_ALREADY_SENT",
                "Its packet has been sent already.");
  }
  if (!sending.packet_id.empty() && sending.packet_id != accepted->id) {
    return Fail(Code::kAborted, "MATCH_CHANGED",
                "It has been matched anew meanwhile: read it again.");
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckMayBeAsked(store, *referral, {accepted->recipient_agency_id}));
  FAIRLEAD_RETURN_IF_ERROR(CheckMembers(store, agency_id, accepted->recipient_agency_id));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckSealedTo(store, sending.sealed, accepted->recipient_agency_id, agency_id));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckHadBefore(store, referral->id, {accepted->recipient_agency_id}));
  const auto at = static_cast<size_t>(accepted - referral->offers.begin());
  return PacketOwed{std::move(*referral), at};
}

Result<Referral> SendPacket(Unit& unit, const PacketSending& sending) {
  FAIRLEAD_ASSIGN(PacketOwed owed, CheckPacket(unit.store, unit.agency_id, sending));
  Referral& referral = owed.referral;
  auth::Standing standing = StandingOf(referral, unit.agency_id);
  standing.release_in_force = !sending.sealed.custody_keys.empty();
  if (Ask(unit.context, standing) != auth::Verdict::kAllowed) return NotFound();
  const Offer& offer = owed.offer();
  FAIRLEAD_ASSIGN(const StoredPacket packet, TakeIntoCustody(unit, sending.sealed, offer.id,
                                                             offer.recipient_agency_id, referral));
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertPacket(packet));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, "packet_sent"));
  return std::move(referral);
}

}  // namespace fairlead::referral
