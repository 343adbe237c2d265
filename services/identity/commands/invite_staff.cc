#include "services/identity/commands/invite_staff.h"

#include <optional>

#include "services/identity/commands/asker.h"
#include "services/identity/commands/find_agency.h"
#include "services/identity/commands/note.h"

namespace fairlead::identity {

Task<Result<Agency>> PrepareInvitation(const Deps& deps, rpc::CallContext context,
                                       std::string agency_id) {
  Result<Standing> standing = CheckMayInvite(AskerOf(context.actor), agency_id);
  if (!standing) co_return Fail(std::move(standing.error()));
  Task<Result<Agency>> finding = FindAgency(deps, std::move(context), std::move(agency_id));
  co_return co_await std::move(finding);
}

Result<Invitation> InviteStaff(const Deps& deps, storage::Transaction& tx,
                               const rpc::CallContext& context, const InviteStaffInput& input,
                               const Agency& agency) {
  const Asker asker = AskerOf(context.actor);
  FAIRLEAD_ASSIGN(const Standing standing, CheckMayInvite(asker, input.agency_id));
  // What an event has said of the agency meanwhile counts.
  FAIRLEAD_ASSIGN(const std::optional<Agency> now, deps.store.FindAgency(tx, input.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckRolesGrantable(asker, now.value_or(agency), input.roles));
  FAIRLEAD_ASSIGN(const bool has_staff, deps.store.AgencyHasStaff(tx, input.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckFirstOfAgency(standing, has_staff, input.roles));
  const int64_t now_ms = deps.clock.NowMs();
  Invitation invitation{.id = deps.ids.New(),
                        .agency_id = input.agency_id,
                        .display_name = input.display_name,
                        .roles = input.roles,
                        .inviter_staff_id = context.actor.staff_id,
                        .first_only = standing == Standing::kCoordinator,
                        .create_ms = now_ms,
                        .expire_ms = now_ms + kInvitationMs};
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertInvitation(tx, invitation, input.code_sha256));
  FAIRLEAD_RETURN_IF_ERROR(
      Note(deps, tx, RecordOf(audit::Action::kStaffInvited, context, invitation)));
  return invitation;
}

Result<void> RevokeInvitation(const Deps& deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const std::string& id) {
  FAIRLEAD_ASSIGN(const std::optional<Invitation> invitation,
                  deps.store.FindInvitation(tx, id, deps.clock.NowMs()));
  bool theirs = false;
  if (invitation) {
    const auto standing = CheckMayInvite(AskerOf(context.actor), invitation->agency_id);
    theirs = standing && (*standing == Standing::kAdmin || invitation->first_only);
  }
  if (!theirs) {
    return Fail(Code::kNotFound, "INVITATION_NOT_FOUND", "There is no such open invitation.");
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckMayChange(AskerOf(context.actor), invitation->roles));
  FAIRLEAD_RETURN_IF_ERROR(deps.store.DeleteInvitation(tx, id));
  return Note(deps, tx, RecordOf(audit::Action::kInvitationRevoked, context, *invitation));
}

}  // namespace fairlead::identity
