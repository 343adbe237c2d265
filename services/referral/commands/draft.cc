#include "services/referral/commands/draft.h"

namespace fairlead::referral {
namespace {

tl::unexpected<Error> NotActive(const std::string& agency_id, const std::string& who) {
  return Fail(Code::kFailedPrecondition, "AGENCY_NOT_ACTIVE", who + " is not an active member.",
              {{"agency_id", agency_id}});
}

}  // namespace

Result<void> CheckFree(ReferralReader& store, const std::string& referral_id) {
  FAIRLEAD_ASSIGN(const std::optional<std::string> offered, store.ReferralOfOffer(referral_id));
  // Nor a note's: its keys would be the packet's, and go with it.
  FAIRLEAD_ASSIGN(const bool note, store.HasNote(referral_id));
  if (!offered && !note) return {};
  return Fail(Code::kAlreadyExists, "REFERRAL_ALREADY_EXISTS", "That id is taken.");
}

Result<Sendable> FindDraft(ReferralReader& store, const std::string& agency_id, const Draft& draft,
                           int64_t now_ms) {
  FAIRLEAD_ASSIGN(std::optional<Referral> found, store.Find(draft.referral_id));
  if (found && found->sender_agency_id == agency_id) {
    FAIRLEAD_RETURN_IF_ERROR(CheckEtag(*found, agency_id, draft.etag));
    return Sendable{std::move(*found), false};
  }
  if (!draft.has_facets || draft.case_handle.empty()) {
    return Fail(Code::kInvalidArgument, "FACETS_REQUIRED",
                "There is no such draft: to send without one, give case_handle and facets.");
  }
  // Somebody else's id: as unusable for a new one as any that is taken.
  if (found) return Fail(Code::kAlreadyExists, "REFERRAL_ALREADY_EXISTS", "That id is taken.");
  FAIRLEAD_RETURN_IF_ERROR(CheckFree(store, draft.referral_id));
  Referral referral;
  referral.id = draft.referral_id;
  referral.sender_agency_id = agency_id;
  referral.case_handle = draft.case_handle;
  referral.facets = draft.facets;
  referral.create_ms = now_ms;
  FAIRLEAD_RETURN_IF_ERROR(CheckFacets(referral.facets));
  return Sendable{std::move(referral), true};
}

Result<AgencyRecord> CheckMembers(ReferralReader& store, const std::string& sender_agency_id,
                                  const std::string& recipient_agency_id) {
  FAIRLEAD_ASSIGN(std::optional<AgencyRecord> recipient, store.FindAgency(recipient_agency_id));
  if (!recipient || recipient->membership != "active") {
    return NotActive(recipient_agency_id, "The receiving agency");
  }
  // The session may be older than the suspension. (Not known yet: the policy has looked.)
  FAIRLEAD_ASSIGN(const std::optional<AgencyRecord> sender, store.FindAgency(sender_agency_id));
  if (sender && sender->membership != "active") return NotActive(sender_agency_id, "Your agency");
  return std::move(*recipient);
}

Result<void> CheckDuplicate(ReferralReader& store, const Referral& referral, const Draft& draft) {
  if (draft.allow_duplicate_service) return {};
  FAIRLEAD_ASSIGN(const std::optional<std::string> live,
                  store.FindLive(referral.sender_agency_id, referral.case_handle,
                                 referral.facets.need_code, referral.id));
  if (!live) return {};
  return Fail(Code::kFailedPrecondition, "DUPLICATE_SERVICE",
              "This case already has an open referral for the same need.",
              {{"referral_id", *live}});
}

Result<void> Write(Unit& unit, Sendable& sendable) {
  sendable.referral.update_ms = unit.now_ms;
  if (sendable.is_new) return unit.store.Insert(sendable.referral);
  return unit.store.Update(sendable.referral);
}

}  // namespace fairlead::referral
