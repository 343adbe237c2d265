#include "services/identity/consumers/agency_changed.h"

#include "services/identity/commands/close_agency_access.h"

namespace fairlead::identity {

Result<void> ApplyDirectoryEvent(const Deps& deps, storage::Transaction& tx,
                                 const events::v1::EventEnvelope& event) {
  if (event.data_schema() != "fairlead.events.v1.AgencyChanged") return {};
  events::v1::AgencyChanged changed;
  if (!changed.ParseFromString(event.data()) || changed.agency_id().empty()) {
    return Fail(Code::kInvalidArgument, "INVALID_EVENT", "An AgencyChanged event is unreadable.");
  }
  const Agency agency{.id = changed.agency_id(),
                      .name = changed.name(),
                      .kind = changed.kind(),
                      .membership = changed.membership(),
                      .version = changed.version()};
  FAIRLEAD_ASSIGN(const auto kept, deps.store.FindAgency(tx, agency.id));
  // Directory asks for this before it answers. If it was cut short, its event does the same.
  if (IsClosed(agency.membership) && (!kept || kept->version < agency.version)) {
    FAIRLEAD_RETURN_IF_ERROR(ShutOut(deps, tx, audit::By{}, agency));
    return {};
  }
  return deps.store.PutAgency(tx, agency);
}

}  // namespace fairlead::identity
