#include "services/common/testing/redis_server.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

#include "services/common/testing/log_tail.h"
#include "services/common/testing/wait_until.h"

namespace fairlead::testing {
namespace {
constexpr int64_t kRedisStartMs = 20'000;
}  // namespace

Result<std::unique_ptr<RedisServer>> RedisServer::Start(bool append_only) {
  std::unique_ptr<RedisServer> server(new RedisServer(append_only));
  FAIRLEAD_RETURN_IF_ERROR(server->Launch());
  return server;
}

Result<void> RedisServer::Launch() {
  ::unlink(socket_path_.c_str());
  const std::string log = folder_.File("redis.log");
  ChildOptions options{.argv = {"redis-server", "--port", "0", "--unixsocket", socket_path_,
                                "--unixsocketperm", "700", "--dir", folder_.path(), "--save", "",
                                "--appendonly", append_only_ ? "yes" : "no", "--daemonize", "no"},
                       .log_path = log};
  FAIRLEAD_ASSIGN(ChildProcess child, ChildProcess::Spawn(options));
  child_.emplace(std::move(child));
  // While it loads its files it answers "-LOADING".
  bool ready = false;
  const auto known = [&] { return (ready = Command("PING") == "+PONG") || !child_->Running(); };
  if (WaitUntil(known, kRedisStartMs) && ready) return {};
  child_.reset();
  return Fail(Code::kUnavailable, "REDIS_NOT_STARTED", LogTail(log));
}

void RedisServer::Freeze() {
  if (child_) child_->Signal(SIGSTOP);
}

void RedisServer::Thaw() {
  if (child_) child_->Signal(SIGCONT);
}

void RedisServer::Kill9() { child_.reset(); }

Result<void> RedisServer::Restart() {
  Kill9();
  return Launch();
}

Result<void> RedisServer::EraseAndRestart() {
  Kill9();
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    std::error_code error;
    std::filesystem::remove_all(entry.path(), error);
    if (error) return Fail(Code::kInternal, "REDIS_NOT_ERASED", entry.path().string());
  }
  return Launch();
}

Result<void> RedisServer::FlushAll() {
  if (Command("FLUSHALL") == "+OK") return {};
  return Fail(Code::kUnavailable, "REDIS_NOT_FLUSHED", "FLUSHALL was not answered with OK");
}

std::optional<std::string> RedisServer::Command(const std::string& name) const {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::nullopt;
  const timeval limit{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path_.c_str(), sizeof address.sun_path - 1);
  std::string answer;
  const std::string request = name + "\r\n";  // Redis's inline command form
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char byte = 0;
    while (answer.size() < 256 && ::recv(fd, &byte, 1, 0) == 1 && byte != '\r') answer += byte;
  }
  ::close(fd);
  if (answer.empty()) return std::nullopt;
  return answer;
}

}  // namespace fairlead::testing
