// A member vouches for an applicant.
#ifndef SERVICES_DIRECTORY_COMMANDS_SPONSOR_AGENCY_H_
#define SERVICES_DIRECTORY_COMMANDS_SPONSOR_AGENCY_H_

#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

struct Sponsored {
  Agency agency;
  int missing = 0;  // how many more words it needs
};

// An administrator for the own agency; a coordinator of the office while too few members could.
// The last word that is needed makes the agency sponsored; emits AgencyChanged with each. Errors:
// PERMISSION_DENIED ROLE_NOT_ALLOWED, AGENCY_NOT_ACTIVE (the sponsor's, as it stands now);
// AGENCY_NOT_FOUND; those of CheckSponsor; ETAG_MISMATCH.
Result<Sponsored> SponsorAgency(const Deps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const std::string& request_id,
                                const std::string& agency_id, const std::string& etag);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_SPONSOR_AGENCY_H_
