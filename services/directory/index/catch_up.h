// Brings the index to where the database is.
#ifndef SERVICES_DIRECTORY_INDEX_CATCH_UP_H_
#define SERVICES_DIRECTORY_INDEX_CATCH_UP_H_

#include <memory>
#include <mutex>
#include <string>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/index/match_index.h"
#include "services/directory/store/listing_changes.h"

namespace fairlead::directory {

// An index that follows a database. Whoever asks reads the number of the last change in its own
// transaction and, when the index has not got that far, reads what is missing: so every answer
// knows of every commit that was acknowledged before it, whichever process made it. Thread-safe.
class FollowedIndex {
 public:
  // As new as what `tx` sees; or, while another thread reads what is missing, as new as it was a
  // moment ago. Before all listings have been read for the first time it reads them, or, while
  // somebody else does: UNAVAILABLE DIRECTORY_STARTING. Errors: the database's.
  Result<std::shared_ptr<const Snapshot>> At(storage::ReadTransaction& tx);

  // One page of the first reading. Each may have a transaction of its own, so that a long reading
  // holds no snapshot of the database; what changes meanwhile is caught up with by At. True: all
  // has been read. After an error it begins anew.
  Result<bool> ReadPage(storage::ReadTransaction& tx);
  // Whoever reads the pages stops: the next At reads all anew.
  void GiveUp();

 private:
  // The first reading, under way.
  struct Reading {
    IndexBatch batch;
    std::string after_id;
    int64_t version = 0;  // of the last change when it began
  };
  Result<bool> ReadPageLocked(storage::ReadTransaction& tx);
  Result<void> ReadChanges(storage::ReadTransaction& tx, int64_t version);
  void Add(const MatchableListing& one, const HolidaySets& holidays, IndexBatch& batch);

  std::mutex mutex_;  // of whoever reads what is missing
  std::unique_ptr<Reading> reading_;
  HoursPool hours_;
  MatchIndex index_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_CATCH_UP_H_
