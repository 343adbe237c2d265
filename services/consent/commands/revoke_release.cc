#include "services/consent/commands/revoke_release.h"

namespace fairlead::consent {

Result<Revocation> RevokeRelease(Unit& unit, const std::string& release_id,
                                 const std::string& etag) {
  Revocation revocation;
  FAIRLEAD_ASSIGN(revocation.release, FindOwn(unit, release_id));
  Release& release = revocation.release;
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(release, etag));
  if (release.state != State::kActive && release.state != State::kDraft) {
    return Fail(Code::kFailedPrecondition, "RELEASE_NOT_ACTIVE",
                "The release is not in force any more.",
                {{"state", std::string(StateName(release.state))}});
  }
  release.state = State::kRevoked;
  release.revoke_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(release));
  FAIRLEAD_ASSIGN(revocation.keys_deleted, unit.store.ShredKeys(release.id));
  FAIRLEAD_ASSIGN(revocation.agency_ids_that_opened, unit.store.Openers(release));
  FAIRLEAD_RETURN_IF_ERROR(Announce(unit, release, "revoked"));
  return revocation;
}

}  // namespace fairlead::consent
