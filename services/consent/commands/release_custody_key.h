// At the moment of opening: the second of the two checks. The decision, the disclosure log and
// the hand-out are one transaction.
#ifndef SERVICES_CONSENT_COMMANDS_RELEASE_CUSTODY_KEY_H_
#define SERVICES_CONSENT_COMMANDS_RELEASE_CUSTODY_KEY_H_

#include <string>

#include "services/consent/commands/unit.h"
#include "services/consent/domain/decision.h"

namespace fairlead::consent {

struct OpenRequest {
  std::string release_id;
  std::string referral_id;
  Use use;  // agency_id: the opening agency, which is the caller's own
};

// 32 bytes. Denials: those of Decide, RELEASE_NOT_FOUND (also for an agency that the release does
// not name: it learns nothing), CUSTODY_KEY_GONE.
Result<std::string> ReleaseCustodyKey(Unit& unit, const OpenRequest& request);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_RELEASE_CUSTODY_KEY_H_
