// A new person at an agency.
#ifndef SERVICES_IDENTITY_COMMANDS_CREATE_STAFF_H_
#define SERVICES_IDENTITY_COMMANDS_CREATE_STAFF_H_

#include <set>
#include <string>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

struct CreateStaffInput {
  std::string agency_id;
  std::string sign_in_name;
  std::string display_name;
  std::set<Role> roles;
  std::string passphrase;
};

// Who asks, as the domain rules see it.
Asker AskerOf(const auth::Actor& actor);

// Checks and hashes. Errors: NOT_YOUR_AGENCY, AGENCY_NOT_FOUND, AGENCY_DEPARTED,
// ROLE_NOT_GRANTABLE, ROLE_NEEDS_COALITION_OFFICE, PASSPHRASE_TOO_SHORT, PASSPHRASE_TOO_COMMON,
// SIGN_IN_BUSY.
Task<Result<Account>> PrepareStaff(const Deps& deps, rpc::CallContext context,
                                   CreateStaffInput input);

// Error: SIGN_IN_NAME_TAKEN.
Result<Staff> InsertStaff(const Deps& deps, storage::Transaction& tx, const Account& account);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_CREATE_STAFF_H_
