#include "services/identity/commands/change_staff.h"

#include <optional>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox.h"
#include "services/identity/commands/asker.h"
#include "services/identity/commands/devices.h"
#include "services/identity/commands/note.h"
#include "services/identity/commands/passkey_tools.h"

namespace fairlead::identity {
namespace {

Result<Staff> FindColleague(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const std::string& staff_id) {
  FAIRLEAD_ASSIGN(const std::optional<Staff> staff, deps.store.FindStaff(tx, staff_id));
  if (!staff || staff->agency_id != context.actor.agency_id) {
    return Fail(Code::kNotFound, "STAFF_NOT_FOUND", "There is nobody with this id at your agency.");
  }
  if (staff->disable_ms != 0) {
    return Fail(Code::kFailedPrecondition, "ALREADY_DISABLED", "This person has left already.");
  }
  return *staff;
}

// Somebody must be left who can invite, and see to the keys; and two who coordinate, for some steps
// need the words of two (docs/decisions/0009). `next`: the roles that are left to `staff`.
Result<void> CheckOthersStay(const Deps& deps, storage::Transaction& tx, const Staff& staff,
                             const std::set<Role>& next) {
  const auto loses = [&](Role role) { return staff.roles.contains(role) && !next.contains(role); };
  if (loses(Role::kAgencyAdmin)) {
    FAIRLEAD_ASSIGN(const int64_t admins,
                    deps.access.CountHolders(tx, staff.agency_id, Role::kAgencyAdmin));
    if (admins <= 1) {
      return Fail(Code::kFailedPrecondition, "LAST_ADMIN",
                  "An agency keeps one administrator: make another one first.");
    }
  }
  if (loses(Role::kCoordinator)) {
    FAIRLEAD_ASSIGN(const int64_t coordinators,
                    deps.access.CountHolders(tx, staff.agency_id, Role::kCoordinator));
    if (coordinators <= kLeastCoordinators) {
      return Fail(Code::kFailedPrecondition, "LAST_COORDINATOR",
                  "The coalition keeps two coordinators: make another one first.");
    }
  }
  return {};
}

// Whatever the person had in hand elsewhere is to be given to others.
Result<void> TellOfLeaving(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const Staff& staff) {
  events::v1::StaffChanged changed;
  changed.set_staff_id(staff.id);
  changed.set_agency_id(staff.agency_id);
  changed.set_change("disabled");
  outbox::Event event;
  event.id = deps.ids.New();
  event.type = "fairlead.identity.staff_changed.v1";
  event.subject = staff.id;
  event.time_ms = staff.disable_ms;
  event.data_schema = "fairlead.events.v1.StaffChanged";
  event.data = changed.SerializeAsString();
  event.traceparent = context.traceparent;
  event.audience_agency_ids = {staff.agency_id};
  return outbox::Append(tx, event);
}

}  // namespace

Result<Staff> SetStaffRoles(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const SetStaffRolesInput& input) {
  FAIRLEAD_ASSIGN(Staff staff, FindColleague(deps, tx, context, input.staff_id));
  if (!input.etag.empty() && input.etag != std::to_string(staff.version)) {
    return Fail(Code::kAborted, "ETAG_MISMATCH", "Somebody has changed this person meanwhile.");
  }
  FAIRLEAD_ASSIGN(const std::optional<Agency> agency, deps.store.FindAgency(tx, staff.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(
      CheckRolesGrantable(AskerOf(context.actor), agency.value_or(Agency{}), input.roles));
  FAIRLEAD_RETURN_IF_ERROR(CheckMayChange(AskerOf(context.actor), staff.roles));
  FAIRLEAD_RETURN_IF_ERROR(CheckOthersStay(deps, tx, staff, input.roles));
  FAIRLEAD_RETURN_IF_ERROR(deps.access.SetRoles(tx, staff.id, input.roles));
  FAIRLEAD_RETURN_IF_ERROR(deps.store.DeleteSessionsOf(tx, staff.id, ""));
  FAIRLEAD_RETURN_IF_ERROR(
      Note(deps, tx, RecordOf(audit::Action::kStaffRolesChanged, context, staff)));
  staff.roles = input.roles;
  ++staff.version;
  return staff;
}

Result<Disabled> DisableStaff(const KeyDeps& key_deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const std::string& staff_id,
                              const NewKeyList* next) {
  const Deps& deps = key_deps.base;
  Disabled disabled;
  FAIRLEAD_ASSIGN(disabled.staff, FindColleague(deps, tx, context, staff_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckMayChange(AskerOf(context.actor), disabled.staff.roles));
  FAIRLEAD_RETURN_IF_ERROR(CheckOthersStay(deps, tx, disabled.staff, {}));
  const std::string& agency_id = disabled.staff.agency_id;
  disabled.staff.disable_ms = deps.clock.NowMs();
  ++disabled.staff.version;
  FAIRLEAD_RETURN_IF_ERROR(deps.access.Disable(tx, staff_id, disabled.staff.disable_ms));
  FAIRLEAD_ASSIGN(disabled.sessions_ended, deps.store.DeleteSessionsOf(tx, staff_id, ""));
  if (deps.passkeys != nullptr) {
    FAIRLEAD_RETURN_IF_ERROR(deps.passkeys->store.DeleteAll(tx, staff_id));
  }
  FAIRLEAD_RETURN_IF_ERROR(
      Note(deps, tx, RecordOf(audit::Action::kStaffDisabled, context, disabled.staff)));
  FAIRLEAD_RETURN_IF_ERROR(TellOfLeaving(deps, tx, context, disabled.staff));
  // First, so that a list that still names one of them is refused.
  FAIRLEAD_RETURN_IF_ERROR(
      RemoveDevicesOf(key_deps, tx, context, agency_id, staff_id, disabled.staff.disable_ms));
  if (next != nullptr) FAIRLEAD_RETURN_IF_ERROR(PublishKeyList(key_deps, tx, context, *next));
  FAIRLEAD_ASSIGN(const auto keys, deps.store.CurrentKeys(tx, agency_id));
  // A list that began no new epoch leaves them due.
  FAIRLEAD_ASSIGN(const bool due, key_deps.keys.IsKeyChangeDue(tx, agency_id));
  disabled.key_change_due = keys.has_value() && due;
  return disabled;
}

}  // namespace fairlead::identity
