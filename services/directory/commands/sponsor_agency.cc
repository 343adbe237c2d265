#include "services/directory/commands/sponsor_agency.h"

#include <optional>
#include <vector>

#include "services/directory/commands/tell_agency.h"

namespace fairlead::directory {
namespace {

// The caller's agency as it stands in this transaction: the session may be older than its
// suspension.
Result<Agency> SponsorsAgency(const Deps& deps, storage::Transaction& tx,
                              const auth::Actor& actor) {
  FAIRLEAD_ASSIGN(const std::optional<Agency> own, deps.store.FindAgency(tx, actor.agency_id));
  if (!own || own->membership != Membership::kActive) {
    return Fail(Code::kPermissionDenied, "AGENCY_NOT_ACTIVE",
                "Your agency is not an active member of the coalition.");
  }
  const bool is_office = own->kind == AgencyKind::kCoalitionOffice;
  const auth::Role needed = is_office ? auth::Role::kCoordinator : auth::Role::kAgencyAdmin;
  if (!actor.Has(needed) || (!is_office && !MaySponsor(*own))) {
    return Fail(Code::kPermissionDenied, "ROLE_NOT_ALLOWED", "This is not open to your role.");
  }
  return *own;
}

}  // namespace

Result<Sponsored> SponsorAgency(const Deps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const std::string& request_id,
                                const std::string& agency_id, const std::string& etag) {
  const auth::Actor& actor = context.actor;
  FAIRLEAD_ASSIGN(const Agency own, SponsorsAgency(deps, tx, actor));
  FAIRLEAD_ASSIGN(Agency agency, GetAgencyById(deps, tx, agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(agency, etag));
  FAIRLEAD_ASSIGN(std::vector<Sponsor> sponsors, deps.memberships.Sponsors(tx, agency_id));
  FAIRLEAD_ASSIGN(const int64_t members,
                  deps.memberships.CountThatSponsor(tx, kMembersThatSponsor));
  FAIRLEAD_RETURN_IF_ERROR(CheckSponsor(agency, sponsors, own, actor.staff_id, members));
  sponsors.push_back({.agency_id = own.id,
                      .staff_id = actor.staff_id,
                      .is_office = own.kind == AgencyKind::kCoalitionOffice,
                      .is_in_force = true});
  const int missing = SponsorsMissing(sponsors);
  const Membership from = agency.membership;
  if (from == Membership::kApplied && missing == 0) {
    FAIRLEAD_RETURN_IF_ERROR(Move(agency, Membership::kSponsored, MembershipReason::kNone));
  } else {
    agency.version += 1;
  }
  FAIRLEAD_RETURN_IF_ERROR(deps.memberships.UpdateMembership(tx, agency));
  FAIRLEAD_RETURN_IF_ERROR(deps.memberships.AddChange(tx, {.id = deps.ids.New(),
                                                           .agency_id = agency.id,
                                                           .from = from,
                                                           .to = agency.membership,
                                                           .actor_staff_id = actor.staff_id,
                                                           .actor_agency_id = own.id,
                                                           .time_ms = deps.clock.NowMs(),
                                                           .is_sponsorship = true,
                                                           .request_id = request_id}));
  FAIRLEAD_RETURN_IF_ERROR(
      TellAgencyChanged(deps, tx, context, agency, "changed", audit::Action::kAgencySponsored));
  return Sponsored{agency, missing};
}

}  // namespace fairlead::directory
