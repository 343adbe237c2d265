// An agency, from identity's own copy or, when no event has brought it yet, from the directory.
#ifndef SERVICES_IDENTITY_COMMANDS_FIND_AGENCY_H_
#define SERVICES_IDENTITY_COMMANDS_FIND_AGENCY_H_

#include <string>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

// An answer of the directory is kept. Errors: AGENCY_NOT_FOUND; those of the channel.
Task<Result<Agency>> FindAgency(const Deps& deps, rpc::CallContext context, std::string agency_id);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_FIND_AGENCY_H_
