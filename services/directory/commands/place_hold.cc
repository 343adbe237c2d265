#include "services/directory/commands/place_hold.h"

#include "services/directory/commands/end_hold.h"
#include "services/directory/commands/tell_capacity.h"

namespace fairlead::directory {
namespace {

// Of those that are free, or else of those beyond the maximum, when they will do.
Result<bool> Take(const Deps& deps, storage::Transaction& tx, Hold& hold, bool overflow) {
  FAIRLEAD_ASSIGN(const bool taken, deps.capacities.Take(tx, hold));
  if (taken || !overflow) return taken;
  hold.overflow = true;
  return deps.capacities.Take(tx, hold);
}

}  // namespace

Result<PlacedHold> PlaceHold(const Deps& deps, storage::Transaction& tx,
                             const rpc::CallContext& context, const PlaceHoldInput& input) {
  FAIRLEAD_ASSIGN(const CapacityService service, ServiceFor(deps, tx, context, input.service_id));
  if (!service.is_offered) {
    return Fail(Code::kFailedPrecondition, "SERVICE_NOT_OFFERED",
                "The service is not offered now.");
  }
  const std::string& holder = context.actor.agency_id;
  FAIRLEAD_RETURN_IF_ERROR(LapseHoldsOf(deps, tx, service.id, input.unit));
  FAIRLEAD_ASSIGN(const int64_t held, deps.capacities.UnitsHeld(tx, holder));
  if (held + input.quantity > kMaxUnitsHeldByAgency) {
    return Fail(Code::kResourceExhausted, "TOO_MANY_HOLDS",
                "Your agency holds " + std::to_string(held) + " units: release some.",
                {{"held", std::to_string(held)}});
  }
  const int64_t now_ms = deps.clock.NowMs();
  Hold hold{.id = deps.ids.New(),
            .service_id = service.id,
            .agency_id = service.agency_id,
            .unit = input.unit,
            .holder_agency_id = holder,
            .holder_staff_id = context.actor.staff_id,
            .reference_id = input.reference_id,
            .quantity = input.quantity,
            .place_ms = now_ms,
            .expire_ms = now_ms + input.lifetime_ms};
  FAIRLEAD_ASSIGN(const bool taken, Take(deps, tx, hold, input.overflow));
  FAIRLEAD_ASSIGN(Capacity left, CapacityOf(deps, tx, service.id, input.unit));
  if (!taken) return NotTaken(left);
  FAIRLEAD_RETURN_IF_ERROR(deps.capacities.InsertHold(tx, hold));
  FAIRLEAD_RETURN_IF_ERROR(TellCapacity(deps, tx, context, left, &hold));
  FAIRLEAD_RETURN_IF_ERROR(TellHold(deps, tx, context, hold));
  return PlacedHold{{std::move(hold), service.name}, std::move(left)};
}

}  // namespace fairlead::directory
