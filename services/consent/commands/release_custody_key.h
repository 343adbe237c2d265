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
  Use use;                  // agency_id: the opening agency, which is the caller's own
  int opens_per_day = 300;  // of one person, in 24 h
};

// 32 bytes. Denials: those of Decide, RELEASE_NOT_FOUND (also for an agency that the release does
// not name: it learns nothing), CUSTODY_KEY_GONE; RESOURCE_EXHAUSTED QUOTA_USED (metadata
// retry_after_s): bulk reading stops, whoever it is.
Result<std::string> ReleaseCustodyKey(Unit& unit, const OpenRequest& request);

// The audit record of an opening that was refused: the decision's own transaction was rolled back,
// so this is another. Says whose release it was, when there is one.
Result<void> AuditRefusedOpening(Unit& unit, const OpenRequest& request, const Error& error);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_RELEASE_CUSTODY_KEY_H_
