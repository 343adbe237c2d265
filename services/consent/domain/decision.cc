#include "services/consent/domain/decision.h"

#include "services/common/base/text.h"

namespace fairlead::consent {
namespace {

tl::unexpected<Error> Deny(const char* reason, std::string message) {
  return Fail(Code::kPermissionDenied, reason, std::move(message));
}

Result<void> CheckScope(const Release& release, const Use& use) {
  if (use.agency_id != release.discloser_agency_id &&
      !Contains(release.recipient_agency_ids, use.agency_id)) {
    return Deny("RELEASE_RECIPIENT_MISMATCH", "The release does not name this agency.");
  }
  if (!Contains(release.purposes, use.purpose)) {
    return Deny("RELEASE_PURPOSE_MISMATCH", "The release does not allow this purpose.");
  }
  if (use.categories.empty()) {
    return Deny("RELEASE_CATEGORY_MISMATCH", "The packet names no data category.");
  }
  for (const std::string& category : use.categories) {
    if (!Contains(release.categories, category) ||
        Contains(release.excluded_categories, category)) {
      return Deny("RELEASE_CATEGORY_MISMATCH", "The release does not cover: " + category);
    }
  }
  return {};
}

}  // namespace

Result<void> CheckInForce(const Release& release, int64_t now_ms) {
  switch (release.state) {
    case State::kEnteredInError:
      return Deny("RELEASE_ENTERED_IN_ERROR", "The release was entered in error.");
    case State::kDraft:
      return Deny("RELEASE_NOT_SIGNED", "The release has not been signed.");
    case State::kRevoked:
      return Deny("RELEASE_REVOKED", "The release was revoked.");
    case State::kSuperseded:
      return Deny("RELEASE_SUPERSEDED", "A newer release has taken this one's place.");
    case State::kExpired:
      return Deny("RELEASE_EXPIRED", "The release has expired.");
    case State::kActive:
      break;
    default:
      return Fail(Code::kPermissionDenied, "RELEASE_INCOMPLETE", "The release is in no state.",
                  {{"missing", "state"}});
  }
  // Whatever its state says: of what was once ended nothing is in force.
  if (release.revoke_ms > 0) return Deny("RELEASE_REVOKED", "The release was revoked.");
  if (!release.superseded_by_id.empty()) {
    return Deny("RELEASE_SUPERSEDED", "A newer release has taken this one's place.");
  }
  if (now_ms >= release.expire_ms) return Deny("RELEASE_EXPIRED", "The release has expired.");
  if (now_ms < release.effective_ms) {
    return Deny("RELEASE_NOT_YET_EFFECTIVE", "The release has not taken effect yet.");
  }
  return {};
}

Result<void> Decide(const Release& release, const Use& use, const SignerRules& rules,
                    int64_t now_ms) {
  FAIRLEAD_RETURN_IF_ERROR(CheckInForce(release, now_ms));
  const std::vector<std::string> missing = MissingElements(release);
  if (!missing.empty()) {
    return Fail(Code::kPermissionDenied, "RELEASE_INCOMPLETE", "The release is incomplete.",
                {{"missing", Join(missing, ' ')}});
  }
  if (Result<void> signer = CheckSigner(release, rules); !signer) {
    signer.error().code = Code::kPermissionDenied;
    return signer;
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckScope(release, use));
  if (use.release_hash != release.release_hash || use.release_hash != ReleaseHash(release)) {
    return Deny("RELEASE_HASH_MISMATCH", "The packet was sealed under another release.");
  }
  if (release.signed_hash != kSignedBeforeHashes && release.signed_hash != SignedHash(release)) {
    return Deny("RELEASE_ALTERED", "The release is not as it was signed.");
  }
  return {};
}

}  // namespace fairlead::consent
