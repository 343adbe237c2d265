// Putting a backup in the place of what is there: all of it or nothing, whenever the power fails.
//
//   DATA/restore.staging/   being unpacked and looked through; nobody's, if a crash left it
//   DATA/restore.ready/     whole: from here on it is going to happen, at the next start if need be
//   DATA/replaced-TIME/     the databases that were there before
//   DATA/restored/          NAME of each service that has not started on its new database yet, and
//                           in it the folder's name above
//
// consent-custody.db is in no backup and stays where it is: what was destroyed stays destroyed.
// What was still to be destroyed the referral service takes from the database of before; where that
// one cannot be read, custody goes too, and with it every key.
#ifndef SERVICES_HUB_RESTORE_H_
#define SERVICES_HUB_RESTORE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "services/common/backup/archive.h"
#include "services/common/base/result.h"

namespace fairlead::hub {

inline constexpr const char* kManifestName = "manifest.json";

// Whose databases make a backup: all of them or none.
const std::vector<std::string>& BackedUpServices();

// What a backup says of itself.
struct Manifest {
  int64_t create_ms = 0;
  std::vector<std::string> services;
};
std::string ToJson(const Manifest& manifest);

// Every database of the folder, locked as whoever opens one locks it: held, nobody has one open or
// can open it.
class DatabaseLocks {
 public:
  // Error: FAILED_PRECONDITION DATA_FOLDER_IN_USE.
  static Result<DatabaseLocks> Take(const std::string& data_dir);
  DatabaseLocks(DatabaseLocks&& other) noexcept : fds_(std::exchange(other.fds_, {})) {}
  DatabaseLocks& operator=(DatabaseLocks&&) = delete;
  ~DatabaseLocks();

 private:
  DatabaseLocks() = default;
  std::vector<int> fds_;
};

// Unpacks a backup into `folder`, which is made anew, and looks at every database in it. Errors:
// those of backup::Extract; BACKUP_DAMAGED, DATABASE_DAMAGED.
Result<Manifest> Unpack(const std::string& archive_path, const backup::KeeperKey& key,
                        const std::string& folder);
// The same into restore.staging.
Result<Manifest> StageRestore(const std::string& archive_path, const backup::KeeperKey& key,
                              const std::string& data_dir);
void DropStaged(const std::string& data_dir);
// What is staged takes the place of what is there. Error: DISK_FAILED; then it is finished at the
// next start.
Result<void> CommitRestore(const std::string& data_dir, const DatabaseLocks& locks);
// The rest of a CommitRestore that was cut short, if there was one.
Result<void> FinishRestore(const std::string& data_dir, const DatabaseLocks& locks);
bool IsRestoreUnfinished(const std::string& data_dir);
// For databases that were put back by other means (PostgreSQL's): the next start is the first one
// on them.
Result<void> MarkRestored(const std::string& data_dir);

// Whether the service has yet to start on a database that was put back, and that it has.
bool IsAfterRestore(const std::string& data_dir, const std::string& service);
void StartedAfterRestore(const std::string& data_dir, const std::string& service);
// The folder with the databases of before; empty: there is none.
Result<std::string> ReplacedFolder(const std::string& data_dir, const std::string& service);
// Another after each restore; empty before the first. What is in Redis of the time before does not
// count after it.
Result<std::string> EventEpoch(const std::string& data_dir);

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_RESTORE_H_
