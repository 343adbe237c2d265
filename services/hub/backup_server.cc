#include "services/hub/backup_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <functional>
#include <utility>

#include "services/common/audit/audit.h"
#include "services/common/base/private_file.h"
#include "services/common/base/task.h"
#include "services/common/rpc/proto_time.h"
#include "services/common/telemetry/log.h"
#include "services/hub/restore.h"

namespace fairlead::hub {
namespace {

// The largest copy lies beside the archive: twice as much as the databases is enough, whatever they
// hold.
constexpr uintmax_t kRoomFactor = 2;
constexpr std::string_view kCopyPrefix = "backup-";

// A full disk would stop the hub that is backed up.
Result<void> CheckRoom(const std::string& data_dir, const std::vector<BackupSource>& sources) {
  std::error_code failed;
  uintmax_t needed = 0;
  for (const BackupSource& source : sources) {
    const std::string file = data_dir + "/" + source.service + ".db";
    const uintmax_t size = std::filesystem::file_size(file, failed);
    if (!failed) needed += kRoomFactor * size;
  }
  const std::filesystem::space_info disk = std::filesystem::space(data_dir, failed);
  if (failed || disk.available > needed) return {};
  return Fail(Code::kResourceExhausted, "DISK_TOO_FULL",
              "The disk has no room for a backup: remove old ones from backups/ first.",
              {{"needed_bytes", std::to_string(needed)},
               {"available_bytes", std::to_string(disk.available)}});
}

// "2026-11-27T12:00:00Z" → "20261127T120000Z".
std::string Stamp(int64_t now_ms) {
  std::string stamp = FormatTime(now_ms);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return stamp;
}

Result<backup::HubKey> ReadKey(const std::string& data_dir) {
  const Result<std::string> json =
      ReadPrivateFile(BackupKeyPath(data_dir), backup::kMaxKeyFileBytes);
  if (!json && json.error().reason == "PRIVATE_FILE_MISSING") {
    return Fail(Code::kFailedPrecondition, "BACKUP_KEY_MISSING",
                "This hub has no backup key yet: fairlead admin backup-key makes one.");
  }
  if (!json) return Fail(json.error());
  return backup::ParseHubKey(*json);
}

}  // namespace

std::string BackupKeyPath(const std::string& data_dir) { return data_dir + "/keys/backup.key"; }

BackupServer::BackupServer(std::string data_dir, std::vector<BackupSource> sources,
                           IdGenerator& ids, const Clock& clock)
    : data_dir_(std::move(data_dir)), sources_(std::move(sources)), ids_(ids), clock_(clock) {}

void BackupServer::Register(rpc::Registry& registry) {
  using operations_v1::GetBackupRequest;
  using operations_v1::GetBackupResponse;
  using operations_v1::StartBackupRequest;
  using operations_v1::StartBackupResponse;
  rpc::Add<StartBackupRequest, StartBackupResponse>(
      registry, "/fairlead.operations.v1.BackupService/StartBackup",
      [this](rpc::CallContext, const StartBackupRequest&) -> Task<Result<StartBackupResponse>> {
        Result<operations_v1::Backup> begun = Start();
        if (!begun) co_return Fail(std::move(begun.error()));
        StartBackupResponse response;
        *response.mutable_backup() = std::move(*begun);
        co_return response;
      });
  rpc::Add<GetBackupRequest, GetBackupResponse>(
      registry, "/fairlead.operations.v1.BackupService/GetBackup",
      [this](rpc::CallContext, const GetBackupRequest&) -> Task<Result<GetBackupResponse>> {
        Result<operations_v1::Backup> last = Get();
        if (!last) co_return Fail(std::move(last.error()));
        GetBackupResponse response;
        *response.mutable_backup() = std::move(*last);
        co_return response;
      });
}

void BackupServer::DropLeftovers(const std::string& data_dir) {
  std::error_code ignored;
  for (const char* folder : {"/run", "/backups"}) {
    for (const auto& entry : std::filesystem::directory_iterator(data_dir + folder, ignored)) {
      const std::string name = entry.path().filename().string();
      const bool is_copy = name.starts_with(kCopyPrefix) && name.ends_with(".db");
      if (is_copy || entry.path().extension() == ".unfinished") ::unlink(entry.path().c_str());
    }
  }
}

void BackupServer::Stop() {
  stopping_ = true;
  std::thread worker;
  {
    const std::lock_guard lock(mutex_);
    worker = std::move(worker_);
  }
  if (worker.joinable()) worker.join();
}

Result<operations_v1::Backup> BackupServer::Get() {
  const std::lock_guard lock(mutex_);
  if (!last_) {
    return Fail(Code::kNotFound, "BACKUP_NOT_FOUND",
                "No backup was begun since this process started.");
  }
  return *last_;
}

Result<operations_v1::Backup> BackupServer::Start() {
  if (sources_.size() != BackedUpServices().size()) {
    return Fail(Code::kFailedPrecondition, "BACKUP_NOT_WHOLE",
                "This process serves a part of the hub, and a backup of a part is none: services "
                "on several machines keep their databases in PostgreSQL.");
  }
  for (const BackupSource& source : sources_) {
    if (source.database->engine() == storage::Transaction::Engine::kSqlite) continue;
    return Fail(Code::kUnimplemented, "NO_COPY",
                "PostgreSQL is backed up with its own tools: see docs/operations.md.");
  }
  FAIRLEAD_ASSIGN(const backup::HubKey key, ReadKey(data_dir_));
  FAIRLEAD_RETURN_IF_ERROR(CheckRoom(data_dir_, sources_));
  const std::lock_guard lock(mutex_);
  const bool running = last_ && last_->state() == operations_v1::BACKUP_STATE_RUNNING;
  if (running || stopping_) {
    return Fail(Code::kFailedPrecondition, "BACKUP_RUNNING", "A backup is being made already.");
  }
  if (worker_.joinable()) worker_.join();  // it has ended: this does not wait
  const int64_t now_ms = clock_.NowMs();
  const std::string name = "fairlead-" + Stamp(now_ms) + ".backup";
  last_.emplace();
  last_->set_file_name(name);
  last_->set_state(operations_v1::BACKUP_STATE_RUNNING);
  rpc::SetTime(now_ms, [this] { return last_->mutable_create_time(); });
  last_->set_databases(static_cast<int32_t>(sources_.size()));
  worker_ = std::thread([this, key, path = data_dir_ + "/backups/" + name, now_ms] {
    Run(key, path, now_ms);
  });
  return *last_;
}

void BackupServer::Run(const backup::HubKey& key, const std::string& path, int64_t now_ms) {
  const Result<void> made = Make(key, path, now_ms);
  const std::lock_guard lock(mutex_);
  if (made) {
    last_->set_state(operations_v1::BACKUP_STATE_DONE);
    telemetry::Info(telemetry::Event::kBackupMade,
                    telemetry::Count(telemetry::Key::kBytes, last_->size_bytes()));
  } else {
    last_->set_state(operations_v1::BACKUP_STATE_FAILED);
    last_->set_failed_reason(made.error().reason);
    telemetry::Warn(telemetry::Event::kBackupFailed, telemetry::Reason(made.error()));
  }
}

Result<void> BackupServer::Make(const backup::HubKey& key, const std::string& path,
                                int64_t now_ms) {
  if (::mkdir((data_dir_ + "/backups").c_str(), 0700) != 0 && errno != EEXIST) {
    return Fail(Code::kUnavailable, "DISK_FAILED", "The folder for backups cannot be made.");
  }
  FAIRLEAD_ASSIGN(const std::unique_ptr<backup::ArchiveWriter> archive,
                  backup::ArchiveWriter::Create(path, key));
  Manifest manifest{.create_ms = now_ms, .services = {}};
  for (const BackupSource& source : sources_) manifest.services.push_back(source.service);
  FAIRLEAD_RETURN_IF_ERROR(archive->AddBytes(kManifestName, ToJson(manifest)));
  for (const BackupSource& source : sources_) {
    if (stopping_) return Fail(Code::kUnavailable, "SHUTTING_DOWN", "The hub is stopping.");
    FAIRLEAD_RETURN_IF_ERROR(AddCopy(*archive, source));
    const std::lock_guard lock(mutex_);
    last_->set_databases_done(last_->databases_done() + 1);
    last_->set_size_bytes(archive->bytes_written());
  }
  FAIRLEAD_RETURN_IF_ERROR(archive->Finish());
  {
    const std::lock_guard lock(mutex_);
    last_->set_size_bytes(archive->bytes_written());
  }
  const audit::Record record{.action = audit::Action::kBackedUp};
  const Result<bool> noted =
      SyncWait(audit::AppendAlone(*sources_.back().database, ids_, now_ms, record));
  if (noted) return {};
  ::unlink(path.c_str());  // none that the trail does not know of
  return Fail(noted.error());
}

// The copy lies in the data folder for a moment, beside the original and as private.
Result<void> BackupServer::AddCopy(backup::ArchiveWriter& archive, const BackupSource& source) {
  const std::string copy = data_dir_ + "/run/" + std::string(kCopyPrefix) + source.service + ".db";
  ::unlink(copy.c_str());  // what a crash left
  Result<void> added = source.database->CopyTo(copy);
  if (added) added = archive.AddFile(source.service + ".db", copy);
  ::unlink(copy.c_str());
  return added;
}

}  // namespace fairlead::hub
