// First run: the coalition office and its first coordinator.
#ifndef SERVICES_IDENTITY_COMMANDS_SET_UP_H_
#define SERVICES_IDENTITY_COMMANDS_SET_UP_H_

#include <string>

#include "services/identity/commands/deps.h"
#include "services/identity/commands/set_up_code.h"

namespace fairlead::identity {

struct SetUpInput {
  std::string set_up_code;
  std::string agency_name;
  std::string sign_in_name;
  std::string display_name;
  std::string passphrase;
};

struct PreparedSetUp {
  Agency office;
  Account coordinator;
};

// At start-up: a code when nobody has been set up yet, and no code otherwise.
Result<void> OfferSetUp(const Deps& deps, SetUpCode& code, const std::string& data_dir);

// All that takes time: checks, the hash, the agency in the directory. May be repeated; the ids are
// the same each time. Errors: ALREADY_SET_UP, SET_UP_CODE_INVALID, PASSPHRASE_TOO_SHORT,
// PASSPHRASE_TOO_COMMON, those of the directory.
Task<Result<PreparedSetUp>> PrepareSetUp(const Deps& deps, const SetUpCode& code,
                                         rpc::CallContext context, SetUpInput input);

// In one transaction, once. Error: ALREADY_SET_UP.
Result<Staff> FinishSetUp(const Deps& deps, storage::Transaction& tx,
                          const PreparedSetUp& prepared);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_SET_UP_H_
