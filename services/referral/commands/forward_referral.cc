#include "services/referral/commands/forward_referral.h"

#include <utility>

#include "services/referral/store/forward_store.h"

namespace fairlead::referral {
namespace {

// Accepted by that agency and under way. Of one whose own offer has ended: what it is shown.
Result<void> CheckInHand(const Referral& received, const Offer& own) {
  if (IsUnderWay(received.state) && own.state == OfferState::kAccepted) return {};
  const Referral seen = SeenBy(received, own.recipient_agency_id);
  return Fail(Code::kFailedPrecondition, "FORWARD_NOT_IN_HAND",
              "Only what your agency has accepted, and has not finished, can be handed on.",
              {{"state", std::string(StateName(seen.state))},
               {"offer_state", std::string(StateName(own.state))},
               {"allowed", "matched,in_service"}});
}

}  // namespace

Result<Forwarding> CheckForwarding(ReferralReader& store, const std::string& agency_id,
                                   const Sending& sending, const Received& from, int64_t now_ms) {
  FAIRLEAD_ASSIGN(std::optional<Referral> received, store.Find(from.referral_id));
  if (!received) return NotFound();
  const std::optional<size_t> at = OfferOf(*received, agency_id);
  if (!at) return NotFound();
  const Offer& own = received->offers[*at];
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(*received, agency_id, from.etag));
  FAIRLEAD_RETURN_IF_ERROR(CheckInHand(*received, own));
  // Consent would say of anybody else's release that there is none. This one the caller has seen.
  if (sending.sealed.release_id == received->release_id) {
    return Fail(Code::kPermissionDenied, "FORWARD_NEEDS_OWN_RELEASE",
                "That is the release to your agency. To hand the case on, the person signs "
                "another, to the next one.",
                {{"field", "release_id"}});
  }
  FAIRLEAD_ASSIGN(const std::optional<Forward> before, store.FindForward(received->id));
  Forward link{.referral_id = sending.draft.referral_id,
               .from_referral_id = received->id,
               .from_offer_id = own.id};
  if (before) link.had_before = before->had_before;
  if (before) link.had_cases = before->had_cases;
  link.had_before.push_back(received->sender_agency_id);
  link.had_cases.push_back(received->case_handle);
  FAIRLEAD_ASSIGN(Sendable sendable, CheckSending(store, agency_id, sending, now_ms));
  sendable.referral.mode = Mode::kForward;
  sendable.referral.forwarded_from_id = received->id;
  FAIRLEAD_ASSIGN(const std::vector<HandedOn> handed_on,
                  store.FindHandedOn(received->id, agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckForwards(handed_on, sendable.referral.facets.need_code,
                                         sending.draft.allow_duplicate_service));
  FAIRLEAD_RETURN_IF_ERROR(CheckChainLength(link));
  // The caller knows from whom it has the case. Of those before, and of their lists, it hears once
  // consent has given keys for the one that it names.
  if (sending.recipient_agency_id == received->sender_agency_id) {
    return ForwardLoop(sending.recipient_agency_id);
  }
  FAIRLEAD_ASSIGN(sendable.is_barred, IsBarred(store, link, sending.recipient_agency_id));
  return Forwarding{std::move(sendable), std::move(*received), *at, std::move(link)};
}

Result<Referral> ForwardReferral(Unit& unit, const Sending& sending, const Received& from) {
  FAIRLEAD_ASSIGN(Forwarding forwarding,
                  CheckForwarding(unit.store, unit.agency_id, sending, from, unit.now_ms));
  Referral& received = forwarding.received;
  // Consent gives keys under a release in force only.
  auth::Standing standing = StandingOf(received, unit.agency_id);
  standing.release_in_force = !sending.sealed.custody_keys.empty();
  if (Ask(unit.context, standing) != auth::Verdict::kAllowed) return NotFound();
  // Since consent was asked, that is: of what was barred before, it gives no keys.
  if (forwarding.sendable.is_barred) return ForwardLoop(sending.recipient_agency_id);
  // First, as in every command: whoever changes it meanwhile waits here. Its time stays, for by
  // that a coordinator sees for how long it has not begun.
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(received));
  FAIRLEAD_ASSIGN(Referral referral, Dispatch(unit, std::move(forwarding.sendable), sending));
  FAIRLEAD_RETURN_IF_ERROR(PutForward(unit.tx, forwarding.link));
  const Offer& own = received.offers[forwarding.offer_index];
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, received, &own, kForwarded));
  return referral;
}

Result<bool> IsBarred(ReferralReader& store, const Forward& forward, const std::string& agency_id) {
  bool barred = false;
  // To the end in any case: the time must not tell which of them it was.
  for (size_t i = 0; i < forward.had_before.size(); ++i) {
    FAIRLEAD_ASSIGN(const DoNotRoute list,
                    store.FindDoNotRoute(forward.had_before[i], forward.had_cases[i]));
    barred = barred || forward.had_before[i] == agency_id || list.Has(agency_id);
  }
  return barred;
}

Result<void> RecordWithKeepers(Unit& unit, const std::string& referral_id, audit::Action act,
                               const Error& refusal) {
  const auto named = refusal.metadata.find("agency_id");
  if (refusal.reason != kForwardLoop || named == refusal.metadata.end()) return {};
  FAIRLEAD_ASSIGN(const std::optional<Forward> forward, unit.store.FindForward(referral_id));
  if (!forward) return {};
  for (size_t i = 0; i < forward->had_before.size(); ++i) {
    audit::Record record{.action = act, .refused = audit::Refusal(refusal)};
    record.subject_agency_id = forward->had_before[i];
    record.case_handle = forward->had_cases[i];
    FAIRLEAD_ASSIGN(const DoNotRoute list, unit.store.FindDoNotRoute(record.subject_agency_id,
                                                                     record.case_handle));
    if (!list.Has(named->second)) continue;
    FAIRLEAD_RETURN_IF_ERROR(audit::Append(unit.tx, unit.ids, unit.now_ms, record));
  }
  return {};
}

Result<void> CheckHadBefore(ReferralReader& store, const std::string& referral_id,
                            const std::vector<std::string>& agency_ids) {
  FAIRLEAD_ASSIGN(const std::optional<Forward> forward, store.FindForward(referral_id));
  if (!forward) return {};
  for (const std::string& agency_id : agency_ids) {
    FAIRLEAD_ASSIGN(const bool barred, IsBarred(store, *forward, agency_id));
    if (barred) return ForwardLoop(agency_id);
  }
  return {};
}

}  // namespace fairlead::referral
