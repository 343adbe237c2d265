// What a database that is put back must not forget: taken from the one that it replaced.
#ifndef SERVICES_REFERRAL_STORE_CARRY_OVER_STORE_H_
#define SERVICES_REFERRAL_STORE_CARRY_OVER_STORE_H_

#include <string>
#include <vector>

#include "services/common/storage/database.h"

namespace fairlead::referral {

// A case's list of agencies, as it is kept.
struct KeptList {
  std::string agency_id;
  std::string case_handle;
  std::string entries;
  int64_t version = 0;
  int64_t touch_ms = 0;
};

struct CarriedOver {
  // Destroyed, their custody keys to follow; and those of referrals that had ended.
  std::vector<std::string> packet_ids;
  // Of packets and notes that lay there: the keys of those that were not put back, versions that
  // came after the backup among them, are nobody's any more and would outlive every destruction.
  std::vector<std::string> ids_in_custody;
  std::vector<KeptList> lists;
};

// All of it: some 100 bytes for each of either.
Result<CarriedOver> ReadCarriedOver(storage::ReadTransaction& replaced);
// Queues the keys of the packets that were destroyed and of what is not here, and adds each list
// that is of a later version than the one here. The lists that are.
Result<std::vector<KeptList>> WriteCarriedOver(storage::Transaction& tx,
                                               const CarriedOver& carried);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_CARRY_OVER_STORE_H_
