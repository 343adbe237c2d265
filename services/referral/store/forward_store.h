// How referrals were handed on: forward. The link between two agencies' cases stands here and
// nowhere else, and goes with the packet and the case handle.
#ifndef SERVICES_REFERRAL_STORE_FORWARD_STORE_H_
#define SERVICES_REFERRAL_STORE_FORWARD_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/storage/database.h"
#include "services/referral/domain/forward.h"
#include "services/referral/domain/referral.h"

namespace fairlead::referral {

// How that referral came about; none: it was not handed on, or it is shredded.
Result<std::optional<Forward>> FindForward(storage::ReadTransaction& tx,
                                           const std::string& referral_id);
// What that agency has made of the received referral, as far as it is not shredded.
Result<std::vector<HandedOn>> FindHandedOn(storage::ReadTransaction& tx,
                                           const std::string& from_referral_id,
                                           const std::string& by_agency_id);
Result<void> PutForward(storage::Transaction& tx, const Forward& forward);
Result<void> DropForward(storage::Transaction& tx, const std::string& referral_id);

// Fills in what that agency may know of it: its sender all, a recipient what it did itself.
Result<void> ReadForwards(storage::ReadTransaction& tx, const std::string& agency_id,
                          Referral& referral);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_FORWARD_STORE_H_
