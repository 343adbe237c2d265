// What the commands of the directory work with. The referenced things outlive every command.
#ifndef SERVICES_DIRECTORY_COMMANDS_DEPS_H_
#define SERVICES_DIRECTORY_COMMANDS_DEPS_H_

#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/storage/database.h"
#include "services/directory/store/capacity_store.h"
#include "services/directory/store/directory_store.h"
#include "services/directory/store/membership_store.h"

namespace fairlead::directory {

struct Deps {
  storage::Database& database;
  const DirectoryStore& store;
  const MembershipStore& memberships;
  const Clock& clock;
  IdGenerator& ids;
  const CapacityStore& capacities;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_DEPS_H_
