// A new release, as a draft: it allows nothing until it is signed.
#ifndef SERVICES_CONSENT_COMMANDS_CREATE_RELEASE_H_
#define SERVICES_CONSENT_COMMANDS_CREATE_RELEASE_H_

#include "services/consent/commands/unit.h"

namespace fairlead::consent {

// `draft` holds elements 1 to 8 and 14; the rest is filled in. Errors: those of CompleteDraft, and
// with supersedes_id RELEASE_NOT_FOUND and those of CheckSuccession.
Result<Release> CreateRelease(Unit& unit, Release draft);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_CREATE_RELEASE_H_
