// A coordinator's decisions: activate, suspend, reinstate, depart.
#ifndef SERVICES_DIRECTORY_COMMANDS_CHANGE_MEMBERSHIP_H_
#define SERVICES_DIRECTORY_COMMANDS_CHANGE_MEMBERSHIP_H_

#include <optional>
#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

struct ChangeInput {
  std::string request_id;
  std::string agency_id;
  std::string etag;
  std::optional<Membership> only_from;  // to activate and to reinstate are not the same
  Membership to = Membership::kActive;
  MembershipReason reason = MembershipReason::kNone;
};

// One step, with its line in the story and its event. A repeat of a request_id whose step is still
// the last one finds it done: what follows from it may be completed. Errors: AGENCY_NOT_FOUND,
// ETAG_MISMATCH, those of Move; to activate also FAILED_PRECONDITION SPONSORS_MISSING with metadata
// `missing` and ALREADY_EXISTS AGENCY_NAME_TAKEN; FAILED_PRECONDITION REQUEST_ID_REUSED.
Result<Agency> ChangeMembership(const Deps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const ChangeInput& input);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_CHANGE_MEMBERSHIP_H_
