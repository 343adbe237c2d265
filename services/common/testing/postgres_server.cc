#include "services/common/testing/postgres_server.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "services/common/testing/log_tail.h"

namespace fairlead::testing {
namespace {

constexpr int64_t kInitTimeoutMs = 60'000;
constexpr int64_t kStartTimeoutMs = 60'000;

tl::unexpected<Error> NotStarted(const std::string& why) {
  return Fail(Code::kUnavailable, "POSTGRES_NOT_STARTED", why);
}

// "…/bin/" of the newest version that is installed; "" leaves it to PATH.
std::string FindPrograms() {
  if (const char* given = std::getenv("FAIRLEAD_POSTGRES_BIN")) return std::string(given) + "/";
  const std::filesystem::path root = "/usr/lib/postgresql";
  std::string best;
  int best_version = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > best_version && std::filesystem::exists(entry.path() / "bin/initdb", error)) {
      best = entry.path().string() + "/bin/";
      best_version = version;
    }
  }
  return best;
}

// The children of a process, from the kernel.
std::vector<pid_t> ChildrenOf(pid_t parent) {
  const std::string id = std::to_string(parent);
  std::ifstream file("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

}  // namespace

Result<std::unique_ptr<PostgresServer>> PostgresServer::Start(Flush flush) {
  std::unique_ptr<PostgresServer> server(new PostgresServer(flush));
  FAIRLEAD_RETURN_IF_ERROR(server->Init());
  FAIRLEAD_RETURN_IF_ERROR(server->Launch());
  return server;
}

Result<PostgresServer*> PostgresServer::Shared() {
  static const Result<std::unique_ptr<PostgresServer>> server = Start(Flush::kNever);
  if (!server) return Fail(server.error());
  return server->get();
}

PostgresServer::~PostgresServer() { Kill9(); }

Result<void> PostgresServer::Init() {
  bin_ = FindPrograms();
  if (::geteuid() == 0) {
    user_ = "postgres";
    const passwd* entry = ::getpwnam(user_.c_str());
    if (entry == nullptr) return NotStarted("we are root, and there is no user postgres");
    if (::chown(folder_.path().c_str(), entry->pw_uid, entry->pw_gid) != 0)
      return NotStarted("cannot give the folder to postgres");
  }
  const ChildOptions options{
      .argv = {bin_ + "initdb", "-D", folder_.File("data"), "-U", "fairlead", "-A", "trust",
               "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
      .log_path = LogPath(),
      .user = user_,
      .working_dir = folder_.path()};
  FAIRLEAD_ASSIGN(ChildProcess init, ChildProcess::Spawn(options));
  const Result<int> code = init.Wait(kInitTimeoutMs);
  if (!code || *code != 0) return NotStarted("initdb failed: " + LogTail(LogPath()));
  return {};
}

Result<void> PostgresServer::Launch() {
  const std::string fsync = flush_ == Flush::kAtCommit ? "fsync=on" : "fsync=off";
  const ChildOptions options{
      .argv = {bin_ + "postgres", "-D", folder_.File("data"), "-k", folder_.path(), "-c",
               "listen_addresses=", "-c", fsync, "-c", "max_connections=100", "-c",
               "shared_buffers=32MB", "-c", "dynamic_shared_memory_type=posix", "-c",
               // After a crash every file is flushed first. One by one, with a database a test,
               // that outlasts the time to start on a busy disk.
               "recovery_init_sync_method=syncfs", "-c", "log_min_messages=fatal"},
      .log_path = LogPath(),
      .user = user_,
      .working_dir = folder_.path()};
  const std::string conninfo = Url("postgres").substr(std::string("postgres:").size());
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(kStartTimeoutMs);
  // After a crash the old shared memory is released a moment later: the server then ends at once,
  // and is started again.
  for (;;) {
    if (!child_ || !child_->Running()) {
      child_.reset();
      FAIRLEAD_ASSIGN(ChildProcess child, ChildProcess::Spawn(options));
      child_.emplace(std::move(child));
    }
    if (PQping(conninfo.c_str()) == PQPING_OK) return {};
    if (std::chrono::steady_clock::now() >= deadline) {
      Kill9();
      return NotStarted(LogTail(LogPath()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::string PostgresServer::Url(std::string_view database) const {
  return "postgres:host=" + folder_.path() + " user=fairlead dbname=" + std::string(database);
}

Result<std::string> PostgresServer::NewDatabase(const std::string& copy_of) {
  const std::string name = "test_" + std::to_string(next_database_++);
  const std::string conninfo = Url("postgres").substr(std::string("postgres:").size());
  PGconn* connection = PQconnectdb(conninfo.c_str());
  // Copied as files: without a flush the faster of the two ways.
  std::string create = "CREATE DATABASE " + name;
  create.append(" TEMPLATE ").append(copy_of).append(" STRATEGY FILE_COPY");
  PGresult* created = PQexec(connection, create.c_str());
  const bool ok = PQresultStatus(created) == PGRES_COMMAND_OK;
  const std::string why = PQerrorMessage(connection);
  PQclear(created);
  PQfinish(connection);
  if (!ok) return NotStarted("CREATE DATABASE: " + why);
  return Url(name);
}

void PostgresServer::Kill9() {
  if (!child_ || !child_->Running()) return;
  // First the parent, so that it starts none anew; its children are its own until it is reaped.
  const std::vector<pid_t> children = ChildrenOf(child_->pid());
  child_->Kill9();
  for (const pid_t child : children) ::kill(child, SIGKILL);
  child_.reset();
}

Result<void> PostgresServer::Restart() {
  Kill9();
  return Launch();
}

}  // namespace fairlead::testing
