#include "services/referral/commands/suggest_candidate.h"

#include <algorithm>

#include "services/referral/commands/forward_referral.h"
#include "services/referral/store/routing_store.h"

namespace fairlead::referral {
namespace {

// Everything is looked up before anything is said: neither the answer nor its time tells which of
// the reasons it was.
Result<bool> MayBeAsked(Unit& unit, const Referral& referral,
                        const std::vector<Suggestion>& suggested, const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const DoNotRoute list,
                  unit.store.FindDoNotRoute(referral.sender_agency_id, referral.case_handle));
  FAIRLEAD_ASSIGN(const std::optional<AgencyRecord> agency, unit.store.FindAgency(agency_id));
  FAIRLEAD_ASSIGN(const std::optional<AgencyKeyRecord> key, unit.store.CurrentKey(agency_id));
  FAIRLEAD_ASSIGN(const std::optional<Forward> forward, unit.store.FindForward(referral.id));
  const bool is_member = agency && agency->membership == "active" && key;
  const bool is_behind_wall =
      agency && (agency->kind.empty() || agency->kind == "law_enforcement");
  const bool is_known = HasAsked(referral, agency_id) || referral.sender_agency_id == agency_id ||
                        std::ranges::find(suggested, agency_id, &Suggestion::agency_id) !=
                            suggested.end();
  const bool is_listed = list.Has(agency_id);
  bool has_had_it = false;
  if (forward) {
    FAIRLEAD_ASSIGN(has_had_it, IsBarred(unit.store, *forward, agency_id));
  }
  return is_member && !is_behind_wall && !is_known && !is_listed && !has_had_it;
}

}  // namespace

Result<Suggestion> SuggestCandidate(Unit& unit, const std::string& referral_id,
                                    const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const std::optional<Referral> referral, unit.store.Find(referral_id));
  if (!referral || referral->state == ReferralState::kDraft) return NotFound();
  if (Ask(unit.context, {}) != auth::Verdict::kAllowed) return NotFound();
  if (!IsStuck(*referral)) {
    return Fail(Code::kFailedPrecondition, "HAND_OFF_NOT_STUCK",
                "It is agreed, or has ended: nobody is looked for.");
  }
  FAIRLEAD_ASSIGN(const std::vector<Suggestion> suggested, FindSuggestions(unit.tx, referral_id));
  // Those on the sender's list count too: else there would be room again once one was put there.
  const auto waiting = std::ranges::count_if(suggested, [&](const Suggestion& each) {
    return !HasAsked(*referral, each.agency_id);
  });
  if (static_cast<size_t>(waiting) >= kMostSuggestions) {
    return Fail(Code::kFailedPrecondition, "TOO_MANY_SUGGESTIONS",
                "The sender has not followed the last " + std::to_string(kMostSuggestions) + ".");
  }
  FAIRLEAD_ASSIGN(const bool may_be_asked, MayBeAsked(unit, *referral, suggested, agency_id));
  if (!may_be_asked) {
    return Fail(Code::kFailedPrecondition, kNotPossible, "That agency cannot be asked.");
  }
  Suggestion suggestion{
      .referral_id = referral_id, .agency_id = agency_id, .suggest_ms = unit.now_ms};
  FAIRLEAD_RETURN_IF_ERROR(PutSuggestion(unit.tx, suggestion));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, *referral, nullptr, "suggested"));
  return suggestion;
}

Result<std::vector<Suggestion>> SuggestionsFor(storage::ReadTransaction& tx,
                                               const Referral& referral) {
  if (!IsStuck(referral)) return std::vector<Suggestion>();
  FAIRLEAD_ASSIGN(std::vector<Suggestion> suggested, FindSuggestions(tx, referral.id));
  FAIRLEAD_ASSIGN(const DoNotRoute list,
                  FindDoNotRoute(tx, referral.sender_agency_id, referral.case_handle));
  std::erase_if(suggested, [&](const Suggestion& each) {
    return HasAsked(referral, each.agency_id) || list.Has(each.agency_id);
  });
  return suggested;
}

}  // namespace fairlead::referral
