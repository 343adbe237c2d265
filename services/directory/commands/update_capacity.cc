#include "services/directory/commands/update_capacity.h"

#include <optional>

#include "services/directory/commands/tell_capacity.h"

namespace fairlead::directory {

Result<StoredCapacity> UpdateCapacity(const Deps& deps, storage::Transaction& tx,
                                      const rpc::CallContext& context,
                                      const UpdateCapacityInput& input) {
  FAIRLEAD_ASSIGN(const CapacityService service, ServiceFor(deps, tx, context, input.service_id));
  FAIRLEAD_ASSIGN(const std::optional<Capacity> stated,
                  deps.capacities.Find(tx, input.service_id, input.unit));
  Capacity capacity = stated ? *stated
                             : Capacity{.id = deps.ids.New(),
                                        .service_id = service.id,
                                        .agency_id = service.agency_id,
                                        .unit = input.unit};
  if (!input.etag.empty() && input.etag != std::to_string(capacity.version)) {
    return Fail(Code::kAborted, "ETAG_MISMATCH", "The number has changed since you read it.");
  }
  FAIRLEAD_RETURN_IF_ERROR(Update(capacity, input.update, deps.clock.NowMs()));
  FAIRLEAD_RETURN_IF_ERROR(deps.capacities.Put(tx, capacity));
  FAIRLEAD_RETURN_IF_ERROR(TellCapacity(deps, tx, context, capacity, nullptr));
  return StoredCapacity{std::move(capacity), service.name};
}

}  // namespace fairlead::directory
