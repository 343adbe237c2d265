// An agency asks to become a member.
#ifndef SERVICES_DIRECTORY_COMMANDS_APPLY_FOR_MEMBERSHIP_H_
#define SERVICES_DIRECTORY_COMMANDS_APPLY_FOR_MEMBERSHIP_H_

#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

// Anybody may apply, so this many wait at a time and no more.
inline constexpr int64_t kMaxApplications = 100;

struct ApplyInput {
  std::string request_id;
  std::string name;
  AgencyKind kind = AgencyKind::kOther;
  std::string contact_phone;  // E.164
};

// Emits AgencyChanged. Nothing in the answer depends on who is a member already. Errors:
// INVALID_ARGUMENT INVALID_NAME, AGENCY_KIND_NOT_OPEN; RESOURCE_EXHAUSTED TOO_MANY_APPLICATIONS.
Result<Agency> ApplyForMembership(const Deps& deps, storage::Transaction& tx,
                                  const rpc::CallContext& context, const ApplyInput& input);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_APPLY_FOR_MEMBERSHIP_H_
