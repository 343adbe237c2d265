// Somebody gets other roles, or leaves.
#ifndef SERVICES_IDENTITY_COMMANDS_CHANGE_STAFF_H_
#define SERVICES_IDENTITY_COMMANDS_CHANGE_STAFF_H_

#include <set>
#include <string>

#include "services/identity/commands/publish_key_list.h"

namespace fairlead::identity {

struct SetStaffRolesInput {
  std::string staff_id;
  std::set<Role> roles;
  std::string etag;  // empty: whatever the version
};

// Ends the person's sessions: what they may do now, they sign in for. Errors: STAFF_NOT_FOUND (not
// there, or not of the caller's agency: one answer), ETAG_MISMATCH, ALREADY_DISABLED, LAST_ADMIN,
// LAST_COORDINATOR, those of CheckRolesGrantable and CheckMayChange.
Result<Staff> SetStaffRoles(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const SetStaffRolesInput& input);

struct Disabled {
  Staff staff;
  int64_t sessions_ended = 0;
  bool key_change_due = false;  // the agency has keys, and the leaver may still hold them
};

// Sessions, invitations, passphrase, codes, passkeys and devices end; then `next`, the agency's
// next key list, takes force (nullptr: the keys become due for a change). All or nothing. Errors:
// STAFF_NOT_FOUND, ALREADY_DISABLED, LAST_ADMIN, LAST_COORDINATOR, ROLE_NOT_GRANTABLE, those of
// PublishKeyList: a list that still names a device of the leaver is DEVICE_NOT_FOUND.
Result<Disabled> DisableStaff(const KeyDeps& deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const std::string& staff_id,
                              const NewKeyList* next);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_CHANGE_STAFF_H_
