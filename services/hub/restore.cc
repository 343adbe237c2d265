#include "services/hub/restore.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <optional>

#include "services/common/base/clock.h"
#include "services/common/base/encoding.h"
#include "services/common/base/private_file.h"
#include "services/common/base/random.h"
#include "services/common/base/strict_json.h"
#include "services/common/base/text.h"
#include "services/common/storage/database.h"

namespace fairlead::hub {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxManifestBytes = 4096;
constexpr const char* kStaging = "/restore.staging";
constexpr const char* kReady = "/restore.ready";
constexpr const char* kRestored = "/restored";
constexpr const char* kReplacedName = "replaced";
constexpr const char* kEpoch = "/keys/event-epoch";
constexpr size_t kMaxEpochBytes = 64;

tl::unexpected<Error> DiskFailed(const std::string& path) {
  return Fail(Code::kUnavailable, "DISK_FAILED", "Reading or writing " + path + " failed.",
              {{"path", path}});
}

tl::unexpected<Error> Damaged() {
  return Fail(Code::kInvalidArgument, "BACKUP_DAMAGED",
              "This backup does not hold what it should. Nothing of it is used.");
}

Result<void> Sync(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!synced) return DiskFailed(folder);
  return {};
}

Result<void> MakeFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return DiskFailed(path);
  return {};
}

Result<void> Move(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return DiskFailed(from);
  return {};
}

// What cannot be looked at is taken to be there: it is safer to do again what a restore asks for.
bool IsThere(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

std::optional<Manifest> ParseManifest(std::string_view json) {
  const Result<boost::json::value> value = ParseStrictJson(json, kMaxManifestBytes, 3);
  if (!value || !value->is_object()) return std::nullopt;
  const boost::json::object& object = value->get_object();
  const boost::json::value* created = object.if_contains("create_ms");
  const boost::json::value* services = object.if_contains("services");
  if (created == nullptr || !created->is_int64()) return std::nullopt;
  if (services == nullptr || !services->is_array()) return std::nullopt;
  Manifest manifest{.create_ms = created->get_int64(), .services = {}};
  for (const boost::json::value& service : services->get_array()) {
    const bool known = service.is_string() && Contains(BackedUpServices(), service.get_string());
    if (!known) return std::nullopt;
    manifest.services.emplace_back(service.get_string());
  }
  return manifest;
}

Result<Manifest> ReadManifest(const std::string& folder) {
  const std::string path = folder + "/" + kManifestName;
  FAIRLEAD_ASSIGN(const std::string json, ReadPrivateFile(path, kMaxManifestBytes));
  std::optional<Manifest> manifest = ParseManifest(json);
  if (!manifest) return Damaged();
  return *std::move(manifest);
}

// Which keys are still to be destroyed stands in the referral database of before.
Result<void> CheckReplaced(const std::string& data_dir) {
  const std::string old = data_dir + "/referral.db";
  if (!IsThere(old) || storage::CheckCopy(old)) return {};
  for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
    const std::string custody = data_dir + "/consent-custody.db" + ending;
    if (::unlink(custody.c_str()) != 0 && errno != ENOENT) return DiskFailed(custody);
  }
  return {};
}

Result<void> Mark(const std::string& data_dir, const std::string& service,
                  const std::string& replaced_name) {
  return ReplacePrivateFile(data_dir + kRestored + ("/" + service), replaced_name);
}

Result<void> BeginEpoch(const std::string& data_dir) {
  return ReplacePrivateFile(data_dir + kEpoch, HexEncode(SystemRandom().Bytes(16)));
}

// Old out, new in. Whatever of it was done before a crash stays done.
Result<void> Swap(const std::string& data_dir, const std::string& service,
                  const std::string& replaced) {
  const std::string file = "/" + service + ".db";
  const std::string put_back = data_dir + kReady + file;
  if (!IsThere(put_back)) return {};  // done
  // The journal first: without its database it is nothing, with another's it would be read as its.
  for (const char* ending : {"-wal", "-shm", ""}) {
    const std::string old = data_dir + file + ending;
    if (IsThere(old)) FAIRLEAD_RETURN_IF_ERROR(Move(old, replaced + file + ending));
  }
  // One that was put back and never started on has nothing that the one before it has not.
  if (!IsAfterRestore(data_dir, service)) {
    FAIRLEAD_RETURN_IF_ERROR(Mark(data_dir, service, fs::path(replaced).filename().string()));
  }
  return Move(put_back, data_dir + file);
}

}  // namespace

const std::vector<std::string>& BackedUpServices() {
  static const std::vector<std::string> services = {"directory", "identity",  "consent",
                                                    "referral",  "messaging", "audit"};
  return services;
}

std::string ToJson(const Manifest& manifest) {
  boost::json::array services(manifest.services.begin(), manifest.services.end());
  return boost::json::serialize(
      boost::json::object{{"create_ms", manifest.create_ms}, {"services", std::move(services)}});
}

Result<DatabaseLocks> DatabaseLocks::Take(const std::string& data_dir) {
  DatabaseLocks locks;
  for (const std::string& service : BackedUpServices()) {
    const std::string path = data_dir + "/" + service + ".db.lock";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return DiskFailed(path);
    locks.fds_.push_back(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      return Fail(Code::kFailedPrecondition, "DATA_FOLDER_IN_USE",
                  "A hub runs on " + data_dir + ". Stop it first.");
    }
  }
  return locks;
}

