// What is kept of follow-ups. Every function works inside the transaction that it is given.
#ifndef SERVICES_REFERRAL_STORE_FOLLOW_UP_STORE_H_
#define SERVICES_REFERRAL_STORE_FOLLOW_UP_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/referral/domain/follow_up.h"

namespace fairlead::referral {

// Values of fairlead.referral.v1.FollowUpBox.
enum class FollowUpBox { kDue = 1, kLater = 2, kDone = 3 };

// Where a page begins: after this follow-up in the order of its box.
struct FollowUpPlace {
  int64_t ms = 0;  // when due; of those that are done, when recorded
  std::string referral_id;
  FollowUpPoint point = FollowUpPoint::kDay1;
};

struct FollowUpQuery {
  std::string agency_id;
  FollowUpBox box = FollowUpBox::kDue;
  int64_t now_ms = 0;
  std::optional<FollowUpPlace> after;
  int limit = 25;
};

// The three that a service owes which began at `start_ms`.
Result<void> PutFollowUpsOwed(storage::Transaction& tx, const std::string& referral_id,
                              const std::string& agency_id, int64_t start_ms);
// All of a referral that are owed or recorded, in order.
Result<std::vector<FollowUp>> FollowUpsOf(storage::ReadTransaction& tx,
                                          const std::string& referral_id);
// With their sender and need.
Result<std::vector<FollowUp>> FindFollowUps(storage::ReadTransaction& tx,
                                            const FollowUpQuery& query);
// What was recorded, and that it needs telling no more.
Result<void> UpdateFollowUp(storage::Transaction& tx, const FollowUp& follow_up);
// What was not recorded is owed no more: of a referral, or of an agency that has left.
Result<void> EndFollowUpsOf(storage::Transaction& tx, const std::string& referral_id);
Result<void> EndFollowUpsOwedBy(storage::Transaction& tx, const std::string& agency_id);

// Whether there is one that is due and of which nobody was told. One look into an index.
Result<bool> IsFollowUpDue(storage::ReadTransaction& tx, int64_t now_ms);
// Those, by when they were due.
Result<std::vector<FollowUp>> FollowUpsToTell(storage::ReadTransaction& tx, int64_t now_ms,
                                              int limit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_FOLLOW_UP_STORE_H_
