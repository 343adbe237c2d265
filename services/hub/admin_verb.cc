#include "services/hub/admin_verb.h"

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <thread>

#include "fairlead/operations/v1/backup.pb.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/home.h"
#include "services/common/auth/assertion.h"
#include "services/common/auth/policy.h"
#include "services/common/base/clock.h"
#include "services/common/base/private_file.h"
#include "services/common/rpc/proto_time.h"
#include "services/common/rpc/server.h"
#include "services/hub/backup_server.h"
#include "services/hub/data_folder.h"
#include "services/hub/restore.h"

namespace fairlead::hub {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kCallMs = 10'000;
constexpr std::chrono::milliseconds kLookEvery(200);
constexpr std::string_view kSure = "restore";
constexpr const char* kOwnLock = "fairlead";  // the whole hub's

int ComplainAsAdmin(const Error& error) {
  std::cerr << "fairlead admin: " << error.message << " (" << error.reason << ")\n";
  return error.code == Code::kInvalidArgument ? cli::kExitUsage : cli::kExitFailed;
}

Result<std::string> HubFolder(const std::string& data_dir) {
  std::error_code failed;
  const std::string absolute = fs::absolute(data_dir, failed).lexically_normal().string();
  if (!failed && fs::exists(absolute + "/keys/assertion.jwk", failed)) return absolute;
  return Fail(Code::kInvalidArgument, "NO_HUB_HERE",
              "No hub has run in " + absolute + ". Name its data folder: --data DIR.");
}

// ---- backup-key

Result<void> MakeKey(const std::string& data_dir, const std::string& out, bool replace) {
  FAIRLEAD_ASSIGN(const std::string folder, HubFolder(data_dir));
  const std::string path = BackupKeyPath(folder);
  if (!replace && fs::exists(path)) {
    return Fail(Code::kFailedPrecondition, "BACKUP_KEY_EXISTS",
                "This hub has a backup key. With --replace it gets another; the old keeper's file "
                "still opens the backups made so far.");
  }
  const backup::KeeperKey key = backup::GenerateKey();
  // First the half that nobody can make again.
  FAIRLEAD_ASSIGN(const bool made, MakePrivateFile(out, backup::ToJson(key)));
  if (!made) return Fail(Code::kFailedPrecondition, "OUTPUT_EXISTS", "There is already a " + out);
  FAIRLEAD_RETURN_IF_ERROR(ReplacePrivateFile(path, backup::ToJson(key.hub)));
  std::cout << "Made the backup key. The hub's half is in its data folder and opens nothing.\n"
            << out << " opens every backup made with it: take it off this machine, and keep two\n"
            << "copies. Without it no backup can ever be opened.\n";
  return {};
}

// ---- backup

// Calls the hub at its own socket, as the hub's own keys allow.
class Operator {
 public:
  static Result<Operator> Of(const std::string& folder) {
    FAIRLEAD_ASSIGN(std::unique_ptr<auth::AssertionSigner> signer,
                    auth::OpenAssertionSigner(folder + "/keys/assertion.jwk", SystemClock()));
    return Operator(std::move(signer), "unix:" + folder + "/run/hub.sock");
  }
  template <class Response, class Request>
  Result<Response> Call(const char* method, const Request& request) {
    rpc::CallOptions options;
    options.actor = auth::ServiceActor(std::string(auth::kHub));
    options.on_behalf_of_service = auth::kHub;
    options.deadline_steady_ms = SystemClock().SteadyMs() + kCallMs;
    Result<Response> response = SyncWait(rpc::Call<Response>(
        *channel_, std::string("/fairlead.operations.v1.BackupService/") + method, request,
        options));
    if (response || response.error().reason != "SERVICE_UNAVAILABLE") return response;
    return Fail(Code::kUnavailable, "HUB_NOT_RUNNING",
                "The hub does not answer at its socket. A backup is made by the running hub.");
  }

