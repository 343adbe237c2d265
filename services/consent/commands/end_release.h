// A release ends by somebody's act: taken back, replaced, or found to have been recorded wrongly.
// In each case its keys are gone before the caller is answered, and whoever has opened something
// under it is asked to destroy its copies. (On its day it ends by itself: expire_releases.h.)
#ifndef SERVICES_CONSENT_COMMANDS_END_RELEASE_H_
#define SERVICES_CONSENT_COMMANDS_END_RELEASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/consent/commands/unit.h"

namespace fairlead::consent {

struct Ending {
  Release release;
  std::vector<std::string> agency_ids_that_opened;  // and are asked to destroy, now or before
  int64_t keys_deleted = 0;
};

// The client takes it back (a draft too: nothing was disclosed under it). Errors:
// RELEASE_NOT_FOUND, ETAG_MISMATCH, RELEASE_NOT_ACTIVE.
Result<Ending> RevokeRelease(Unit& unit, const std::string& release_id, const std::string& etag,
                             Method method);

// Errors: RELEASE_NOT_FOUND, ETAG_MISMATCH, RELEASE_ENTERED_IN_ERROR.
Result<Ending> EnterReleaseInError(Unit& unit, const std::string& release_id,
                                   const std::string& etag);

// `successor` has just been signed in its place. Of those who opened something under it only they
// are asked to destroy it to whom the successor does not allow all that they have. Error:
// RELEASE_NOT_ACTIVE.
Result<void> Supersede(Unit& unit, Release old, const Release& successor);

// What custody remembers of a release that a database put back has forgotten the end of: the same
// again, with the requests to destroy, as it was then.
Result<void> EndAgain(Unit& unit, Release release, const RememberedEnding& ending);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_END_RELEASE_H_
