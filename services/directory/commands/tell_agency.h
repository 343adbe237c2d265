// Says that an agency was made or has changed: AgencyChanged and the line of the audit trail, in
// the transaction of the change.
#ifndef SERVICES_DIRECTORY_COMMANDS_TELL_AGENCY_H_
#define SERVICES_DIRECTORY_COMMANDS_TELL_AGENCY_H_

#include <string>

#include "services/common/audit/audit.h"
#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

// `change`: created, changed. For the agency's own people to hear.
Result<void> TellAgencyChanged(const Deps& deps, storage::Transaction& tx,
                               const rpc::CallContext& context, const Agency& agency,
                               const std::string& change, audit::Action action);

// A name of nothing but blanks: INVALID_ARGUMENT INVALID_NAME.
Result<void> CheckAgencyName(const std::string& name);

// One answer for "not there" and "not for you": NOT_FOUND AGENCY_NOT_FOUND.
tl::unexpected<Error> AgencyNotFound();
Result<Agency> GetAgencyById(const Deps& deps, storage::ReadTransaction& tx,
                             const std::string& agency_id);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_TELL_AGENCY_H_
