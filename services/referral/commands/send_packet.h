// After a blind match: the packet, sealed to the agency that was matched and to no other.
#ifndef SERVICES_REFERRAL_COMMANDS_SEND_PACKET_H_
#define SERVICES_REFERRAL_COMMANDS_SEND_PACKET_H_

#include <string>

#include "services/referral/commands/custody.h"
#include "services/referral/commands/unit.h"

namespace fairlead::referral {

struct PacketSending {
  std::string referral_id;
  std::string etag;
  SealedPacket sealed;
  std::string packet_id;  // of the offer that consent has been asked about; empty: not yet
};

// The matched referral, when nothing on our side stands against the packet; asked before consent
// is, and again inside the transaction. Errors: REFERRAL_NOT_FOUND, ETAG_MISMATCH, NOT_MATCHED,
// PACKET_ALREADY_SENT, MATCH_CHANGED, AGENCY_NOT_TO_BE_ASKED (listed since), AGENCY_NOT_ACTIVE,
// those of CheckSealedTo, and FORWARD_LOOP (listed since by one that had the case before).
struct PacketOwed {
  Referral referral;
  size_t offer_index = 0;  // the one that was accepted; its id is the packet's
  Offer& offer() { return referral.offers[offer_index]; }
};
Result<PacketOwed> CheckPacket(ReferralReader& store, const std::string& agency_id,
                               const PacketSending& sending);

Result<Referral> SendPacket(Unit& unit, const PacketSending& sending);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_SEND_PACKET_H_
