// First run: the coalition office and the invitations of its first two coordinators.
#ifndef SERVICES_IDENTITY_COMMANDS_SET_UP_H_
#define SERVICES_IDENTITY_COMMANDS_SET_UP_H_

#include <string>
#include <vector>

#include "services/identity/commands/deps.h"
#include "services/identity/commands/set_up_code.h"

namespace fairlead::identity {

struct FirstCoordinator {
  std::string display_name;
  std::string code_sha256;  // 32 bytes
};

struct SetUpInput {
  std::string set_up_code;
  std::string agency_name;
  std::vector<FirstCoordinator> coordinators;
};

// At start-up: a code when there is nobody yet, nor anybody who may still accept an invitation; no
// code otherwise.
Result<void> OfferSetUp(const Deps& deps, SetUpCode& code, const std::string& data_dir);

// Checks, and the agency in the directory. May be repeated; its ids are the same each time. Errors:
// ALREADY_SET_UP, SET_UP_CODE_INVALID, TWO_COORDINATORS_NEEDED, SAME_CODE, those of the directory.
Task<Result<Agency>> PrepareSetUp(const Deps& deps, const SetUpCode& code, rpc::CallContext context,
                                  SetUpInput input);

// In one transaction, once. Errors: ALREADY_SET_UP, SAME_CODE.
Result<std::vector<Invitation>> FinishSetUp(const Deps& deps, storage::Transaction& tx,
                                            const rpc::CallContext& context, const Agency& office,
                                            const std::vector<FirstCoordinator>& coordinators);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_SET_UP_H_
