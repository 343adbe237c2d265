// A backup of everything this process serves, made beside the work that goes on.
#ifndef SERVICES_HUB_BACKUP_SERVER_H_
#define SERVICES_HUB_BACKUP_SERVER_H_

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fairlead/operations/v1/backup.pb.h"
#include "services/common/backup/archive.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/result.h"
#include "services/common/rpc/method.h"
#include "services/common/storage/database.h"

namespace fairlead::hub {

namespace operations_v1 = fairlead::operations::v1;

// Where the hub's half of the backup key is.
std::string BackupKeyPath(const std::string& data_dir);

struct BackupSource {
  std::string service;  // its database is "<service>.db" in the archive
  storage::Database* database = nullptr;
};

// Implements fairlead.operations.v1.BackupService.
class BackupServer {
 public:
  // `sources`: whoever follows another's events comes before it, so that no copy has applied what
  // the other copy does not hold. All outlive it.
  BackupServer(std::string data_dir, std::vector<BackupSource> sources, IdGenerator& ids,
               const Clock& clock);
  ~BackupServer() { Stop(); }
  void Register(rpc::Registry& registry);
  // What a crash left of one: a database's plain copy, half an archive. While none is being made.
  static void DropLeftovers(const std::string& data_dir);
  // Gives up the one under way, once the database in hand is copied. Blocks.
  void Stop();

  Result<operations_v1::Backup> Start();
  Result<operations_v1::Backup> Get();

 private:
  void Run(const backup::HubKey& key, const std::string& path, int64_t now_ms);
  Result<void> Make(const backup::HubKey& key, const std::string& path, int64_t now_ms);
  Result<void> AddCopy(backup::ArchiveWriter& archive, const BackupSource& source);

  const std::string data_dir_;
  const std::vector<BackupSource> sources_;
  IdGenerator& ids_;
  const Clock& clock_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;  // of what follows
  std::optional<operations_v1::Backup> last_;
  std::thread worker_;
};

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_BACKUP_SERVER_H_
