// A sealed packet on its way into custody: who it must be sealed to, and how its shares are kept.
#ifndef SERVICES_REFERRAL_COMMANDS_CUSTODY_H_
#define SERVICES_REFERRAL_COMMANDS_CUSTODY_H_

#include <map>
#include <string>
#include <vector>

#include "services/common/seal/seal.h"
#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// A packet with what its header says, and the release that consent has approved for it.
struct SealedPacket {
  std::string release_id;
  std::string release_hash;
  std::string purpose;
  std::vector<std::string> categories;
  std::string sender_kid;
  StoredPacket packet;                              // its recipients: filled in by TakeIntoCustody
  std::vector<seal::Recipient> sealed_to;           // as they stand in the packet
  std::map<std::string, std::string> custody_keys;  // by agency
};

// Sealed to the current keys of these two and to nobody else, and signed by the sender. Errors:
// AGENCY_HAS_NO_KEYS, PACKET_RECIPIENT_MISMATCH, PACKET_SENDER_MISMATCH.
Result<void> CheckSealedTo(ReferralReader& store, const SealedPacket& sealed,
                           const std::string& recipient_agency_id,
                           const std::string& sender_agency_id);
// Errors: AGENCY_HAS_NO_KEYS: nobody could seal anything to it.
Result<void> CheckHasKeys(ReferralReader& store, const std::string& agency_id);

// PERMISSION_DENIED RELEASE_REVOKED: consent has ended it. Not asked before consent has found the
// release to be the caller's own: nobody may hear so of somebody else's.
Result<void> CheckNotRevoked(ReferralReader& store, const std::string& release_id);

// The shares of the caller's agency, which has sealed it, and of the other one, each wrapped under
// its custody key. Errors: those of CheckSealedTo.
Result<std::vector<PacketRecipient>> WrappedShares(Unit& unit, const SealedPacket& sealed,
                                                   const std::string& other_agency_id);

// The packet as it is kept, both shares wrapped under their custody keys; notes in `referral` what
// it is sent under. The caller writes both. Errors: those of CheckSealedTo; RELEASE_REVOKED when
// consent has ended the release since it was asked.
Result<StoredPacket> TakeIntoCustody(Unit& unit, const SealedPacket& sealed,
                                     const std::string& packet_id,
                                     const std::string& recipient_agency_id, Referral& referral);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_CUSTODY_H_
