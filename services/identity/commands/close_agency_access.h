// An agency is suspended or has departed: its people are out before this is answered.
#ifndef SERVICES_IDENTITY_COMMANDS_CLOSE_AGENCY_ACCESS_H_
#define SERVICES_IDENTITY_COMMANDS_CLOSE_AGENCY_ACCESS_H_

#include <string>

#include "services/common/audit/audit.h"
#include "services/identity/commands/deps.h"

namespace fairlead::identity {

struct CloseAgencyAccessInput {
  std::string agency_id;
  std::string membership;  // "suspended", "departed"
  int64_t version = 0;     // AgencyChanged.version of this change
};

// Says how many sessions ended; none when a later change is known already. From then on identity's
// copy says so too, the agency's current keys are not given out, and its machine clients are
// disabled for good: an agency that is reinstated says anew which of its systems it trusts. Errors:
// AGENCY_NOT_FOUND, MEMBERSHIP_NOT_CLOSED (another membership than the two).
Task<Result<int64_t>> CloseAgencyAccess(const Deps& deps, rpc::CallContext context,
                                        CloseAgencyAccessInput input);

// The same in a transaction, for an agency that is closed at a version newer than the one known:
// how many sessions ended.
Result<int64_t> ShutOut(const Deps& deps, storage::Transaction& tx, const audit::By& by,
                        const Agency& agency);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_CLOSE_AGENCY_ACCESS_H_
