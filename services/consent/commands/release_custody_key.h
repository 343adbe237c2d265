// At the moment of opening: the second of the two checks. The decision, the disclosure log and
// the hand-out are one transaction. And the same decision where a share is sealed anew.
#ifndef SERVICES_CONSENT_COMMANDS_RELEASE_CUSTODY_KEY_H_
#define SERVICES_CONSENT_COMMANDS_RELEASE_CUSTODY_KEY_H_

#include <string>

#include "services/common/base/random.h"
#include "services/consent/commands/unit.h"
#include "services/consent/domain/decision.h"

namespace fairlead::consent {

struct OpenRequest {
  std::string release_id;
  std::string referral_id;
  std::string packet_id;    // whose key: the referral's id, or that of the match's offer
  Use use;                  // agency_id: the opening agency, which is the caller's own
  int64_t generation = 0;   // of the key that the share is wrapped under
  int opens_per_day = 300;  // of one person, in 24 h
  bool ended = false;       // the hand-off, for this agency: only a break-glass opens it
};

// 32 bytes. Denials: with `ended` BREAK_GLASS_NEEDED before all others; those of Decide,
// RELEASE_NOT_FOUND (also for an agency that the release does not name: it learns nothing),
// CUSTODY_KEY_GONE, DISCLOSURE_NOT_LOGGED; RESOURCE_EXHAUSTED QUOTA_USED (metadata retry_after_s):
// bulk reading stops, whoever it is.
Result<std::string> ReleaseCustodyKey(Unit& unit, const OpenRequest& request);

// The decision alone, for what belongs to a packet that is open already: nothing is handed out, and
// nothing disclosed. Denials as above, but for the quota, which the opening was counted in:
// FAILED_PRECONDITION PACKET_NOT_OPENED without one by this person within 24 hours.
Result<void> CheckCustody(Unit& unit, const OpenRequest& request);

// A share is sealed anew: the key of the next generation, made or given again, so that whoever is
// interrupted may repeat it. Nothing leaves custody, so nothing is disclosed. Keys of generations
// before request.generation, which the share is known to have left behind, are destroyed; with
// `settled` that is all, and the answer is empty. Denials as above, but for the quota.
Result<std::string> RenewCustodyKey(Unit& unit, Random& random, const OpenRequest& request,
                                    bool settled);

// The audit record of an opening that was refused: the decision's own transaction was rolled back,
// so this is another. Says whose release it was, when there is one.
// `act`: custody_renewed where it was to be sealed anew.
Result<void> AuditRefusedOpening(Unit& unit, const OpenRequest& request, audit::Action act,
                                 const Error& error);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_RELEASE_CUSTODY_KEY_H_
