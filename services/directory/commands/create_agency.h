// An agency that the hub itself makes: the coalition office, and the demonstration's.
#ifndef SERVICES_DIRECTORY_COMMANDS_CREATE_AGENCY_H_
#define SERVICES_DIRECTORY_COMMANDS_CREATE_AGENCY_H_

#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

struct CreateAgencyInput {
  std::string agency_id;  // "": the hub makes one
  std::string name;
  AgencyKind kind = AgencyKind::kOther;
};

// Active at once, without sponsors: who else wants to be a member applies
// (apply_for_membership.h). Emits AgencyChanged. Errors: AGENCY_EXISTS, INVALID_NAME (nothing but
// blanks).
Result<Agency> CreateAgency(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const CreateAgencyInput& input);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_CREATE_AGENCY_H_
