#include "services/directory/index/followed_loads.h"

#include <utility>

#include "services/directory/store/load_store.h"

namespace fairlead::directory {

Result<std::shared_ptr<const AgencyLoads>> FollowedLoads::At(storage::ReadTransaction& tx) {
  FAIRLEAD_ASSIGN(const int64_t last_day, LastLoadDay(tx));
  {
    const std::lock_guard lock(mutex_);
    if (last_day_ == last_day) return loads_;
  }
  // Without the lock: whoever comes meanwhile reads the same.
  FAIRLEAD_ASSIGN(AgencyLoads read, ReadLoads(tx, last_day));
  auto loads = std::make_shared<const AgencyLoads>(std::move(read));
  const std::lock_guard lock(mutex_);
  last_day_ = last_day;
  loads_ = loads;
  return loads;
}

}  // namespace fairlead::directory
