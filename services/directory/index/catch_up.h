// Brings the matching index to where the database is.
#ifndef SERVICES_DIRECTORY_INDEX_CATCH_UP_H_
#define SERVICES_DIRECTORY_INDEX_CATCH_UP_H_

#include <memory>
#include <mutex>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/index/match_index.h"

namespace fairlead::directory {

// An index that follows a database. Whoever asks reads the number of the last change in its own
// transaction and, when the index has not got that far, reads what is missing: so every answer
// knows of every commit that was acknowledged before it, whichever process made it. Thread-safe.
class FollowedIndex {
 public:
  // At least as new as what `tx` sees. Waits while another thread reads what is missing; but while
  // the first reading of all listings goes on: UNAVAILABLE DIRECTORY_STARTING. Errors: the
  // database's.
  Result<std::shared_ptr<const Snapshot>> At(storage::ReadTransaction& tx);

  std::shared_ptr<const Snapshot> snapshot() const { return index_.snapshot(); }

 private:
  Result<void> ReadAll(storage::ReadTransaction& tx, int64_t version);
  Result<void> ReadChanges(storage::ReadTransaction& tx, int64_t version);

  std::mutex mutex_;  // of whoever reads what is missing
  HoursPool hours_;
  MatchIndex index_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_CATCH_UP_H_
