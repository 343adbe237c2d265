// The next version of a packet takes the place of the one that lies here.
#ifndef SERVICES_REFERRAL_COMMANDS_AMEND_PACKET_H_
#define SERVICES_REFERRAL_COMMANDS_AMEND_PACKET_H_

#include <string>

#include "services/referral/commands/custody.h"
#include "services/referral/commands/unit.h"

namespace fairlead::referral {

struct Amending {
  std::string referral_id;
  std::string etag;
  int64_t replaces_version = 0;
  SealedPacket sealed;
  std::string packet_id;  // for which consent has given keys; empty: not yet
};

// The referral, when nothing on our side stands against the next version of its packet; asked
// before consent is, and again inside the transaction. Errors: REFERRAL_NOT_FOUND, ETAG_MISMATCH,
// REFERRAL_ENDED, PACKET_NOT_SENT, PACKET_VERSION_MISMATCH, TOO_MANY_VERSIONS, PACKET_REPLACED,
// AGENCY_NOT_TO_BE_ASKED (listed since), AGENCY_NOT_ACTIVE, those of CheckSealedTo, and
// FORWARD_LOOP (listed since by one that had the case before).
struct Amendable {
  Referral referral;
  size_t offer_index = 0;  // of the agency that has the packet, or may open it
  std::string packet_id;   // the next one's
  Offer& offer() { return referral.offers[offer_index]; }
};
Result<Amendable> CheckAmending(ReferralReader& store, const std::string& agency_id,
                                const Amending& amending);

// In one commit: the old packet is gone and its keys are in the queue, the next one lies here under
// keys of its own, and both agencies are told. That its release had ended is over with it.
Result<Referral> AmendPacket(Unit& unit, const Amending& amending);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_AMEND_PACKET_H_
