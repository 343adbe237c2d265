// An agency's administrator lets a system in, or keeps it out.
#ifndef SERVICES_IDENTITY_COMMANDS_MANAGE_MACHINES_H_
#define SERVICES_IDENTITY_COMMANDS_MANAGE_MACHINES_H_

#include <string>

#include "services/identity/commands/machine_deps.h"

namespace fairlead::identity {

struct CreateMachineInput {
  std::string label;
  std::string signing_jwk;         // one of the two at least
  std::string certificate_sha256;  // base64url
};

// Of the caller's agency, which is `agency` unless an event has said more of it meanwhile. Errors:
// CREDENTIAL_NEEDED, INVALID_KEY, AGENCY_NOT_ACTIVE, MACHINE_CREDENTIAL_IN_USE,
// TOO_MANY_MACHINE_CLIENTS.
Result<MachineClient> CreateMachine(const MachineDeps& deps, storage::Transaction& tx,
                                    const rpc::CallContext& context,
                                    const CreateMachineInput& input, const Agency& agency);

// For good. Errors: MACHINE_CLIENT_NOT_FOUND (not there, or not of the caller's agency: one
// answer), ALREADY_DISABLED.
Result<MachineClient> DisableMachine(const MachineDeps& deps, storage::Transaction& tx,
                                     const rpc::CallContext& context, const std::string& id);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_MANAGE_MACHINES_H_
