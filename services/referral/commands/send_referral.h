// draft → open: one offer to one agency, with its sealed packet.
#ifndef SERVICES_REFERRAL_COMMANDS_SEND_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_SEND_REFERRAL_H_

#include <string>

#include "services/referral/commands/custody.h"
#include "services/referral/commands/draft.h"
#include "services/referral/commands/unit.h"

namespace fairlead::referral {

struct Sending {
  Draft draft;
  std::string recipient_agency_id;
  std::string service_id;
  SealedPacket sealed;  // from the packet, checked by ToSending
};

// The referral as it would be sent, when nothing on our side stands against it: all of
// SendReferral's errors but those of writing. Asked before consent is, so that no disclosure is
// logged (and no one-time release used up) for what will not be sent; and again inside the
// transaction.
Result<Sendable> CheckSending(ReferralReader& store, const std::string& agency_id,
                              const Sending& sending, int64_t now_ms);

// Writes referral, offer, packet, story and event in the one transaction. Errors: those of
// draft.h and custody.h; AGENCY_NOT_TO_BE_ASKED, ILLEGAL_TRANSITION.
Result<Referral> SendReferral(Unit& unit, const Sending& sending);

// The same for whom it is known that it may: what is checked and permitted is written.
Result<Referral> Dispatch(Unit& unit, Sendable sendable, const Sending& sending);

// A new offer, its clock frozen now: written, and put among the referral's. The referral is written
// first.
Result<void> AddOffer(Unit& unit, Referral& referral, const std::string& recipient_agency_id,
                      const std::string& service_id, const std::string& change);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_SEND_REFERRAL_H_
