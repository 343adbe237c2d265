// Gathers what every service records.
#ifndef SERVICES_AUDIT_CONSUMERS_APPLY_RECORD_H_
#define SERVICES_AUDIT_CONSUMERS_APPLY_RECORD_H_

#include <string>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::audit {

// Applies one event of ev:<service>; others than AuditRecorded pass. Error: INVALID_EVENT.
Result<void> ApplyRecord(storage::Transaction& tx, const std::string& service,
                         const fairlead::events::v1::EventEnvelope& event);

}  // namespace fairlead::audit

#endif  // SERVICES_AUDIT_CONSUMERS_APPLY_RECORD_H_
