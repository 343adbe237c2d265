#include "services/identity/consumers/agency_changed.h"

namespace fairlead::identity {

Result<void> ApplyDirectoryEvent(const IdentityStore& store, storage::Transaction& tx,
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
  return store.PutAgency(tx, agency);
}

}  // namespace fairlead::identity
