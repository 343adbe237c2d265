// What every command works with: its transaction's store, the moment, the caller; and the few
// steps that every change of a referral takes.
#ifndef SERVICES_REFERRAL_COMMANDS_UNIT_H_
#define SERVICES_REFERRAL_COMMANDS_UNIT_H_

#include <string>

#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/common/base/ids.h"
#include "services/common/base/result.h"
#include "services/common/rpc/call_context.h"
#include "services/common/storage/database.h"
#include "services/referral/store/referral_store.h"

namespace fairlead::referral {

struct Unit {
  storage::Transaction& tx;
  ReferralStore& store;
  IdGenerator& ids;
  int64_t now_ms = 0;
  std::string agency_id;  // of the caller; empty when the hub itself acts
  std::string staff_id;
  std::string traceparent;
  audit::By by = {};                                 // for the audit trail; empty: the hub itself
  rpc::CallContext context = {};                     // the call; nobody's when the hub itself acts
  const ClockPolicy& clocks = DefaultClockPolicy();  // of an offer that is sent
};

// One answer for "not there" and "not yours": NOT_FOUND REFERRAL_NOT_FOUND.
tl::unexpected<Error> NotFound();

// How an agency stands to a referral. As recipient by its newest offer that stands, or else its
// newest.
auth::Standing StandingOf(const Referral& referral, const std::string& agency_id);
// What the policy table says of this call on that referral.
auth::Verdict Ask(const rpc::CallContext& context, const auth::Standing& standing);

// A referral that the table opens to the caller for this verb. One that it opens in another state
// only is found too, so that the caller hears of the state: a command changes nothing before
// Permitted has said so, after the states' own rules have had their word.
struct Found {
  Referral referral;
  size_t offer_index = 0;
  auth::Verdict verdict = auth::Verdict::kNotYours;
  Offer& offer() { return referral.offers[offer_index]; }
  Result<void> Permitted() const;
  bool IsSenders(const Unit& unit) const;
};
// When the caller's agency sent it.
Result<Found> FindAsSender(Unit& unit, const std::string& referral_id,
                           bool release_in_force = false);
// When it was offered to the caller's agency: with the offer that StandingOf takes.
Result<Found> FindAsRecipient(Unit& unit, const std::string& referral_id,
                              bool release_in_force = false);
// As recipient, or else as sender.
Result<Found> FindAsEither(Unit& unit, const std::string& referral_id,
                           bool release_in_force = false);
// The same by the offer's id, and for exactly that offer.
Result<Found> FindByOffer(Unit& unit, const std::string& offer_id);
Result<Found> FindByOfferAsSender(Unit& unit, const std::string& offer_id);

// ABORTED ETAG_MISMATCH unless `etag` is empty or names the version that the agency sees.
Result<void> CheckEtag(const Referral& referral, const std::string& agency_id,
                       const std::string& etag);

inline constexpr char kReminded[] = "reminded";
inline constexpr char kEscalatedAdmin[] = "escalated_admin";
inline constexpr char kEscalatedCoordinator[] = "escalated_coordinator";

// Adds the line to the story, the audit record, and the event to the outbox: for both sides, where
// nothing else is said. `offer` may be null. `change` is one of
//   created, sent, offered, delivered, opened, reread, fetched, resealed, answered, accepted,
//   chosen, packet_sent, nudged, declined, started, completed, cancelled, expired, withdrawn,
//   closed, entered_in_error, recipient_suspended, release_revoked, release_expired,
//   release_superseded, release_entered_in_error, attachment_added, attachment_opened;
//   fell_through, break_glass_opened: for the coordinators too;
//   the three above: the first two for the recipient alone, the third for the coordinators too;
//   question_asked, question_answered, answer_replaced: `reason_code` is the question's code; the
//   answer is nowhere but in the offer;
//   those of domain/follow_up.h, with the point as the reason: followed_up is for both, the others
//   are for the recipient alone, whose audit record it is;
//   suggested (without an offer), for the sender alone;
//   forwarded, of what was received, with the offer by which it was;
//   appointment_proposed, appointment_replaced, appointment_confirmed, appointment_declined,
//   appointment_cancelled, sealed_question_asked, sealed_question_answered, and note_opened with
//   the note's kind as the reason;
//   packet_amended, with VersionCode as the reason.
Result<void> Tell(Unit& unit, const Referral& referral, const Offer* offer,
                  const std::string& change, const std::string& reason_code = "");
// The offer has ended so: written, and told of as `change`. The referral is written first. Error:
// ILLEGAL_TRANSITION.
Result<void> EndOffer(Unit& unit, const Referral& referral, Offer& offer, OfferState to,
                      const std::string& change, const std::string& reason_code);
// As Tell, of what is an agency's own affair (assigned, unassigned: `line` is in its own story
// already): the event is for its own people, and the audit record is its own.
Result<void> TellOwnAgency(Unit& unit, const Referral& referral, const Offer* offer,
                           const TimelineEntry& line);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_UNIT_H_
