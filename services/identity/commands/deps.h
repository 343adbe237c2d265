// What the commands of identity work with. The referenced things outlive every command.
#ifndef SERVICES_IDENTITY_COMMANDS_DEPS_H_
#define SERVICES_IDENTITY_COMMANDS_DEPS_H_

#include <string>

#include "services/common/audit/denials.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/base/task.h"
#include "services/common/rpc/call_context.h"
#include "services/common/storage/database.h"
#include "services/identity/commands/hash_pool.h"
#include "services/identity/commands/secret_box.h"
#include "services/identity/domain/staff.h"
#include "services/identity/store/access_store.h"
#include "services/identity/store/identity_store.h"

namespace fairlead::identity {

// What identity asks of the directory, which owns agencies.
class AgencySource {
 public:
  virtual ~AgencySource() = default;
  // Errors: those of directory.GetAgency (AGENCY_NOT_FOUND) and of the channel.
  virtual Task<Result<Agency>> Get(rpc::CallContext context, std::string agency_id) = 0;
  // Makes the first agency under the ids of `pending`, or finds that it was made already.
  virtual Task<Result<Agency>> CreateCoalitionOffice(rpc::CallContext context, PendingSetUp pending,
                                                     std::string name) = 0;
};

struct PasskeyTools;  // passkey_tools.h

struct Deps {
  storage::Database& database;
  const IdentityStore& store;
  const AccessStore& access;
  AgencySource& agencies;
  HashPool& hashes;
  const SecretBox& secrets;
  const Clock& clock;
  Random& random;
  IdGenerator& ids;
  const PasskeyTools* passkeys = nullptr;  // nullptr: without passkeys (some tests)
  // Where refusals go that name nobody of ours: counted, not a row each. nullptr: nowhere (some
  // tests).
  audit::DenialWriter* denials = nullptr;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_DEPS_H_
