#include "services/consent/commands/sign_release.h"

#include "services/common/base/text.h"
#include "services/consent/commands/end_release.h"

namespace fairlead::consent {
namespace {
constexpr int64_t kClockSkewMs = 5LL * 60 * 1000;
}

Result<Release> SignRelease(Unit& unit, const Signing& signing) {
  FAIRLEAD_ASSIGN(Release release, FindOwn(unit, signing.release_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(release, signing.etag));
  FAIRLEAD_RETURN_IF_ERROR(CheckMove(release.state, State::kActive));
  if (release.expire_ms <= unit.now_ms) {
    return Fail(Code::kFailedPrecondition, "RELEASE_EXPIRED", "The draft has expired meanwhile.");
  }
  release.signature = signing.signature;
  if (release.signature.sign_ms == 0) release.signature.sign_ms = unit.now_ms;
  if (release.signature.sign_ms > unit.now_ms + kClockSkewMs) {
    return Fail(Code::kInvalidArgument, "SIGNED_IN_THE_FUTURE",
                "The time of the signature lies in the future.");
  }
  release.not_a_condition_of_service = signing.not_a_condition_of_service;
  release.consequences_of_refusing_explained = signing.consequences_of_refusing_explained;
  release.right_to_revoke_explained = signing.right_to_revoke_explained;
  release.redisclosure_explained = signing.redisclosure_explained;
  release.copy_offered = signing.copy_offered;
  FAIRLEAD_RETURN_IF_ERROR(CheckSigner(release, unit.signer_rules));
  const std::vector<std::string> missing = MissingElements(release);
  if (!missing.empty()) {
    return Fail(Code::kFailedPrecondition, "RELEASE_INCOMPLETE",
                "The release lacks: " + Join(missing, ' '), {{"missing", Join(missing, ' ')}});
  }
  FAIRLEAD_RETURN_IF_ERROR(Move(release, State::kActive, unit.now_ms, unit.staff_id));
  release.sign_ms = unit.now_ms;
  release.sign_staff_id = unit.staff_id;
  release.signed_hash = SignedHash(release);
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(release));
  FAIRLEAD_RETURN_IF_ERROR(Announce(unit, release, "signed"));
  if (!release.supersedes_id.empty()) {
    FAIRLEAD_ASSIGN(std::optional<Release> old, unit.store.Find(release.supersedes_id));
    // Another has taken its place meanwhile: both would be in force.
    if (old && old->state == State::kSuperseded) {
      return Fail(Code::kFailedPrecondition, "RELEASE_SUPERSEDED",
                  "Another release has taken the place of the one that this was to replace: "
                  "replace that one.",
                  {{"superseded_by_id", old->superseded_by_id}});
    }
    if (old && old->state == State::kActive) {
      FAIRLEAD_RETURN_IF_ERROR(Supersede(unit, std::move(*old), release));
    }
  }
  return release;
}

}  // namespace fairlead::consent
