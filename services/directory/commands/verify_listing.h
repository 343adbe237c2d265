// Somebody who knows says that a listing is still so; and whoever should, and has not, is reminded.
#ifndef SERVICES_DIRECTORY_COMMANDS_VERIFY_LISTING_H_
#define SERVICES_DIRECTORY_COMMANDS_VERIFY_LISTING_H_

#include <cstdint>
#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"
#include "services/directory/store/verification_store.h"

namespace fairlead::directory {

inline constexpr int kRemindersPerRun = 200;

// Emits ListingChanged `verified`. Error: SERVICE_NOT_FOUND.
Result<ListingVerification> VerifyListing(const Deps& deps, storage::Transaction& tx,
                                          const rpc::CallContext& context,
                                          const std::string& service_id);

// Whose listings are asked about: the caller's own, or those of `agency_id` for whoever may.
// Error: NOT_YOUR_AGENCY.
Result<std::string> AgencyToVerify(const rpc::CallContext& context, const std::string& agency_id);

// Emits ListingChanged `verification_due` or `verification_overdue` for at most kRemindersPerRun
// listings, each once; says how many it looked at. What fell due while nobody ran it is told then,
// and of one that is both due and overdue by then only the latter.
Result<int64_t> RemindOfVerifications(const Deps& deps, storage::Transaction& tx);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_VERIFY_LISTING_H_
