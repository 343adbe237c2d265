#include "services/referral/commands/create_referral.h"

#include "services/referral/commands/draft.h"

namespace fairlead::referral {

Result<Referral> CreateReferral(Unit& unit, Referral draft) {
  FAIRLEAD_RETURN_IF_ERROR(CheckFacets(draft.facets));
  if (draft.id.empty()) draft.id = unit.ids.New();
  FAIRLEAD_RETURN_IF_ERROR(CheckFree(unit.store, draft.id));
  draft.sender_agency_id = unit.agency_id;
  draft.state = ReferralState::kDraft;
  draft.create_ms = unit.now_ms;
  draft.update_ms = unit.now_ms;
  if (Result<void> inserted = unit.store.Insert(draft); !inserted) {
    if (inserted.error().code == Code::kAlreadyExists) {
      return Fail(Code::kAlreadyExists, "REFERRAL_ALREADY_EXISTS", "That id is taken.");
    }
    return Fail(std::move(inserted.error()));
  }
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, draft, nullptr, "created"));
  return draft;
}

}  // namespace fairlead::referral
