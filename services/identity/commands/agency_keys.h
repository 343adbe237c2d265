// The public keys of agencies: a new epoch, and looking one up.
#ifndef SERVICES_IDENTITY_COMMANDS_AGENCY_KEYS_H_
#define SERVICES_IDENTITY_COMMANDS_AGENCY_KEYS_H_

#include <string>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

// Makes them the current keys, as a key list names them, and says so. Error:
// KEY_ALREADY_PUBLISHED.
Result<AgencyKeys> PublishKeys(const Deps& deps, storage::Transaction& tx,
                               const rpc::CallContext& context, const AgencyKeys& keys);

// `kid` when it is not empty, else `epoch` when it is not 0, else the current ones. Errors:
// AGENCY_HAS_NO_KEYS (nor is anything said about whether there is such an agency),
// KEYS_NOT_FOUND (it has others); of the current ones AGENCY_KEYS_STOPPED (suspended or departed).
Task<Result<AgencyKeys>> FindKeys(const Deps& deps, std::string agency_id, int64_t epoch,
                                  std::string kid);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_AGENCY_KEYS_H_
