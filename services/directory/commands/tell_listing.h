// Says what has happened to a listing: ListingChanged, in the transaction of it, for its agency.
#ifndef SERVICES_DIRECTORY_COMMANDS_TELL_LISTING_H_
#define SERVICES_DIRECTORY_COMMANDS_TELL_LISTING_H_

#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

// `change`: as in the contract (events.proto, ListingChanged). `for_coordinators`: they hear too.
Result<void> TellListingChanged(const Deps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const std::string& agency_id,
                                const std::string& service_id, const std::string& change,
                                bool for_coordinators = false);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_TELL_LISTING_H_
