#include "services/directory/commands/change_membership.h"

#include <vector>

#include "services/directory/commands/tell_agency.h"

namespace fairlead::directory {
namespace {

tl::unexpected<Error> StateConflict(const Agency& agency) {
  return Fail(Code::kFailedPrecondition, "MEMBERSHIP_STATE_CONFLICT",
              "The agency is " + std::string(CodeOf(agency.membership)) + ".",
              {{"state", std::string(CodeOf(agency.membership))}});
}

// The first run of this call got as far as its own commit.
Result<Agency> Resume(const Deps& deps, storage::Transaction& tx, const rpc::CallContext& context,
                      const ChangeInput& input, const MembershipChange& done) {
  if (done.agency_id != input.agency_id || done.to != input.to || done.reason != input.reason ||
      done.is_sponsorship || done.actor_staff_id != context.actor.staff_id) {
    return Fail(Code::kFailedPrecondition, "REQUEST_ID_REUSED",
                "This request_id was used for something else.");
  }
  FAIRLEAD_ASSIGN(Agency agency, GetAgencyById(deps, tx, input.agency_id));
  // Something else has happened since: completing the old step would undo it.
  if (agency.membership != input.to) return StateConflict(agency);
  return agency;
}

audit::Action ActionOf(Membership from, const Agency& agency) {
  if (agency.membership == Membership::kSuspended) return audit::Action::kAgencySuspended;
  if (agency.membership == Membership::kDeparted) return audit::Action::kAgencyDeparted;
  return from == Membership::kSuspended ? audit::Action::kAgencyReinstated
                                        : audit::Action::kAgencyActivated;
}

Result<void> CheckActivation(const Deps& deps, storage::Transaction& tx, const Agency& agency) {
  FAIRLEAD_ASSIGN(const std::vector<Sponsor> sponsors, deps.memberships.Sponsors(tx, agency.id));
  if (const int missing = SponsorsMissing(sponsors); missing > 0) {
    return Fail(Code::kFailedPrecondition, "SPONSORS_MISSING",
                "A sponsor is no longer an active member: another one is needed.",
                {{"missing", std::to_string(missing)}});
  }
  FAIRLEAD_ASSIGN(const bool taken, deps.memberships.IsNameTaken(tx, agency.name, agency.id));
  if (!taken) return {};
  return Fail(Code::kAlreadyExists, "AGENCY_NAME_TAKEN",
              "A member has this name: two of one name would be mistaken for each other.");
}

}  // namespace

Result<Agency> ChangeMembership(const Deps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const ChangeInput& input) {
  const auth::Actor& actor = context.actor;
  FAIRLEAD_ASSIGN(const std::optional<MembershipChange> done,
                  deps.memberships.FindByRequest(tx, actor.agency_id, input.request_id));
  if (done) return Resume(deps, tx, context, input, *done);
  FAIRLEAD_ASSIGN(Agency agency, GetAgencyById(deps, tx, input.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(agency, input.etag));
  const Membership from = agency.membership;
  const bool is_office = agency.kind == AgencyKind::kCoalitionOffice;
  if (!is_office && input.only_from && from != *input.only_from) return StateConflict(agency);
  FAIRLEAD_RETURN_IF_ERROR(Move(agency, input.to, input.reason));
  if (from == Membership::kSponsored && input.to == Membership::kActive) {
    FAIRLEAD_RETURN_IF_ERROR(CheckActivation(deps, tx, agency));
  }
  FAIRLEAD_RETURN_IF_ERROR(deps.memberships.UpdateMembership(tx, agency));
  FAIRLEAD_RETURN_IF_ERROR(deps.memberships.AddChange(tx, {.id = deps.ids.New(),
                                                           .agency_id = agency.id,
                                                           .from = from,
                                                           .to = agency.membership,
                                                           .reason = input.reason,
                                                           .actor_staff_id = actor.staff_id,
                                                           .actor_agency_id = actor.agency_id,
                                                           .time_ms = deps.clock.NowMs(),
                                                           .request_id = input.request_id}));
  FAIRLEAD_RETURN_IF_ERROR(
      TellAgencyChanged(deps, tx, context, agency, "changed", ActionOf(from, agency)));
  return agency;
}

}  // namespace fairlead::directory
