// Keeps identity's copy of agencies (name, kind, membership) from directory's events, and shuts out
// the people of one that is closed.
#ifndef SERVICES_IDENTITY_CONSUMERS_AGENCY_CHANGED_H_
#define SERVICES_IDENTITY_CONSUMERS_AGENCY_CHANGED_H_

#include "fairlead/events/v1/events.pb.h"
#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/identity/commands/deps.h"

namespace fairlead::identity {

// Applies one event of ev:directory; others than AgencyChanged pass. Error: INVALID_EVENT.
Result<void> ApplyDirectoryEvent(const Deps& deps, storage::Transaction& tx,
                                 const events::v1::EventEnvelope& event);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_CONSUMERS_AGENCY_CHANGED_H_
