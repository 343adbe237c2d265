// That a listing is new or has changed, for those who follow the directory.
#ifndef SERVICES_DIRECTORY_COMMANDS_TELL_LISTING_H_
#define SERVICES_DIRECTORY_COMMANDS_TELL_LISTING_H_

#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

// Emits ListingChanged.
Result<void> TellListing(const Deps& deps, storage::Transaction& tx,
                         const rpc::CallContext& context, const std::string& agency_id,
                         const std::string& service_id, bool is_new);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_TELL_LISTING_H_
