#include "services/directory/commands/tell_agency.h"

#include <optional>
#include <utility>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox.h"

namespace fairlead::directory {

Result<void> TellAgencyChanged(const Deps& deps, storage::Transaction& tx,
                               const rpc::CallContext& context, const Agency& agency,
                               const std::string& change, audit::Action action) {
  const int64_t now_ms = deps.clock.NowMs();
  audit::Record record{.action = action, .by = audit::ByCaller(context)};
  record.subject_agency_id = agency.id;
  FAIRLEAD_RETURN_IF_ERROR(audit::Append(tx, deps.ids, now_ms, record));
  events::v1::AgencyChanged changed;
  changed.set_agency_id(agency.id);
  changed.set_name(agency.name);
  changed.set_kind(std::string(CodeOf(agency.kind)));
  changed.set_membership(std::string(CodeOf(agency.membership)));
  changed.set_change(change);
  changed.set_version(agency.version);
  outbox::Event event;
  event.id = deps.ids.New();
  event.type = "fairlead.directory.agency_changed.v1";
  event.subject = agency.id;
  event.time_ms = now_ms;
  event.data_schema = "fairlead.events.v1.AgencyChanged";
  event.data = changed.SerializeAsString();
  event.traceparent = context.traceparent;
  event.audience_agency_ids = {agency.id};
  return outbox::Append(tx, event);
}

Result<void> CheckAgencyName(const std::string& name) {
  if (name.find_first_not_of(" \t\r\n") != std::string::npos) return {};
  return Fail(Code::kInvalidArgument, "INVALID_NAME", "An agency needs a name.",
              {{"field", "name"}});
}

tl::unexpected<Error> AgencyNotFound() {
  return Fail(Code::kNotFound, "AGENCY_NOT_FOUND", "There is no such agency.");
}

Result<Agency> GetAgencyById(const Deps& deps, storage::ReadTransaction& tx,
                             const std::string& agency_id) {
  FAIRLEAD_ASSIGN(std::optional<Agency> agency, deps.store.FindAgency(tx, agency_id));
  if (!agency) return AgencyNotFound();
  return std::move(*agency);
}

}  // namespace fairlead::directory
