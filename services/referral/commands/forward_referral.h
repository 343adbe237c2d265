// A recipient hands on: a referral of its own, sent as any, and linked to the one that it received.
#ifndef SERVICES_REFERRAL_COMMANDS_FORWARD_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_FORWARD_REFERRAL_H_

#include <string>
#include <vector>

#include "services/referral/commands/send_referral.h"
#include "services/referral/commands/unit.h"
#include "services/referral/domain/forward.h"

namespace fairlead::referral {

// What is handed on.
struct Received {
  std::string referral_id;
  std::string etag = {};
};
struct Forwarding {
  Sendable sendable;
  Referral received;
  size_t offer_index = 0;  // the one by which it was received
  Forward link;
};

// Everything that stands on our side, as CheckSending: asked before consent is, and again inside
// the transaction. Of the caller's agency `agency_id`. Errors: REFERRAL_NOT_FOUND, ETAG_MISMATCH,
// FORWARD_NOT_IN_HAND, FORWARD_NEEDS_OWN_RELEASE, those of CheckSending, of CheckForwards and of
// CheckChainLength, and FORWARD_LOOP of the agency that the caller has it from, in this order:
// whoever may not hand it on learns nothing of the chain. Whether another is barred stands in
// Sendable::is_barred, and is said when consent has been asked.
Result<Forwarding> CheckForwarding(ReferralReader& store, const std::string& agency_id,
                                   const Sending& sending, const Received& from, int64_t now_ms);

// The new referral. What was received is told of (`forwarded`), and changes in nothing but its
// etag. Error also: FORWARD_LOOP, the last thing, of an agency that was barred while consent was
// asked: whoever hears that an agency is not barred has sent it the case.
Result<Referral> ForwardReferral(Unit& unit, const Sending& sending, const Received& from);

// Whether that agency has had the case, or one that had it has it on its do-not-route list.
Result<bool> IsBarred(ReferralReader& store, const Forward& forward, const std::string& agency_id);

// The record of a FORWARD_LOOP at each agency whose list says so, by its own case handle; who tried
// is none of those that it knows, and is not named. Of `referral_id`, which the refusal is recorded
// under: its sender's and its recipient's part are the caller's.
Result<void> RecordWithKeepers(Unit& unit, const std::string& referral_id, audit::Action act,
                               const Error& refusal);

// Of a referral that was handed on once and is offered again: it goes back to nobody either, and to
// nobody who was put on such a list since.
// Errors: FORWARD_LOOP.
Result<void> CheckHadBefore(ReferralReader& store, const std::string& referral_id,
                            const std::vector<std::string>& agency_ids);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_FORWARD_REFERRAL_H_