 private:
  Operator(std::unique_ptr<auth::AssertionSigner> signer, const std::string& target)
      : signer_(std::move(signer)),
        channel_(rpc::MakeGrpcChannel(target, *signer_, SystemClock())) {}
  std::unique_ptr<auth::AssertionSigner> signer_;
  std::unique_ptr<rpc::Channel> channel_;
};

Result<void> MakeBackup(const std::string& data_dir) {
  FAIRLEAD_ASSIGN(const std::string folder, HubFolder(data_dir));
  FAIRLEAD_ASSIGN(Operator hub, Operator::Of(folder));
  FAIRLEAD_ASSIGN(const operations_v1::StartBackupResponse begun,
                  hub.Call<operations_v1::StartBackupResponse>(
                      "StartBackup", operations_v1::StartBackupRequest()));
  operations_v1::Backup backup = begun.backup();
  const bool watched = ::isatty(STDERR_FILENO) == 1;
  while (backup.state() == operations_v1::BACKUP_STATE_RUNNING) {
    if (watched) {
      std::cerr << "\r" << backup.databases_done() << " of " << backup.databases()
                << " databases, " << backup.size_bytes() / 1024 << " KiB " << std::flush;
    }
    std::this_thread::sleep_for(kLookEvery);
    FAIRLEAD_ASSIGN(const operations_v1::GetBackupResponse now,
                    hub.Call<operations_v1::GetBackupResponse>(
                        "GetBackup", operations_v1::GetBackupRequest()));
    if (now.backup().file_name() != backup.file_name()) {
      return Fail(Code::kUnavailable, "BACKUP_NOT_FOUND", "The hub was started anew meanwhile.");
    }
    backup = now.backup();
  }
  if (watched) std::cerr << "\r";
  if (backup.state() != operations_v1::BACKUP_STATE_DONE) {
    return Fail(Code::kUnavailable, backup.failed_reason(),
                "The backup failed, and nothing of it is left. The hub's log says more.");
  }
  std::cout << "Made " << folder << "/backups/" << backup.file_name() << "\n"
            << backup.databases() << " databases, " << backup.size_bytes() / 1024
            << " KiB, sealed for the keeper of the backup key; no custody keys.\n"
            << "Copy it to another machine, with a copy of " << folder << "/keys apart from it.\n";
  return {};
}

// ---- restore

// Files that another user makes here would be unreadable to the hub, or say nothing to it.
Result<void> CheckUser(const std::string& folder) {
  struct stat about = {};
  if (::stat(folder.c_str(), &about) == 0 && about.st_uid == ::geteuid()) return {};
  return Fail(Code::kFailedPrecondition, "NOT_THE_HUBS_USER",
              "Do this as the user that the hub runs as: " + folder + " is another's.");
}

bool IsSure(const Manifest& manifest, const std::string& folder) {
  std::cout << "This backup is of " << FormatTime(manifest.create_ms) << ". It takes the place of\n"
            << "what is in " << folder << ": whatever was done since is gone.\n"
            << "Type " << kSure << " to go on: " << std::flush;
  std::string said;
  std::getline(std::cin, said);
  return said == kSure;
}

void SayWhatFollows(const Manifest& manifest, const std::string& folder) {
  std::cout
      << "Put back. When the hub starts:\n"
      << "- everybody signs in anew, and invitations have to be made anew;\n"
      << "- what was destroyed stays destroyed, and releases that have ended stay ended\n"
      << "  (" << folder << "/consent-custody.db remembers; without it every release ends);\n"
      << "- everything else is as it was at " << FormatTime(manifest.create_ms)
      << ". Do again what\n"
      << "  was done since: people disabled, passphrases, recovery codes and passkeys replaced,\n"
      << "  software's access ended, keys rotated. Packets sealed anew since stay closed.\n"
      << "The first start cannot be taken back: keys of what is younger than the backup go with "
         "it.\n"
      << "The databases of before are in " << folder << "/replaced-…: remove them when all is "
      << "well.\n";
}

struct RestoreWords {
  std::string data_dir;
  std::string archive;
  std::string key_file;
  bool check_only = false;
  bool sure = false;
};

Result<backup::KeeperKey> ReadKeeperKey(const RestoreWords& words) {
  FAIRLEAD_ASSIGN(const std::string json,
                  ReadPrivateFile(words.key_file, backup::kMaxKeyFileBytes));
  return backup::ParseKeeperKey(json);
}

// Beside the archive, and whatever the hub is doing.
Result<void> Check(const RestoreWords& words) {
  FAIRLEAD_ASSIGN(const backup::KeeperKey key, ReadKeeperKey(words));
  const std::string folder = words.archive + ".check";
  const Result<Manifest> manifest = Unpack(words.archive, key, folder);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  if (!manifest) return Fail(manifest.error());
  std::cout << "Whole: " << manifest->services.size() << " databases of "
            << FormatTime(manifest->create_ms) << ". Nothing was changed.\n";
  return {};
}

Result<void> Restore(const RestoreWords& words) {
  FAIRLEAD_ASSIGN(const backup::KeeperKey key, ReadKeeperKey(words));
  FAIRLEAD_ASSIGN(const std::unique_ptr<DataFolder> folder,
                  DataFolder::Open(words.data_dir, kOwnLock));
  FAIRLEAD_RETURN_IF_ERROR(CheckUser(folder->path()));
  FAIRLEAD_ASSIGN(const DatabaseLocks locks, DatabaseLocks::Take(folder->path()));
  FAIRLEAD_RETURN_IF_ERROR(FinishRestore(folder->path(), locks));
  Result<Manifest> manifest = StageRestore(words.archive, key, folder->path());
  const bool go_on = manifest && (words.sure || IsSure(*manifest, folder->path()));
  if (!go_on) DropStaged(folder->path());
  if (!manifest) return Fail(std::move(manifest.error()));
  if (!go_on) return Fail(Code::kInvalidArgument, "NOT_CONFIRMED", "Nothing was changed.");
  FAIRLEAD_RETURN_IF_ERROR(CommitRestore(folder->path(), locks));
  SayWhatFollows(*manifest, folder->path());
  return {};
}

// PostgreSQL's databases were put back with its own tools.
Result<void> Restored(const std::string& data_dir) {
  FAIRLEAD_ASSIGN(const std::unique_ptr<DataFolder> folder, DataFolder::Open(data_dir, kOwnLock));
  FAIRLEAD_RETURN_IF_ERROR(CheckUser(folder->path()));
  FAIRLEAD_RETURN_IF_ERROR(MarkRestored(folder->path()));
  std::cout << "Noted. At the next start all sessions and invitations end, and Redis is filled "
               "anew.\n";
  return {};
}

}  // namespace