DatabaseLocks::~DatabaseLocks() {
  for (const int fd : fds_) ::close(fd);
}

Result<Manifest> Unpack(const std::string& archive_path, const backup::KeeperKey& key,
                        const std::string& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  FAIRLEAD_RETURN_IF_ERROR(MakeFolder(folder));
  FAIRLEAD_ASSIGN(const std::vector<backup::Entry> entries,
                  backup::Extract(archive_path, key, folder));
  FAIRLEAD_ASSIGN(Manifest manifest, ReadManifest(folder));
  // All of them or none: one database beside others of another time is neither.
  if (SortedUnique(manifest.services) != SortedUnique(BackedUpServices())) return Damaged();
  if (entries.size() != BackedUpServices().size() + 1) return Damaged();
  for (const std::string& service : manifest.services) {
    FAIRLEAD_RETURN_IF_ERROR(storage::CheckCopy(folder + "/" + service + ".db"));
  }
  FAIRLEAD_RETURN_IF_ERROR(Sync(folder));
  return manifest;
}

Result<Manifest> StageRestore(const std::string& archive_path, const backup::KeeperKey& key,
                              const std::string& data_dir) {
  return Unpack(archive_path, key, data_dir + kStaging);
}

void DropStaged(const std::string& data_dir) {
  std::error_code ignored;
  fs::remove_all(data_dir + kStaging, ignored);
}

Result<void> CommitRestore(const std::string& data_dir, const DatabaseLocks& locks) {
  FAIRLEAD_RETURN_IF_ERROR(CheckReplaced(data_dir));
  const std::string name = kReplacedName + ("-" + FormatTime(SystemClock().NowMs()));
  FAIRLEAD_RETURN_IF_ERROR(
      ReplacePrivateFile(data_dir + kStaging + ("/" + std::string(kReplacedName)), name));
  FAIRLEAD_RETURN_IF_ERROR(Move(data_dir + kStaging, data_dir + kReady));
  FAIRLEAD_RETURN_IF_ERROR(Sync(data_dir));
  return FinishRestore(data_dir, locks);
}

Result<void> FinishRestore(const std::string& data_dir, const DatabaseLocks&) {
  const std::string ready = data_dir + kReady;
  if (!IsThere(ready)) return {};
  FAIRLEAD_ASSIGN(const Manifest manifest, ReadManifest(ready));
  FAIRLEAD_ASSIGN(const std::string name,
                  ReadPrivateFile(ready + "/" + kReplacedName, kMaxManifestBytes));
  const std::string replaced = data_dir + "/" + name;
  FAIRLEAD_RETURN_IF_ERROR(MakeFolder(replaced));
  FAIRLEAD_RETURN_IF_ERROR(MakeFolder(data_dir + kRestored));
  FAIRLEAD_RETURN_IF_ERROR(MakeFolder(data_dir + "/keys"));
  FAIRLEAD_RETURN_IF_ERROR(BeginEpoch(data_dir));
  for (const std::string& service : manifest.services) {
    FAIRLEAD_RETURN_IF_ERROR(Swap(data_dir, service, replaced));
  }
  FAIRLEAD_RETURN_IF_ERROR(Sync(replaced));
  FAIRLEAD_RETURN_IF_ERROR(Sync(data_dir));
  // Out of the way at once, so that half of it is never taken for something to be finished.
  DropStaged(data_dir);
  FAIRLEAD_RETURN_IF_ERROR(Move(ready, data_dir + kStaging));
  FAIRLEAD_RETURN_IF_ERROR(Sync(data_dir));
  DropStaged(data_dir);
  return {};
}

bool IsRestoreUnfinished(const std::string& data_dir) { return IsThere(data_dir + kReady); }

bool IsAfterRestore(const std::string& data_dir, const std::string& service) {
  return IsThere(data_dir + kRestored + ("/" + service));
}

void StartedAfterRestore(const std::string& data_dir, const std::string& service) {
  ::unlink((data_dir + kRestored + ("/" + service)).c_str());
}

Result<void> MarkRestored(const std::string& data_dir) {
  FAIRLEAD_RETURN_IF_ERROR(MakeFolder(data_dir + kRestored));
  FAIRLEAD_RETURN_IF_ERROR(BeginEpoch(data_dir));
  for (const std::string& service : BackedUpServices()) {
    FAIRLEAD_RETURN_IF_ERROR(Mark(data_dir, service, ""));
  }
  return Sync(data_dir + kRestored);
}

Result<std::string> ReplacedFolder(const std::string& data_dir, const std::string& service) {
  if (!IsAfterRestore(data_dir, service)) return std::string();
  FAIRLEAD_ASSIGN(const std::string name,
                  ReadPrivateFile(data_dir + kRestored + ("/" + service), kMaxManifestBytes));
  return name.empty() ? name : data_dir + "/" + name;
}

Result<std::string> EventEpoch(const std::string& data_dir) {
  if (!IsThere(data_dir + kEpoch)) return std::string();
  return ReadPrivateFile(data_dir + kEpoch, kMaxEpochBytes);
}

}  // namespace fairlead::hub
