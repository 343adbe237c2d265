#include "services/directory/commands/tell_listing.h"

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox.h"

namespace fairlead::directory {

Result<void> TellListing(const Deps& deps, storage::Transaction& tx,
                         const rpc::CallContext& context, const std::string& agency_id,
                         const std::string& service_id, bool is_new) {
  events::v1::ListingChanged changed;
  changed.set_service_id(service_id);
  changed.set_agency_id(agency_id);
  changed.set_change(is_new ? "created" : "changed");
  outbox::Event event;
  event.id = deps.ids.New();
  event.type = "fairlead.directory.listing_changed.v1";
  event.subject = service_id;
  event.time_ms = deps.clock.NowMs();
  event.data_schema = "fairlead.events.v1.ListingChanged";
  event.data = changed.SerializeAsString();
  event.traceparent = context.traceparent;
  event.audience_agency_ids = {agency_id};
  return outbox::Append(tx, event);
}

}  // namespace fairlead::directory
