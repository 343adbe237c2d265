#include "services/referral/commands/unit.h"

#include <algorithm>
#include <utility>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox.h"
#include "services/referral/domain/follow_up.h"

namespace fairlead::referral {
namespace {

// The same names in events as in the contract's enum values.
std::string UrgencyName(Urgency urgency) {
  switch (urgency) {
    case Urgency::kEmergency:
      return "emergency";
    case Urgency::kUrgent:
      return "urgent";
    case Urgency::kStandard:
      break;
  }
  return "standard";
}

// In it: the hub itself, its sender, and whoever was asked.
bool IsParty(const Referral& referral, const std::string& agency_id) {
  return agency_id.empty() || agency_id == referral.sender_agency_id ||
         HasAsked(referral, agency_id);
}

Result<void> Audit(Unit& unit, const Referral& referral, const Offer* offer,
                   const std::string& change) {
  // What became of its release is an act on the release, seen from the referral.
  const auto action =
      audit::ActionFromCode(change.starts_with("release_") ? change : "referral_" + change);
  if (!action) return Fail(Code::kInternal, "AUDIT_ACTION_UNKNOWN", "No such act: " + change);
  audit::Record record{.action = *action, .by = unit.by};
  record.referral_id = referral.id;
  if (offer != nullptr && IsFollowUpsOwn(change)) {
    record.subject_agency_id = offer->recipient_agency_id;
  } else {
    record.subject_agency_id = referral.sender_agency_id;
    record.case_handle = referral.case_handle;
  }
  // A coordinator's record is its own office's too: two referrals of one person would be tied
  // together there by their release.
  if (IsParty(referral, unit.agency_id)) record.release_id = referral.release_id;
  return audit::Append(unit.tx, unit.ids, unit.now_ms, record);
}

// For nobody yet.
outbox::Event EventOf(Unit& unit, const Referral& referral, const Offer* offer,
                      const std::string& change, const std::string& reason_code) {
  fairlead::events::v1::ReferralChanged data;
  data.set_referral_id(referral.id);
  data.set_sender_agency_id(referral.sender_agency_id);
  data.set_change(change);
  // Whoever is out of it is not told where it stands.
  const bool told = offer == nullptr || !KnowsOwnOfferOnly(referral, *offer);
  if (told) data.set_referral_state(std::string(StateName(referral.state)));
  data.set_urgency(UrgencyName(referral.facets.urgency));
  data.set_need_code(referral.facets.need_code);
  data.set_actor_agency_id(unit.agency_id);
  data.set_reason_code(reason_code);
  if (offer != nullptr) {
    data.set_offer_id(offer->id);
    data.set_recipient_agency_id(offer->recipient_agency_id);
    data.set_offer_state(std::string(StateName(offer->state)));
  }
  outbox::Event event;
  event.id = unit.ids.New();
  event.type = "fairlead.referral." + change + ".v1";
  event.subject = referral.id;
  event.time_ms = unit.now_ms;
  event.data_schema = "fairlead.events.v1.ReferralChanged";
  event.data = data.SerializeAsString();
  event.traceparent = unit.traceparent;
  return event;
}

// Rings at the agency that should answer, and nowhere else; its story is no secret to the sender.
bool IsRecipientsAffair(std::string_view change) {
  return change == kReminded || change == kEscalatedAdmin || IsFollowUpsOwn(change);
}

auth::RecordState SendersState(ReferralState state) {
  switch (state) {
    case ReferralState::kDraft:
      return auth::RecordState::kDraft;
    case ReferralState::kOpen:
      return auth::RecordState::kWaiting;
    case ReferralState::kMatched:
    case ReferralState::kInService:
    case ReferralState::kCompleted:
      return auth::RecordState::kAccepted;
    case ReferralState::kCancelled:
    case ReferralState::kClosed:
    case ReferralState::kEnteredInError:
      break;
  }
  return auth::RecordState::kEnded;
}

auth::Standing RecipientsStanding(const Offer& offer) {
  auth::Standing standing{.relations = auth::Relation::kRecipient,
                          .state = auth::RecordState::kEnded};
  if (IsPending(offer.state)) standing.state = auth::RecordState::kWaiting;
  if (offer.state == OfferState::kAccepted) standing.state = auth::RecordState::kAccepted;
  return standing;
}

// Looked for in any case: the time must not tell an offer that is somebody else's from none.
Result<Referral> ReferralOf(Unit& unit, const std::string& offer_id) {
  FAIRLEAD_ASSIGN(const std::optional<std::string> referral_id,
                  unit.store.ReferralOfOffer(offer_id));
  FAIRLEAD_ASSIGN(std::optional<Referral> referral,
                  unit.store.Find(referral_id.value_or(offer_id)));
  if (!referral) return NotFound();
  return std::move(*referral);
}

Result<Found> Judged(const Unit& unit, Referral referral, size_t offer_index,
                     const auth::Standing& standing) {
  const auth::Verdict verdict = Ask(unit.context, standing);
  if (verdict != auth::Verdict::kAllowed && verdict != auth::Verdict::kWrongState) {
    return NotFound();
  }
  // It hears of a state that forbids the verb: of no other than the one it is shown.
  const Offer& own = referral.offers.empty() ? Offer() : referral.offers[offer_index];
  if (verdict == auth::Verdict::kWrongState && own.recipient_agency_id == unit.agency_id &&
      KnowsOwnOfferOnly(referral, own)) {
    Referral seen = SeenBy(referral, unit.agency_id);
    seen.case_handle = referral.case_handle;  // its etag is made of it
    const auto at = std::ranges::find(seen.offers, own.id, &Offer::id) - seen.offers.begin();
    return Found{std::move(seen), static_cast<size_t>(at), verdict};
  }
  return Found{std::move(referral), offer_index, verdict};
}

// Its copy goes into the answer only when the caller may have it.
Result<Found> AsSender(const Unit& unit, const Referral& referral, bool release_in_force) {
  if (referral.sender_agency_id != unit.agency_id) return NotFound();
  const auth::Standing standing{.relations = auth::Relation::kSender,
                                .state = SendersState(referral.state),
                                .release_in_force = release_in_force};
  return Judged(unit, referral, 0, standing);
}

Result<Found> AsRecipient(const Unit& unit, const Referral& referral, bool release_in_force) {
  const std::optional<size_t> at = OfferOf(referral, unit.agency_id);
  if (!at) return NotFound();
  auth::Standing standing = RecipientsStanding(referral.offers[*at]);
  standing.release_in_force = release_in_force;
  return Judged(unit, referral, *at, standing);
}

}  // namespace

tl::unexpected<Error> NotFound() {
  return Fail(Code::kNotFound, "REFERRAL_NOT_FOUND", "There is no such referral.");
}

auth::Standing StandingOf(const Referral& referral, const std::string& agency_id) {
  auth::Standing standing;
  if (agency_id.empty()) return standing;
  if (const std::optional<size_t> at = OfferOf(referral, agency_id)) {
    standing = RecipientsStanding(referral.offers[*at]);
  }
  if (referral.sender_agency_id == agency_id) {
    standing.relations = standing.relations | auth::Relation::kSender;
    standing.state = SendersState(referral.state);
  }
  return standing;
}

auth::Verdict Ask(const rpc::CallContext& context, const auth::Standing& standing) {
  return auth::Decide(auth::FindPolicy(context.method), context.actor, standing,
                      context.calling_service);
}

Result<void> Found::Permitted() const {
  if (verdict == auth::Verdict::kAllowed) return {};
  return NotFound();
}

bool Found::IsSenders(const Unit& unit) const {
  return referral.sender_agency_id == unit.agency_id;
}

Result<Found> FindAsSender(Unit& unit, const std::string& referral_id, bool release_in_force) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(referral_id));
  if (!referral) return NotFound();
  return AsSender(unit, *referral, release_in_force);
}

