// What the commands about machine clients work with. The referenced things outlive every command.
#ifndef SERVICES_IDENTITY_COMMANDS_MACHINE_DEPS_H_
#define SERVICES_IDENTITY_COMMANDS_MACHINE_DEPS_H_

#include "services/common/audit/denials.h"
#include "services/identity/commands/deps.h"
#include "services/identity/store/machine_store.h"

namespace fairlead::identity {

struct MachineDeps {
  const Deps& base;
  const MachineStore& machines;
  audit::DenialWriter& refusals;  // what a known client was refused
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_MACHINE_DEPS_H_
