// Who asks, as the domain rules see it.
#ifndef SERVICES_IDENTITY_COMMANDS_ASKER_H_
#define SERVICES_IDENTITY_COMMANDS_ASKER_H_

#include "services/common/auth/actor.h"
#include "services/identity/domain/staff.h"

namespace fairlead::identity {

inline Asker AskerOf(const auth::Actor& actor) {
  Asker asker;
  asker.agency_id = actor.agency_id;
  for (const auth::Role role : actor.roles) {
    asker.roles.insert(static_cast<Role>(static_cast<int>(role)));
  }
  return asker;
}

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_ASKER_H_
