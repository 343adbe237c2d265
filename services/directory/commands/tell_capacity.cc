#include "services/directory/commands/tell_capacity.h"

#include <optional>
#include <utility>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/auth/policy.h"
#include "services/common/outbox/outbox.h"

namespace fairlead::directory {
namespace {

bool IsAllowed(const rpc::CallContext& context, auth::Relation relations) {
  return auth::Decide(auth::FindPolicy(context.method), context.actor, {.relations = relations},
                      context.calling_service) == auth::Verdict::kAllowed;
}

outbox::Event NewEvent(const Deps& deps, const rpc::CallContext& context, const char* type,
                       const char* schema, const google::protobuf::MessageLite& data,
                       const std::string& subject) {
  outbox::Event event;
  event.id = deps.ids.New();
  event.type = type;
  event.subject = subject;
  event.time_ms = deps.clock.NowMs();
  event.data_schema = schema;
  event.data = data.SerializeAsString();
  event.traceparent = context.traceparent;
  return event;
}

audit::Action ActionOf(HoldState state) {
  switch (state) {
    case HoldState::kPlaced:
      return audit::Action::kHoldPlaced;
    case HoldState::kConsumed:
      return audit::Action::kHoldConsumed;
    case HoldState::kReleased:
      return audit::Action::kHoldReleased;
    case HoldState::kLapsed:
      return audit::Action::kHoldLapsed;
    case HoldState::kClosed:
      return audit::Action::kHoldClosed;
  }
  return audit::Action::kHoldClosed;
}

// For whom what is on the agency's service was done: the line of the audit trail.
Result<void> Record(const Deps& deps, storage::Transaction& tx, const rpc::CallContext& context,
                    audit::Action action, const std::string& agency_id,
                    const std::string& record_id) {
  audit::Record record{.action = action, .by = audit::ByCaller(context)};
  record.subject_agency_id = agency_id;
  record.record_id = record_id;
  return audit::Append(tx, deps.ids, deps.clock.NowMs(), record);
}

}  // namespace

Result<CapacityService> ServiceFor(const Deps& deps, storage::ReadTransaction& tx,
                                   const rpc::CallContext& context, const std::string& service_id) {
  FAIRLEAD_ASSIGN(std::optional<CapacityService> service,
                  deps.capacities.FindService(tx, service_id));
  const bool own = service && service->agency_id == context.actor.agency_id;
  const bool open = service && (own || service->is_members);
  if (!open || !IsAllowed(context, own ? auth::Relation::kOwnAgency : auth::Relation::kNone)) {
    return Fail(Code::kNotFound, "SERVICE_NOT_FOUND", "There is no such service.");
  }
  return std::move(*service);
}

Result<Capacity> CapacityOf(const Deps& deps, storage::ReadTransaction& tx,
                            const std::string& service_id, CapacityUnit unit) {
  FAIRLEAD_ASSIGN(std::optional<Capacity> capacity, deps.capacities.Find(tx, service_id, unit));
  if (!capacity) {
    return Fail(Code::kNotFound, "CAPACITY_NOT_FOUND", "The service has stated none of this unit.");
  }
  return std::move(*capacity);
}

Result<StoredHold> HoldFor(const Deps& deps, storage::ReadTransaction& tx,
                           const rpc::CallContext& context, const std::string& hold_id) {
  FAIRLEAD_ASSIGN(std::optional<StoredHold> found, deps.capacities.FindHold(tx, hold_id));
  auth::Relation relations = auth::Relation::kNone;
  if (found && found->hold.holder_agency_id == context.actor.agency_id) {
    relations = relations | auth::Relation::kSender;
  }
  if (found && found->hold.agency_id == context.actor.agency_id) {
    relations = relations | auth::Relation::kRecipient;
  }
  if (!found || !IsAllowed(context, relations)) {
    return Fail(Code::kNotFound, "HOLD_NOT_FOUND", "There is no such hold.");
  }
  return std::move(*found);
}

Result<void> TellCapacity(const Deps& deps, storage::Transaction& tx,
                          const rpc::CallContext& context, const Capacity& capacity,
                          const Hold* hold) {
  const audit::By by = audit::ByCaller(context);
  FAIRLEAD_RETURN_IF_ERROR(deps.capacities.AddSnapshot(
      tx, {.id = deps.ids.New(),
           .capacity = capacity,
           .cause = hold == nullptr ? SnapshotCause::kUpdated : CauseOf(hold->state),
           .as_of_ms = deps.clock.NowMs(),
           .actor_agency_id = by.agency_id,
           .actor_staff_id = by.staff_id,
           .hold_id = hold == nullptr ? "" : hold->id}));
  // A hold that becomes a person leaves what is free as it was, and is nobody else's to know.
  if (hold != nullptr && hold->state == HoldState::kConsumed) return {};
  events::v1::CapacityChanged changed;
  changed.set_service_id(capacity.service_id);
  changed.set_agency_id(capacity.agency_id);
  changed.set_unit(std::string(CodeOf(capacity.unit)));
  changed.set_available(capacity.available);
  changed.set_maximum(capacity.maximum);
  changed.set_overflow_available(capacity.overflow_available);
  changed.set_accepting(capacity.accepting);
  changed.set_waitlist(capacity.waitlist);
  changed.mutable_update_time()->set_seconds(capacity.update_ms / 1000);
  changed.set_version(capacity.version);
  outbox::Event event = NewEvent(deps, context, "fairlead.directory.capacity_changed.v1",
                                 "fairlead.events.v1.CapacityChanged", changed,
                                 capacity.service_id);
  event.audience_agency_ids = {capacity.agency_id};
  event.for_members = true;
  FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
  if (hold != nullptr) return {};
  return Record(deps, tx, context, audit::Action::kCapacityUpdated, capacity.agency_id,
                capacity.id);
}

Result<void> TellHold(const Deps& deps, storage::Transaction& tx, const rpc::CallContext& context,
                      const Hold& hold) {
  events::v1::HoldChanged changed;
  changed.set_hold_id(hold.id);
  changed.set_service_id(hold.service_id);
  changed.set_agency_id(hold.agency_id);
  changed.set_unit(std::string(CodeOf(hold.unit)));
  changed.set_holder_agency_id(hold.holder_agency_id);
  changed.set_reference_id(hold.reference_id);
  changed.set_quantity(hold.quantity);
  changed.set_change(std::string(CodeOf(hold.state)));
  outbox::Event event = NewEvent(deps, context, "fairlead.directory.hold_changed.v1",
                                 "fairlead.events.v1.HoldChanged", changed, hold.id);
  event.audience_agency_ids = {hold.holder_agency_id};
  if (hold.agency_id != hold.holder_agency_id) event.audience_agency_ids.push_back(hold.agency_id);
  FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
  return Record(deps, tx, context, ActionOf(hold.state), hold.agency_id, hold.id);
}

}  // namespace fairlead::directory
