// The loads of the last days, in memory.
#ifndef SERVICES_DIRECTORY_INDEX_FOLLOWED_LOADS_H_
#define SERVICES_DIRECTORY_INDEX_FOLLOWED_LOADS_H_

#include <cstdint>
#include <memory>
#include <mutex>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/load.h"

namespace fairlead::directory {

// Whoever asks reads the number of the last day in its own transaction, and the rest only when it
// is another one: a day that has been put changes no more. So all processes answer alike.
// Thread-safe.
class FollowedLoads {
 public:
  // Those that `tx` sees. Errors: the database's.
  Result<std::shared_ptr<const AgencyLoads>> At(storage::ReadTransaction& tx);

 private:
  std::mutex mutex_;
  int64_t last_day_ = 0;
  std::shared_ptr<const AgencyLoads> loads_ = std::make_shared<const AgencyLoads>();
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_FOLLOWED_LOADS_H_
