// The client takes consent back: in force at once, and the keys are gone.
#ifndef SERVICES_CONSENT_COMMANDS_REVOKE_RELEASE_H_
#define SERVICES_CONSENT_COMMANDS_REVOKE_RELEASE_H_

#include <string>
#include <vector>

#include "services/consent/commands/unit.h"

namespace fairlead::consent {

struct Revocation {
  Release release;
  std::vector<std::string> agency_ids_that_opened;
  int64_t keys_deleted = 0;
};

// Deletes every custody key under the release in the same transaction, and leaves no copy of them
// behind before the caller is answered. Errors: RELEASE_NOT_FOUND, ETAG_MISMATCH,
// RELEASE_NOT_ACTIVE (a draft is revocable too: nothing was disclosed under it).
Result<Revocation> RevokeRelease(Unit& unit, const std::string& release_id,
                                 const std::string& etag);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_REVOKE_RELEASE_H_
