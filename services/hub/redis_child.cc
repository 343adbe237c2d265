#include "services/hub/redis_child.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

namespace fairlead::hub {
namespace {

constexpr int64_t kStartWithinMs = 5'000;
constexpr int64_t kStopWithinMs = 3'000;

// In the child, between fork and exec: async-signal-safe calls only.
[[noreturn]] void ExecRedis(const std::string& directory, const char* const* argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlives the hub
  close_range(3, ~0U, 0);            // no socket of ours lives on in it
  setpgid(0, 0);                     // a Ctrl-C at the terminal is the hub's to handle
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null_fd = open("/dev/null", O_RDWR);
  dup2(null_fd, STDIN_FILENO);
  dup2(null_fd, STDOUT_FILENO);
  dup2(null_fd, STDERR_FILENO);
  if (chdir(directory.c_str()) == 0) execvp(argv[0], const_cast<char* const*>(argv));
  _exit(127);
}

bool Answers(const std::string& socket_path) {
  const timeval timeout{.tv_sec = 0, .tv_usec = 200'000};
  redisContext* context = redisConnectUnixWithTimeout(socket_path.c_str(), timeout);
  if (context == nullptr) return false;
  bool answered = false;
  if (context->err == 0) {
    redisSetTimeout(context, timeout);
    void* reply = redisCommand(context, "PING");
    answered = reply != nullptr && static_cast<redisReply*>(reply)->type == REDIS_REPLY_STATUS;
    if (reply != nullptr) freeReplyObject(reply);
  }
  redisFree(context);
  return answered;
}

void Pause(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

}  // namespace

RedisChild::RedisChild(std::string directory)
    : directory_(std::move(directory)), socket_path_(directory_ + "/redis.sock") {}

Result<std::unique_ptr<RedisChild>> RedisChild::Start(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  chmod(directory.c_str(), 0700);
  std::unique_ptr<RedisChild> child(new RedisChild(std::filesystem::absolute(directory).string()));
  child->lock_fd_ = open((directory + "/redis.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (child->lock_fd_ < 0 || flock(child->lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    return Fail(Code::kFailedPrecondition, "DATA_FOLDER_IN_USE",
                "Another fairlead runs its Redis in " + directory + ".");
  }
  if (!child->Spawn() || !child->WaitUntilReady(kStartWithinMs)) {
    return Fail(Code::kUnavailable, "REDIS_START_FAILED",
                "redis-server did not start in " + directory + ": is it installed?");
  }
  child->watcher_ = std::thread([raw = child.get()] { raw->Watch(); });
  return child;
}

bool RedisChild::Spawn() {
  // Nothing is saved: what matters is in the outboxes. Memory is bounded; a full Redis refuses
  // writes and the relay waits.
  const char* const argv[] = {"redis-server",
                              "--port",
                              "0",
                              "--unixsocket",
                              socket_path_.c_str(),
                              "--unixsocketperm",
                              "700",
                              "--save",
                              "",
                              "--appendonly",
                              "no",
                              "--maxmemory",
                              "256mb",
                              "--maxmemory-policy",
                              "noeviction",
                              "--daemonize",
                              "no",
                              nullptr};
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  unlink(socket_path_.c_str());
  pid_ = fork();
  if (pid_ == 0) ExecRedis(directory_, argv);
  return pid_ > 0;
}

bool RedisChild::WaitUntilReady(int64_t within_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(within_ms);
  while (std::chrono::steady_clock::now() < until) {
    if (Answers(socket_path_)) return true;
    Pause(5);
  }
  return false;
}

// Waits for the child to die; starts another unless we are stopping.
void RedisChild::Watch() {
  while (true) {
    pid_t pid = -1;
    {
      const std::lock_guard lock(mutex_);
      pid = pid_;
    }
    int status = 0;
    if (pid > 0) waitpid(pid, &status, 0);
    {
      const std::lock_guard lock(mutex_);
      pid_ = -1;
      if (stopping_) return;
    }
    ++restarts_;
    Pause(100);  // a redis-server that cannot start must not be started thousands of times
    Spawn();
  }
}

void RedisChild::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    if (pid_ > 0) kill(pid_, SIGTERM);
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kStopWithinMs);
  while (std::chrono::steady_clock::now() < until) {
    {
      const std::lock_guard lock(mutex_);
      if (pid_ <= 0) break;
    }
    Pause(5);
  }
  {
    const std::lock_guard lock(mutex_);
    if (pid_ > 0) kill(pid_, SIGKILL);
  }
  if (watcher_.joinable()) watcher_.join();
  if (lock_fd_ < 0) return;
  unlink(socket_path_.c_str());
  close(lock_fd_);
  lock_fd_ = -1;
}

}  // namespace fairlead::hub
