// A one-time link for a colleague to be, and taking it back.
#ifndef SERVICES_IDENTITY_COMMANDS_INVITE_STAFF_H_
#define SERVICES_IDENTITY_COMMANDS_INVITE_STAFF_H_

#include <set>
#include <string>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

struct InviteStaffInput {
  std::string agency_id;
  std::string display_name;
  std::set<Role> roles;
  std::string code_sha256;  // 32 bytes
};

// Permission, and the agency. Errors: NOT_YOUR_AGENCY, AGENCY_NOT_FOUND.
Task<Result<Agency>> PrepareInvitation(const Deps& deps, rpc::CallContext context,
                                       std::string agency_id);

// The rules that hang on what is there, inside the transaction. Errors: AGENCY_NOT_ACTIVE,
// AGENCY_HAS_STAFF, FIRST_STAFF_IS_ADMIN, ROLE_NEEDS_COALITION_OFFICE, ROLE_NEEDS_HOTLINE_AGENCY,
// ROLE_NOT_GRANTABLE, ROLES_CONFLICT, SAME_CODE, TOO_MANY_INVITATIONS.
Result<Invitation> InviteStaff(const Deps& deps, storage::Transaction& tx,
                               const rpc::CallContext& context, const InviteStaffInput& input,
                               const Agency& agency);

// Errors: INVITATION_NOT_FOUND (not there, not open any more, or not yours: one answer),
// ROLE_NOT_GRANTABLE.
Result<void> RevokeInvitation(const Deps& deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const std::string& id);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_INVITE_STAFF_H_
