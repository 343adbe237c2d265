#include "services/referral/commands/custody.h"

#include <algorithm>

namespace fairlead::referral {
namespace {

Result<AgencyKeyRecord> KeysOf(ReferralReader& store, const std::string& agency_id) {
  FAIRLEAD_ASSIGN(std::optional<AgencyKeyRecord> key, store.CurrentKey(agency_id));
  if (key) return std::move(*key);
  return Fail(Code::kFailedPrecondition, "AGENCY_HAS_NO_KEYS",
              "The agency has not published its keys yet.", {{"agency_id", agency_id}});
}

// The agency's share of the packet, found by its current epoch key.
Result<seal::Recipient> ShareOf(ReferralReader& store, const SealedPacket& sealed,
                                const std::string& agency_id, bool is_sender) {
  FAIRLEAD_ASSIGN(const AgencyKeyRecord key, KeysOf(store, agency_id));
  const auto share = std::find_if(sealed.sealed_to.begin(), sealed.sealed_to.end(),
                                  [&](const seal::Recipient& r) { return r.kid == key.epoch_kid; });
  // One recipient more would be an undeclared one.
  if (share == sealed.sealed_to.end() || sealed.sealed_to.size() != 2) {
    return Fail(Code::kInvalidArgument, "PACKET_RECIPIENT_MISMATCH",
                "The packet must be sealed to the current keys of the receiving and the sending "
                "agency, and to nobody else.",
                {{"agency_id", agency_id}});
  }
  if (is_sender && key.signing_kid != sealed.sender_kid) {
    return Fail(Code::kInvalidArgument, "PACKET_SENDER_MISMATCH",
                "The packet is not signed with the current key of the sending agency.");
  }
  return *share;
}

Result<PacketRecipient> Wrapped(Unit& unit, const SealedPacket& sealed,
                                const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const seal::Recipient share,
                  ShareOf(unit.store, sealed, agency_id, agency_id == unit.agency_id));
  const auto custody_key = sealed.custody_keys.find(agency_id);
  if (custody_key == sealed.custody_keys.end()) {
    return Fail(Code::kInternal, "CUSTODY_KEY_MISSING", "Consent gave no key for an agency.");
  }
  FAIRLEAD_ASSIGN(std::string wrapped,
                  seal::WrapUnderCustody(custody_key->second, share.encrypted_key));
  return PacketRecipient{.agency_id = agency_id,
                         .kid = share.kid,
                         .epk_x = share.epk_x,
                         .epk_y = share.epk_y,
                         .custody_wrapped = std::move(wrapped)};
}

}  // namespace

Result<void> CheckHasKeys(ReferralReader& store, const std::string& agency_id) {
  FAIRLEAD_RETURN_IF_ERROR(KeysOf(store, agency_id));
  return {};
}

Result<void> CheckSealedTo(ReferralReader& store, const SealedPacket& sealed,
                           const std::string& recipient_agency_id,
                           const std::string& sender_agency_id) {
  FAIRLEAD_RETURN_IF_ERROR(ShareOf(store, sealed, recipient_agency_id, false));
  FAIRLEAD_RETURN_IF_ERROR(ShareOf(store, sealed, sender_agency_id, true));
  return {};
}

Result<void> CheckNotRevoked(ReferralReader& store, const std::string& release_id) {
  FAIRLEAD_ASSIGN(const bool revoked, store.IsReleaseRevoked(release_id));
  if (!revoked) return {};
  return Fail(Code::kPermissionDenied, "RELEASE_REVOKED", "The release was revoked.");
}

Result<std::vector<PacketRecipient>> WrappedShares(Unit& unit, const SealedPacket& sealed,
                                                   const std::string& other_agency_id) {
  std::vector<PacketRecipient> shares;
  for (const std::string& agency_id : {other_agency_id, unit.agency_id}) {
    FAIRLEAD_ASSIGN(PacketRecipient share, Wrapped(unit, sealed, agency_id));
    shares.push_back(std::move(share));
  }
  return shares;
}

Result<StoredPacket> TakeIntoCustody(Unit& unit, const SealedPacket& sealed,
                                     const std::string& packet_id,
                                     const std::string& recipient_agency_id, Referral& referral) {
  // Ended while this was under way.
  FAIRLEAD_RETURN_IF_ERROR(CheckNotRevoked(unit.store, sealed.release_id));
  StoredPacket packet = sealed.packet;
  FAIRLEAD_ASSIGN(packet.recipients, WrappedShares(unit, sealed, recipient_agency_id));
  referral.release_id = sealed.release_id;
  referral.release_hash = sealed.release_hash;
  referral.purpose = sealed.purpose;
  referral.categories = sealed.categories;
  referral.packet_id = packet_id;
  referral.packet_version = 1;
  return packet;
}

}  // namespace fairlead::referral
