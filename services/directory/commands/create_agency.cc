#include "services/directory/commands/create_agency.h"

#include "services/directory/commands/tell_agency.h"

namespace fairlead::directory {

Result<Agency> CreateAgency(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const CreateAgencyInput& input) {
  FAIRLEAD_RETURN_IF_ERROR(CheckAgencyName(input.name));
  Agency agency{.id = input.agency_id.empty() ? deps.ids.New() : input.agency_id,
                .name = input.name,
                .kind = input.kind,
                .membership = Membership::kActive,
                .create_ms = deps.clock.NowMs(),
                .version = 1,
                .contact_phone = ""};
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertAgency(tx, agency));
  FAIRLEAD_RETURN_IF_ERROR(
      TellAgencyChanged(deps, tx, context, agency, "created", audit::Action::kAgencyCreated));
  return agency;
}

}  // namespace fairlead::directory
