// What every command on capacity begins with, whose it is, and ends with, telling: the snapshot,
// the events and the line of the audit trail, in the transaction of the change.
#ifndef SERVICES_DIRECTORY_COMMANDS_TELL_CAPACITY_H_
#define SERVICES_DIRECTORY_COMMANDS_TELL_CAPACITY_H_

#include <string>

#include "services/common/audit/audit.h"
#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

// A service that the policy table opens to the call. One answer for "not there" and "not for you":
// NOT_FOUND SERVICE_NOT_FOUND; of an agency that is no active member to its own people only.
Result<CapacityService> ServiceFor(const Deps& deps, storage::ReadTransaction& tx,
                                   const rpc::CallContext& context, const std::string& service_id);
// Error: NOT_FOUND CAPACITY_NOT_FOUND.
Result<Capacity> CapacityOf(const Deps& deps, storage::ReadTransaction& tx,
                            const std::string& service_id, CapacityUnit unit);
// The same of a hold: NOT_FOUND HOLD_NOT_FOUND.
Result<StoredHold> HoldFor(const Deps& deps, storage::ReadTransaction& tx,
                           const rpc::CallContext& context, const std::string& hold_id);

// The numbers have changed. `hold`: by which; nullptr: somebody said so.
Result<void> TellCapacity(const Deps& deps, storage::Transaction& tx,
                          const rpc::CallContext& context, const Capacity& capacity,
                          const Hold* hold);
// A hold was placed, or has ended.
Result<void> TellHold(const Deps& deps, storage::Transaction& tx, const rpc::CallContext& context,
                      const Hold& hold);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_TELL_CAPACITY_H_
