#include "services/directory/commands/tell_listing.h"

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox.h"

namespace fairlead::directory {

Result<void> TellListingChanged(const Deps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const std::string& agency_id,
                                const std::string& service_id, const std::string& change,
                                bool for_coordinators) {
  events::v1::ListingChanged changed;
  changed.set_service_id(service_id);
  changed.set_agency_id(agency_id);
  changed.set_change(change);
  outbox::Event event;
  event.id = deps.ids.New();
  event.type = "fairlead.directory.listing_changed.v1";
  event.subject = service_id;
  event.time_ms = deps.clock.NowMs();
  event.data_schema = "fairlead.events.v1.ListingChanged";
  event.data = changed.SerializeAsString();
  event.traceparent = context.traceparent;
  event.audience_agency_ids = {agency_id};
  event.for_coordinators = for_coordinators;
  return outbox::Append(tx, event);
}

}  // namespace fairlead::directory
