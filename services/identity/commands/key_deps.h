// What the commands about keys work with. The referenced things outlive every command.
#ifndef SERVICES_IDENTITY_COMMANDS_KEY_DEPS_H_
#define SERVICES_IDENTITY_COMMANDS_KEY_DEPS_H_

#include "services/identity/commands/deps.h"
#include "services/identity/store/key_store.h"

namespace fairlead::identity {

struct KeyDeps {
  const Deps& base;
  const KeyStore& keys;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_KEY_DEPS_H_
