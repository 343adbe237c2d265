// After the agency has new keys: its share of a packet, sealed anew by a member of it, takes the
// place of the one before.
#ifndef SERVICES_REFERRAL_COMMANDS_RESEAL_PACKET_H_
#define SERVICES_REFERRAL_COMMANDS_RESEAL_PACKET_H_

#include <string>
#include <vector>

#include "services/common/seal/seal.h"
#include "services/referral/commands/unit.h"

namespace fairlead::referral {

struct Resealing {
  std::string referral_id;
  seal::Recipient share;
  int64_t packet_version = 1;   // of the packet that the share was in
  std::string packet_id;        // of the one that consent was asked about
  int64_t held_generation = 0;  // of the custody key that the share had when consent was asked
  bool is_current = false;      // the share was sealed to that key already
  std::string custody_key;      // 32 bytes: the next one; empty when it was current
};

// The agency's share; nullptr: it has none.
const PacketRecipient* FindShare(const std::vector<PacketRecipient>& recipients,
                                 const std::string& agency_id);

// FAILED_PRECONDITION RESEAL_KEY_NOT_CURRENT unless `kid` is the agency's current epoch key.
Result<void> CheckCurrent(ReferralReader& store, const std::string& agency_id,
                          const std::string& kid);

// FAILED_PRECONDITION RESEAL_NOT_NEEDED when `share` opens with the agency's current key already:
// nobody takes a packet out of custody to seal it anew, and reads it, without its counting as read.
Result<void> CheckNeedsResealing(ReferralReader& store, const std::string& agency_id,
                                 const PacketRecipient* share);

// ABORTED PACKET_REPLACED.
tl::unexpected<Error> AnotherPacketLiesThere();

// One that is sealed to the current key already stays as it is: a colleague was first. Errors:
// REFERRAL_NOT_FOUND, PACKET_GONE, PACKET_REPLACED (its key in the share would be lost),
// RESEAL_KEY_NOT_CURRENT, ABORTED PACKET_RESEALED (to yet another key meanwhile: begin again),
// CUSTODY_KEY_MISMATCH.
Result<Referral> ResealPacket(Unit& unit, const Resealing& resealing);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_RESEAL_PACKET_H_