int Admin(const std::vector<std::string>& words) {
  CLI::App app("fairlead admin: back up the hub on this machine, and put a backup back");
  app.require_subcommand(1);
  RestoreWords restoring;
  std::string& data_dir = restoring.data_dir;
  data_dir = "data";
  std::string out;
  bool replace = false;
  const auto add = [&](const char* name, const char* help) {
    CLI::App* verb = app.add_subcommand(name, help);
    verb->add_option("--data", data_dir, "the hub's data folder (default: data)")
        ->envname("FAIRLEAD_DATA_DIR");
    return verb;
  };
  CLI::App* make_key = add("backup-key", "make the key that backups are sealed for, once");
  make_key->add_option("--out", out, "the keeper's half: a new file")->required();
  make_key->add_flag("--replace", replace, "although the hub has one");
  CLI::App* make_backup = add("backup", "make a backup; the hub goes on meanwhile");
  CLI::App* restore = add("restore", "put a backup back; the hub is stopped");
  restore->add_option("file", restoring.archive, "the backup")->required();
  restore->add_option("--key", restoring.key_file, "the keeper's half of the key")->required();
  restore->add_flag("--check", restoring.check_only,
                    "only look whether it is whole, beside the file; the hub may run");
  restore->add_flag("--yes", restoring.sure, "do not ask");
  CLI::App* restored = add("restored", "say that PostgreSQL's databases were put back");
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    app.exit(error, std::cout, std::cerr);
    return asked ? cli::kExitOk : cli::kExitUsage;
  }
  Result<void> done;
  if (make_key->parsed()) done = MakeKey(data_dir, out, replace);
  if (make_backup->parsed()) done = MakeBackup(data_dir);
  if (restore->parsed()) done = restoring.check_only ? Check(restoring) : Restore(restoring);
  if (restored->parsed()) done = Restored(data_dir);
  return done ? cli::kExitOk : ComplainAsAdmin(done.error());
}

}  // namespace fairlead::hub
