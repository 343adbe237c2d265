#include "services/directory/commands/create_agency.h"

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox.h"

namespace fairlead::directory {

Result<Agency> CreateAgency(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const CreateAgencyInput& input) {
  if (input.name.find_first_not_of(" \t\r\n") == std::string::npos) {
    return Fail(Code::kInvalidArgument, "INVALID_NAME", "An agency needs a name.",
                {{"field", "name"}});
  }
  Agency agency{.id = input.agency_id.empty() ? deps.ids.New() : input.agency_id,
                .name = input.name,
                .kind = input.kind,
                .membership = Membership::kActive,
                .create_ms = deps.clock.NowMs(),
                .version = 1};
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertAgency(tx, agency));

  events::v1::AgencyChanged changed;
  changed.set_agency_id(agency.id);
  changed.set_name(agency.name);
  changed.set_kind(std::string(CodeOf(agency.kind)));
  changed.set_membership(std::string(CodeOf(agency.membership)));
  changed.set_change("created");
  outbox::Event event;
  event.id = deps.ids.New();
  event.type = "fairlead.directory.agency_changed.v1";
  event.subject = agency.id;
  event.time_ms = agency.create_ms;
  event.data_schema = "fairlead.events.v1.AgencyChanged";
  event.data = changed.SerializeAsString();
  event.traceparent = context.traceparent;
  event.audience_agency_ids = {agency.id};
  FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
  return agency;
}

}  // namespace fairlead::directory
