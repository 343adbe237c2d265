// An agency says how much room one of its services has.
#ifndef SERVICES_DIRECTORY_COMMANDS_UPDATE_CAPACITY_H_
#define SERVICES_DIRECTORY_COMMANDS_UPDATE_CAPACITY_H_

#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

struct UpdateCapacityInput {
  std::string service_id;
  CapacityUnit unit = CapacityUnit::kBed;
  CapacityUpdate update;
  std::string etag;  // empty: whatever its version
};

// The number that is set is what is free beside the holds: those stand, and come back on top of it
// when they end. Emits CapacityChanged. Errors: SERVICE_NOT_FOUND, ABORTED ETAG_MISMATCH, those of
// Update.
Result<StoredCapacity> UpdateCapacity(const Deps& deps, storage::Transaction& tx,
                                      const rpc::CallContext& context,
                                      const UpdateCapacityInput& input);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_UPDATE_CAPACITY_H_