Result<Found> FindAsRecipient(Unit& unit, const std::string& referral_id, bool release_in_force) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(referral_id));
  if (!referral) return NotFound();
  return AsRecipient(unit, *referral, release_in_force);
}

Result<Found> FindAsEither(Unit& unit, const std::string& referral_id, bool release_in_force) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(referral_id));
  if (!referral) return NotFound();
  Result<Found> received = AsRecipient(unit, *referral, release_in_force);
  if (received) return received;
  return AsSender(unit, *referral, release_in_force);
}

Result<Found> FindByOffer(Unit& unit, const std::string& offer_id) {
  FAIRLEAD_ASSIGN(Referral referral, ReferralOf(unit, offer_id));
  for (size_t i = 0; i < referral.offers.size(); ++i) {
    const Offer& offer = referral.offers[i];
    if (offer.id == offer_id && offer.recipient_agency_id == unit.agency_id) {
      const auth::Standing standing = RecipientsStanding(offer);
      return Judged(unit, std::move(referral), i, standing);
    }
  }
  return NotFound();
}

Result<Found> FindByOfferAsSender(Unit& unit, const std::string& offer_id) {
  FAIRLEAD_ASSIGN(Referral referral, ReferralOf(unit, offer_id));
  if (referral.sender_agency_id != unit.agency_id) return NotFound();
  const auto offer = std::ranges::find(referral.offers, offer_id, &Offer::id);
  if (offer == referral.offers.end()) return NotFound();
  const auto at = static_cast<size_t>(offer - referral.offers.begin());
  const auth::Standing standing{.relations = auth::Relation::kSender,
                                .state = SendersState(referral.state)};
  return Judged(unit, std::move(referral), at, standing);
}

