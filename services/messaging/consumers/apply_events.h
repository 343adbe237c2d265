// What the messaging service does when other services report a change: it keeps its copies current.
#ifndef SERVICES_MESSAGING_CONSUMERS_APPLY_EVENTS_H_
#define SERVICES_MESSAGING_CONSUMERS_APPLY_EVENTS_H_

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/events/v1/events.pb.h"
#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/messaging/store/agency_store.h"

namespace fairlead::messaging {

// directory: AgencyChanged, of memberships and kinds.
Result<void> ApplyDirectoryEvent(storage::Transaction& tx,
                                 const fairlead::events::v1::EventEnvelope& event);
// identity: AgencyKeysPublished, of key thumbprints.
Result<void> ApplyIdentityEvent(storage::Transaction& tx,
                                const fairlead::events::v1::EventEnvelope& event);

// The names as events spell them: "active", "health_provider".
AgencyRecord ToRecord(const fairlead::directory::v1::Agency& agency);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_CONSUMERS_APPLY_EVENTS_H_
