// Somebody gets other roles, or leaves.
#ifndef SERVICES_IDENTITY_COMMANDS_CHANGE_STAFF_H_
#define SERVICES_IDENTITY_COMMANDS_CHANGE_STAFF_H_

#include <set>
#include <string>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

struct SetStaffRolesInput {
  std::string staff_id;
  std::set<Role> roles;
  std::string etag;  // empty: whatever the version
};

// Ends the person's sessions: what they may do now, they sign in for. Errors: STAFF_NOT_FOUND (not
// there, or not of the caller's agency: one answer), ETAG_MISMATCH, ALREADY_DISABLED, LAST_ADMIN,
// those of CheckRolesGrantable.
Result<Staff> SetStaffRoles(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const SetStaffRolesInput& input);

struct Disabled {
  Staff staff;
  int64_t sessions_ended = 0;
};

// Sessions, invitations, passphrase, codes and passkeys end. Errors: STAFF_NOT_FOUND,
// ALREADY_DISABLED, LAST_ADMIN.
Result<Disabled> DisableStaff(const Deps& deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const std::string& staff_id);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_CHANGE_STAFF_H_
