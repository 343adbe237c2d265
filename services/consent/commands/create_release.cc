#include "services/consent/commands/create_release.h"

namespace fairlead::consent {

Result<Release> CreateRelease(Unit& unit, Release draft) {
  draft.id = unit.ids.New();
  draft.discloser_agency_id = unit.agency_id;
  draft.state = State::kDraft;
  draft.create_ms = unit.now_ms;
  draft.state_ms = unit.now_ms;
  draft.state_staff_id = unit.staff_id;
  FAIRLEAD_RETURN_IF_ERROR(CompleteDraft(draft, unit.now_ms));
  if (!draft.supersedes_id.empty()) {
    FAIRLEAD_ASSIGN(const Release old, FindOwn(unit, draft.supersedes_id));
    FAIRLEAD_RETURN_IF_ERROR(CheckSuccession(draft, old, unit.now_ms));
  }
  draft.release_hash = ReleaseHash(draft);
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Insert(draft));
  FAIRLEAD_RETURN_IF_ERROR(Audit(unit, audit::Action::kReleaseCreated, draft));
  return draft;
}

}  // namespace fairlead::consent
