#include "services/referral/commands/reseal_packet.h"

#include <algorithm>

namespace fairlead::referral {

const PacketRecipient* FindShare(const std::vector<PacketRecipient>& recipients,
                                 const std::string& agency_id) {
  const auto share =
      std::find_if(recipients.begin(), recipients.end(),
                   [&](const PacketRecipient& each) { return each.agency_id == agency_id; });
  return share == recipients.end() ? nullptr : &*share;
}

Result<void> CheckCurrent(ReferralReader& store, const std::string& agency_id,
                          const std::string& kid) {
  FAIRLEAD_ASSIGN(const std::optional<AgencyKeyRecord> key, store.CurrentKey(agency_id));
  if (key && key->epoch_kid == kid) return {};
  return Fail(Code::kFailedPrecondition, "RESEAL_KEY_NOT_CURRENT",
              "A share is sealed anew to the current key of your agency, and to no other.");
}

Result<void> CheckNeedsResealing(ReferralReader& store, const std::string& agency_id,
                                 const PacketRecipient* share) {
  FAIRLEAD_ASSIGN(const std::optional<AgencyKeyRecord> key, store.CurrentKey(agency_id));
  if (!key || share == nullptr || share->opens_with() != key->epoch_kid) return {};
  return Fail(Code::kFailedPrecondition, "RESEAL_NOT_NEEDED",
              "Your agency's share is sealed to its current key: open the packet to read it.");
}

tl::unexpected<Error> AnotherPacketLiesThere() {
  return Fail(Code::kAborted, "PACKET_REPLACED",
              "Another packet has taken its place meanwhile: read it first.");
}

Result<Referral> ResealPacket(Unit& unit, const Resealing& resealing) {
  // Consent has renewed the custody key in this very call, or said so when it was renewed.
  FAIRLEAD_ASSIGN(Found held, FindAsEither(unit, resealing.referral_id, /*release_in_force=*/true));
  FAIRLEAD_RETURN_IF_ERROR(held.Permitted());
  if (held.referral.packet_id != resealing.packet_id) return AnotherPacketLiesThere();
  FAIRLEAD_RETURN_IF_ERROR(CheckCurrent(unit.store, unit.agency_id, resealing.share.kid));
  FAIRLEAD_ASSIGN(std::vector<PacketRecipient> recipients,
                  unit.store.PacketRecipients(resealing.referral_id));
  const PacketRecipient* found = FindShare(recipients, unit.agency_id);
  if (found == nullptr) {
    return Fail(Code::kFailedPrecondition, "PACKET_GONE", "The packet has been destroyed.");
  }
  if (found->opens_with() == resealing.share.kid) return std::move(held.referral);
  if (resealing.custody_key.empty() || found->generation != resealing.held_generation) {
    return Fail(Code::kAborted, "PACKET_RESEALED",
                "The share was sealed anew meanwhile: fetch the packet again.");
  }
  PacketRecipient& share = recipients[static_cast<size_t>(found - recipients.data())];
  share.epk_x = resealing.share.epk_x;
  share.epk_y = resealing.share.epk_y;
  FAIRLEAD_ASSIGN(share.custody_wrapped,
                  seal::WrapUnderCustody(resealing.custody_key, resealing.share.encrypted_key));
  share.resealed_to_kid = resealing.share.kid;
  share.generation += 1;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdatePacketRecipients(resealing.referral_id, recipients));
  const Offer* offer = held.IsSenders(unit) ? nullptr : &held.offer();
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, held.referral, offer, "resealed"));
  return std::move(held.referral);
}

}  // namespace fairlead::referral
