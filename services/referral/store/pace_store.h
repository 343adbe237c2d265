// What is kept of how soon offers are answered. Every function works inside the transaction that it
// is given.
#ifndef SERVICES_REFERRAL_STORE_PACE_STORE_H_
#define SERVICES_REFERRAL_STORE_PACE_STORE_H_

#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/referral/domain/pace.h"
#include "services/referral/domain/referral.h"

namespace fairlead::referral {

// The offer's wait has ended, by an answer or (not `answered`) by its clock. What comes after the
// first changes nothing.
Result<void> PutWaitEnded(storage::Transaction& tx, const Offer& offer, bool answered,
                          int64_t now_ms);
// The service that the offer was matched for has begun.
Result<void> PutBegun(storage::Transaction& tx, const Offer& offer, int64_t now_ms);

// Offers to that agency whose wait ended after `since_ms`: the newest kMostPaceRows.
Result<std::vector<OfferPace>> PaceOf(storage::ReadTransaction& tx, const std::string& agency_id,
                                      int64_t since_ms);
// How many offers' wait ended from `from_ms` to before `to_ms`, by agency, and how many of them are
// accepted.
struct AgencyLoadSum {
  std::string agency_id;
  int64_t ended = 0;
  int64_t accepted = 0;
};
// Those with ids above `after_id`, in order.
Result<std::vector<AgencyLoadSum>> LoadsBetween(storage::ReadTransaction& tx, int64_t from_ms,
                                                int64_t to_ms, const std::string& after_id,
                                                int limit);
// Of offers that ended until then, at most `limit` of them.
Result<void> DropOldPaces(storage::Transaction& tx, int64_t before_ms, int limit);
// Agencies that are active or suspended, with ids above `after_id`, in order.
Result<std::vector<std::string>> MemberIds(storage::ReadTransaction& tx,
                                           const std::string& after_id, int limit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_PACE_STORE_H_
