// The decision: may this packet go to (or be opened by) this agency, under this release, now?
// Asked at every send and at every open; never remembered.
#ifndef SERVICES_CONSENT_DOMAIN_DECISION_H_
#define SERVICES_CONSENT_DOMAIN_DECISION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/consent/domain/release.h"
#include "services/consent/domain/signer_rules.h"

namespace fairlead::consent {

struct Use {
  std::string agency_id;  // who would hold the packet; the discloser may always reread its own
  std::string purpose;
  std::vector<std::string> categories;
  std::string release_hash;  // what the packet says it was sealed under
};

// The part of it that is about the release alone: signed, not ended, and within its time. Denials
// (PERMISSION_DENIED): the first six below, and RELEASE_INCOMPLETE (metadata `missing`: state).
Result<void> CheckInForce(const Release& release, int64_t now_ms);

// Denials (PERMISSION_DENIED), the first that applies: RELEASE_ENTERED_IN_ERROR,
// RELEASE_NOT_SIGNED, RELEASE_REVOKED, RELEASE_SUPERSEDED, RELEASE_EXPIRED,
// RELEASE_NOT_YET_EFFECTIVE, RELEASE_INCOMPLETE (metadata `missing`), those of CheckSigner,
// RELEASE_RECIPIENT_MISMATCH, RELEASE_PURPOSE_MISMATCH, RELEASE_CATEGORY_MISMATCH,
// RELEASE_HASH_MISMATCH (elements 1 to 8 are not those that the packet was sealed under),
// RELEASE_ALTERED (of the others one is not what was signed).
Result<void> Decide(const Release& release, const Use& use, const SignerRules& rules,
                    int64_t now_ms);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_DOMAIN_DECISION_H_
