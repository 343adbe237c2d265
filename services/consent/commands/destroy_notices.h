// Requests to destroy copies: what a recipient has opened and copied is out of the hub's reach, so
// it is asked, and what it answers is kept.
#ifndef SERVICES_CONSENT_COMMANDS_DESTROY_NOTICES_H_
#define SERVICES_CONSENT_COMMANDS_DESTROY_NOTICES_H_

#include <string>

#include "services/consent/commands/unit.h"

namespace fairlead::consent {

// Asks the agency to destroy what it opened under the release, and tells it and the discloser.
// Asked once about one release: a second time nothing happens. `cause`: the state in which the
// release, or the one that took its place, has ended.
Result<void> RequestDestruction(Unit& unit, const Release& release, const Opened& opened,
                                const std::string& cause);

// The recipient's answer. Errors: DESTROY_NOTICE_NOT_FOUND (also for another agency's),
// DESTRUCTION_ALREADY_ACKNOWLEDGED with metadata outcome.
Result<DestroyNotice> AcknowledgeDestruction(Unit& unit, const std::string& notice_id,
                                             Outcome outcome);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_DESTROY_NOTICES_H_
