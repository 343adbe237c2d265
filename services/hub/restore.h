// Putting a backup in the place of what is there: all of it or nothing, whenever the power fails.
//
//   DATA/restore.staging/   being unpacked and looked through; nobody's, if a crash left it
//   DATA/restore.ready/     whole: from here on it is going to happen, at the next start if need be
//   DATA/replaced-TIME/     the databases that were there before
//   DATA/restored/          NAME of each service that has not started on its new database yet
//
// consent-custody.db is in no backup and stays where it is: what was destroyed stays destroyed.
#ifndef SERVICES_HUB_RESTORE_H_
#define SERVICES_HUB_RESTORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/common/backup/archive.h"
#include "services/common/base/result.h"

namespace fairlead::hub {

inline constexpr const char* kManifestName = "manifest.json";

// What a backup says of itself.
struct Manifest {
  int64_t create_ms = 0;
  std::vector<std::string> services;
};
std::string ToJson(const Manifest& manifest);

// Unpacks a backup into restore.staging and looks at every database in it. Errors: those of
// backup::Extract; BACKUP_DAMAGED, DATABASE_DAMAGED.
Result<Manifest> StageRestore(const std::string& archive_path, const backup::KeeperKey& key,
                              const std::string& data_dir);
void DropStaged(const std::string& data_dir);
// What is staged takes the place of what is there. Nobody has the databases open. Error:
// DISK_FAILED; then it is finished at the next start.
Result<void> CommitRestore(const std::string& data_dir);
// The rest of a CommitRestore that was cut short, if there was one: before anything is opened.
Result<void> FinishRestore(const std::string& data_dir);

bool IsRestoreUnfinished(const std::string& data_dir);

// Whether the service has yet to start on a database that was put back, and that it has.
bool IsAfterRestore(const std::string& data_dir, const std::string& service);
void StartedAfterRestore(const std::string& data_dir, const std::string& service);

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_RESTORE_H_
