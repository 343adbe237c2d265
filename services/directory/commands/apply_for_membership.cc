#include "services/directory/commands/apply_for_membership.h"

#include "services/directory/commands/tell_agency.h"

namespace fairlead::directory {

Result<Agency> ApplyForMembership(const Deps& deps, storage::Transaction& tx,
                                  const rpc::CallContext& context, const ApplyInput& input) {
  FAIRLEAD_RETURN_IF_ERROR(CheckAgencyName(input.name));
  if (input.kind == AgencyKind::kCoalitionOffice) {
    return Fail(Code::kInvalidArgument, "AGENCY_KIND_NOT_OPEN",
                "There is one coalition office, made at the first set-up.", {{"field", "kind"}});
  }
  FAIRLEAD_ASSIGN(const int64_t waiting, deps.memberships.CountWaiting(tx));
  if (waiting >= kMaxApplications) {
    return Fail(Code::kResourceExhausted, "TOO_MANY_APPLICATIONS",
                "Too many applications wait: call the coalition office.");
  }
  Agency agency{.id = deps.ids.New(),
                .name = input.name,
                .kind = input.kind,
                .membership = Membership::kApplied,
                .create_ms = deps.clock.NowMs(),
                .version = 1,
                .contact_phone = input.contact_phone};
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertAgency(tx, agency));
  MembershipChange change{.id = deps.ids.New(),
                          .agency_id = agency.id,
                          .actor_staff_id = "",
                          .actor_agency_id = "",
                          .time_ms = agency.create_ms,
                          .request_id = input.request_id};
  FAIRLEAD_RETURN_IF_ERROR(deps.memberships.AddChange(tx, change));
  FAIRLEAD_RETURN_IF_ERROR(
      TellAgencyChanged(deps, tx, context, agency, "created", audit::Action::kAgencyApplied));
  return agency;
}

}  // namespace fairlead::directory
