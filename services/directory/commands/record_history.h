// Keeps what a change of a document has changed, in the transaction of the change.
#ifndef SERVICES_DIRECTORY_COMMANDS_RECORD_HISTORY_H_
#define SERVICES_DIRECTORY_COMMANDS_RECORD_HISTORY_H_

#include <boost/json/object.hpp>
#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"
#include "services/directory/store/history_store.h"

namespace fairlead::directory {

// As what the caller acts on a record of that agency: agency_admin, coordinator, integration.
std::string ActingRole(const auth::Actor& actor, const std::string& agency_id);

// `before` and `after`: as they are kept (empty before: it is new, and there is nothing to tell).
// Changes of before take the tiers that `after` has. `hides_places`: the agency has something
// confidential (HasConfidential), and any value may be about where it is: kept is which fields of
// the document itself have changed.
Result<void> RecordHistory(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const HistoryOwner& owner,
                           const boost::json::object& before, const boost::json::object& after,
                           bool hides_places);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_RECORD_HISTORY_H_