Result<void> CheckEtag(const Referral& referral, const std::string& agency_id,
                       const std::string& etag) {
  const std::string current = Etag(referral, agency_id);
  if (etag.empty() || etag == current) return {};
  return Fail(Code::kAborted, "ETAG_MISMATCH",
              "The referral has changed since it was read: read it again.",
              {{"current_etag", current}});
}

Result<void> Tell(Unit& unit, const Referral& referral, const Offer* offer,
                  const std::string& change, const std::string& reason_code) {
  FAIRLEAD_RETURN_IF_ERROR(unit.store.AddTimeline({.id = unit.ids.New(),
                                                   .referral_id = referral.id,
                                                   .time_ms = unit.now_ms,
                                                   .event = change,
                                                   .agency_id = unit.agency_id,
                                                   .staff_id = unit.staff_id,
                                                   .reason_code = reason_code,
                                                   .offer_id = offer != nullptr ? offer->id : ""}));
  FAIRLEAD_RETURN_IF_ERROR(Audit(unit, referral, offer, change));
  outbox::Event event = EventOf(unit, referral, offer, change, reason_code);
  if (!IsRecipientsAffair(change)) event.audience_agency_ids.push_back(referral.sender_agency_id);
  if (offer != nullptr) event.audience_agency_ids.push_back(offer->recipient_agency_id);
  // A need that nobody is asked about any more has no clock: a coordinator must hear of it.
  event.for_coordinators = change == kEscalatedCoordinator || change == "fell_through" ||
                           change == "break_glass_opened";
  return outbox::Append(unit.tx, event);
}

Result<void> EndOffer(Unit& unit, const Referral& referral, Offer& offer, OfferState to,
                      const std::string& change, const std::string& reason_code) {
  FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, to));
  offer.decide_ms = unit.now_ms;
  offer.reason_code = reason_code;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  return Tell(unit, referral, &offer, change, reason_code);
}

Result<void> TellOwnAgency(Unit& unit, const Referral& referral, const Offer* offer,
                           const TimelineEntry& line) {
  audit::Record record{.action = line.to_staff_id.empty() ? audit::Action::kReferralUnassigned
                                                          : audit::Action::kReferralAssigned,
                       .by = unit.by};
  record.subject_staff_id = line.to_staff_id.empty() ? line.from_staff_id : line.to_staff_id;
  record.subject_agency_id = unit.agency_id;
  record.referral_id = referral.id;
  if (referral.sender_agency_id == unit.agency_id) record.case_handle = referral.case_handle;
  FAIRLEAD_RETURN_IF_ERROR(audit::Append(unit.tx, unit.ids, unit.now_ms, record));
  outbox::Event event = EventOf(unit, referral, offer, line.event, line.reason_code);
  event.audience_agency_ids = {unit.agency_id};
  return outbox::Append(unit.tx, event);
}

}  // namespace fairlead::referral
