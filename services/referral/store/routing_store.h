// What is kept of where a case may not go, and of where it might go next; on both engines. Beside
// ReferralStore, whose FindDoNotRoute is the one of these that commands ask before consent is.
#ifndef SERVICES_REFERRAL_STORE_ROUTING_STORE_H_
#define SERVICES_REFERRAL_STORE_ROUTING_STORE_H_

#include <string>
#include <vector>

#include "services/common/storage/database.h"
#include "services/referral/domain/routing.h"

namespace fairlead::referral {

// Of version 0, and empty, where there is none.
Result<DoNotRoute> FindDoNotRoute(storage::ReadTransaction& tx, const std::string& agency_id,
                                  const std::string& case_handle);
// In place of the one before.
Result<void> PutDoNotRoute(storage::Transaction& tx, const DoNotRoute& list, int64_t now_ms);
// Open, matched and in-service referrals of that case, ids above `after_id`, a page at a time;
// empty: no more.
Result<std::vector<std::string>> LiveOfCase(storage::ReadTransaction& tx,
                                            const std::string& agency_id,
                                            const std::string& case_handle,
                                            const std::string& after_id);

// The latest first. Not more than the agencies that it was ever suggested to ask.
Result<std::vector<Suggestion>> FindSuggestions(storage::ReadTransaction& tx,
                                                const std::string& referral_id);
Result<void> PutSuggestion(storage::Transaction& tx, const Suggestion& suggestion);

// The referral loses its case handle: what was suggested for it goes too, and the case's list has
// been of use until the referral's end.
Result<void> LetGoOfCase(storage::Transaction& tx, const Referral& referral);
// Of the lists that were neither set nor of use since `before_ms`, the oldest first: deletes those
// of whose case no referral is known to be any more (drafts apart), and counts the others as of use
// at `now_ms`. How many it has looked at.
Result<int64_t> DropOldLists(storage::Transaction& tx, int64_t before_ms, int64_t now_ms,
                             int limit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_ROUTING_STORE_H_
