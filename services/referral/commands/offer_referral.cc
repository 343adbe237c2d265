#include "services/referral/commands/offer_referral.h"

#include <algorithm>
#include <set>

#include "services/referral/commands/assign_referral.h"
#include "services/referral/commands/custody.h"
#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/forward_referral.h"
#include "services/referral/commands/send_referral.h"

namespace fairlead::referral {
namespace {

tl::unexpected<Error> Refuse(Code code, const char* reason, std::string message,
                             const std::string& agency_id) {
  return Fail(code, reason, std::move(message), {{"agency_id", agency_id}});
}

Result<void> CheckRecipient(ReferralReader& store, const Referral& referral,
                            const std::string& sender_agency_id, const std::string& agency_id) {
  if (agency_id == sender_agency_id) {
    return Fail(Code::kInvalidArgument, "RECIPIENT_IS_SENDER",
                "An agency does not refer to itself.", {{"field", "recipients"}});
  }
  const bool waits = std::ranges::any_of(referral.offers, [&](const Offer& offer) {
    return offer.recipient_agency_id == agency_id && IsPending(offer.state);
  });
  if (waits) {
    return Refuse(Code::kFailedPrecondition, "ALREADY_OFFERED",
                  "It waits for that agency's answer already.", agency_id);
  }
  FAIRLEAD_ASSIGN(const AgencyRecord agency, CheckMembers(store, sender_agency_id, agency_id));
  // Not known yet is not known to be none: the owner is asked before (ReferralServer::CheckAfresh).
  if (agency.kind.empty() || agency.kind == "law_enforcement") {
    return Refuse(Code::kInvalidArgument, "LAW_ENFORCEMENT_NOT_OFFERED",
                  "Law enforcement is never among several that are asked.", agency_id);
  }
  return CheckHasKeys(store, agency_id);
}

Result<void> CheckNumbers(const Referral& referral, size_t more) {
  const auto pending = static_cast<size_t>(std::ranges::count_if(
      referral.offers, [](const Offer& offer) { return IsPending(offer.state); }));
  if (pending + more <= kMostPendingOffers && referral.offers.size() + more <= kMostOffers) {
    return {};
  }
  return Fail(Code::kFailedPrecondition, "TOO_MANY_OFFERS",
              "At most " + std::to_string(kMostPendingOffers) + " agencies are asked at a time, " +
                  std::to_string(kMostOffers) + " in all.",
              {{"waiting", std::to_string(pending)}});
}

// What one agency may have asked of all others together, without an answer yet.
Result<void> CheckWaiting(ReferralReader& store, const std::string& agency_id, size_t more) {
  FAIRLEAD_ASSIGN(const int64_t waiting, store.CountAskedBy(agency_id, kMostWaitingOffers));
  if (waiting + static_cast<int64_t>(more) <= kMostWaitingOffers) return {};
  return Fail(Code::kResourceExhausted, "TOO_MANY_OFFERS",
              "Your agency has asked for " + std::to_string(waiting) +
                  " answers that are still awaited: at most " + std::to_string(kMostWaitingOffers) +
                  " at a time.",
              {{"waiting", std::to_string(waiting)}});
}

// A referral in which nobody is asked any more may go on in another mode.
Result<void> TakeMode(Referral& referral, Mode mode) {
  const bool waits = std::ranges::any_of(referral.offers,
                                         [](const Offer& offer) { return IsPending(offer.state); });
  if (waits && referral.mode != mode) {
    return Fail(Code::kFailedPrecondition, "MODE_MISMATCH",
                "Agencies have been asked in another mode, and have not answered yet.");
  }
  referral.mode = mode;
  return {};
}

}  // namespace

Result<Sendable> CheckOffering(ReferralReader& store, const std::string& agency_id,
                               const Offering& offering, int64_t now_ms) {
  FAIRLEAD_ASSIGN(Sendable sendable, FindDraft(store, agency_id, offering.draft, now_ms));
  Referral& referral = sendable.referral;
  const bool may_ask =
      referral.state == ReferralState::kDraft || referral.state == ReferralState::kOpen;
  // A match may become open again too, but not by asking.
  if (!may_ask) return IllegalMove(referral.state, ReferralState::kOpen);
  referral.state = ReferralState::kOpen;
  referral.reason_code.clear();
  FAIRLEAD_RETURN_IF_ERROR(TakeMode(referral, offering.mode));
  FAIRLEAD_RETURN_IF_ERROR(CheckNumbers(referral, offering.recipients.size()));
  FAIRLEAD_RETURN_IF_ERROR(CheckWaiting(store, agency_id, offering.recipients.size()));
  std::set<std::string> named;
  for (const Asked& asked : offering.recipients) {
    if (!named.insert(asked.agency_id).second) {
      return Refuse(Code::kInvalidArgument, "DUPLICATE_RECIPIENT", "An agency is named twice.",
                    asked.agency_id);
    }
    FAIRLEAD_RETURN_IF_ERROR(CheckRecipient(store, referral, agency_id, asked.agency_id));
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckDuplicate(store, referral, offering.draft));
  FAIRLEAD_RETURN_IF_ERROR(CheckMayBeAsked(store, referral, {named.begin(), named.end()}));
  FAIRLEAD_RETURN_IF_ERROR(CheckHadBefore(store, referral.id, {named.begin(), named.end()}));
  return sendable;
}

Result<Referral> OfferReferral(Unit& unit, const Offering& offering) {
  FAIRLEAD_ASSIGN(Sendable sendable,
                  CheckOffering(unit.store, unit.agency_id, offering, unit.now_ms));
  Referral& referral = sendable.referral;
  auth::Standing standing{.state = auth::RecordState::kDraft};
  if (referral.sender_agency_id == unit.agency_id) standing.relations = auth::Relation::kSender;
  if (Ask(unit.context, standing) != auth::Verdict::kAllowed) return NotFound();
  FAIRLEAD_RETURN_IF_ERROR(Write(unit, sendable));
  for (const Asked& asked : offering.recipients) {
    // Asked once more, it comes to the agency's queue, whoever had it in hand before.
    if (!sendable.is_new) {
      FAIRLEAD_RETURN_IF_ERROR(ReturnToQueue(unit, referral, asked.agency_id, kOfferedAgain));
    }
    FAIRLEAD_RETURN_IF_ERROR(
        AddOffer(unit, referral, asked.agency_id, asked.service_id, "offered"));
  }
  return std::move(referral);
}

}  // namespace fairlead::referral
