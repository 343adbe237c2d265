// Keeps units of a service for somebody, for a while.
#ifndef SERVICES_DIRECTORY_COMMANDS_PLACE_HOLD_H_
#define SERVICES_DIRECTORY_COMMANDS_PLACE_HOLD_H_

#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

struct PlaceHoldInput {
  std::string service_id;
  CapacityUnit unit = CapacityUnit::kBed;
  std::string reference_id;
  int quantity = 1;
  int64_t lifetime_ms = 0;
  bool overflow = false;  // may be beyond the maximum, when no other is free
};

struct PlacedHold {
  StoredHold stored;
  Capacity capacity;  // what is left
};

// Units whose own hold has run out are given back first, whether the sweep has been there or not.
// Emits HoldChanged and CapacityChanged. Errors: SERVICE_NOT_FOUND, CAPACITY_NOT_FOUND;
// FAILED_PRECONDITION SERVICE_NOT_OFFERED; RESOURCE_EXHAUSTED TOO_MANY_HOLDS; those of InsertHold
// and NotTaken.
Result<PlacedHold> PlaceHold(const Deps& deps, storage::Transaction& tx,
                             const rpc::CallContext& context, const PlaceHoldInput& input);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_PLACE_HOLD_H_
