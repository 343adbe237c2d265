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
  const bool is_news = !kept || kept->version < agency.version;
  // Each change raises the version by one. Of one that was never applied (a dead letter) nobody
  // knows any more whether it closed the agency, so it is taken to have done so.
  const bool missed_one = kept && kept->version > 0 && kept->version + 1 < agency.version;
  // Directory asks for this before it answers. If it was cut short, its event does the same.
  if (is_news && (IsClosed(agency.membership) || missed_one)) {
    FAIRLEAD_RETURN_IF_ERROR(ShutOut(deps, tx, audit::By{}, agency));
    return {};
  }
  return deps.store.PutAgency(tx, agency);
}

}  // namespace fairlead::identity
