#include "services/common/testing/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "services/common/testing/wait_until.h"

namespace fairlead::testing {
namespace {

using SteadyClock = std::chrono::steady_clock;

// PR_SET_PDEATHSIG fires when the *thread* that forked ends, so one thread that lives as long as
// the program does all the forking.
class Spawner {
 public:
  static Spawner& Get() {
    static Spawner* const spawner = new Spawner;  // never destroyed: its thread is detached
    return *spawner;
  }
  void Run(const std::function<void()>& work) {
    const std::lock_guard one_at_a_time(turn_);
    std::unique_lock lock(mutex_);
    work_ = &work;
    changed_.notify_all();
    changed_.wait(lock, [this] { return work_ == nullptr; });
  }

 private:
  Spawner() {
    std::thread([this] {
      std::unique_lock lock(mutex_);
      for (;;) {
        changed_.wait(lock, [this] { return work_ != nullptr; });
        (*work_)();
        work_ = nullptr;
        changed_.notify_all();
      }
    }).detach();
  }
  std::mutex turn_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;
};

// What the child needs, made before fork: after it only async-signal-safe calls are allowed.
struct Prepared {
  std::vector<char*> argv;
  std::vector<char*> env;
  uid_t uid = 0;
  gid_t gid = 0;
  bool change_user = false;
  int in_fd = -1;
  int out_fd = -1;
  int err_fd = -1;
};

[[noreturn]] void RunChild(const ChildOptions& options, const Prepared& prepared, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::dup2(prepared.in_fd, STDIN_FILENO);
  ::dup2(prepared.out_fd, STDOUT_FILENO);
  ::dup2(prepared.err_fd, STDERR_FILENO);
  if (options.max_file_bytes > 0) {
    const auto bytes = static_cast<rlim_t>(options.max_file_bytes);
    const rlimit limit{bytes, bytes};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
    ::signal(SIGXFSZ, SIG_IGN);  // an ignored signal stays ignored across exec
  }
  if (prepared.change_user) {
    const gid_t group = prepared.gid;
    if (::setgroups(1, &group) != 0 || ::setgid(group) != 0 || ::setuid(prepared.uid) != 0)
      ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user clears it
  }
  if (!options.working_dir.empty() && ::chdir(options.working_dir.c_str()) != 0) ::_exit(126);
  ::execvpe(prepared.argv[0], prepared.argv.data(), prepared.env.data());
  ::_exit(127);
}

tl::unexpected<Error> SpawnFailed(const std::string& what) {
  return Fail(Code::kInternal, "SPAWN_FAILED", what + ": " + std::strerror(errno));
}

// Closes what it holds, unless released.
struct OwnedFd {
  int fd = -1;
  ~OwnedFd() {
    if (fd >= 0) ::close(fd);
  }
  int Release() { return std::exchange(fd, -1); }
};

}  // namespace

Result<ChildProcess> ChildProcess::Spawn(const ChildOptions& options) {
  if (options.argv.empty()) return Fail(Code::kInternal, "SPAWN_FAILED", "argv is empty");
  Prepared prepared;
  for (const std::string& word : options.argv)
    prepared.argv.push_back(const_cast<char*>(word.c_str()));
  prepared.argv.push_back(nullptr);
  for (const std::string& entry : options.extra_env)
    prepared.env.push_back(const_cast<char*>(entry.c_str()));
  for (char** entry = environ; *entry != nullptr; ++entry) prepared.env.push_back(*entry);
  prepared.env.push_back(nullptr);
  if (!options.user.empty() && ::geteuid() == 0) {
    const passwd* entry = ::getpwnam(options.user.c_str());
    if (entry == nullptr) return SpawnFailed("no user " + options.user);
    prepared.uid = entry->pw_uid;
    prepared.gid = entry->pw_gid;
    prepared.change_user = true;
  }

  OwnedFd null_fd{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  OwnedFd log_fd;
  if (!options.log_path.empty()) {
    log_fd.fd = ::open(options.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log_fd.fd < 0) return SpawnFailed(options.log_path);
  }
  OwnedFd output[2];
  if (options.pipe_stdout) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return SpawnFailed("pipe");
    output[0].fd = ends[0];
    output[1].fd = ends[1];
  }
  OwnedFd input[2];
  if (options.pipe_stdin) {
    int ends[2];  // a socket pair: writing to a dead child is an error, not SIGPIPE
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      return SpawnFailed("socketpair");
    input[0].fd = ends[0];
    input[1].fd = ends[1];
  }
  prepared.err_fd = log_fd.fd >= 0 ? log_fd.fd : null_fd.fd;
  prepared.out_fd = options.pipe_stdout ? output[1].fd : prepared.err_fd;
  prepared.in_fd = options.pipe_stdin ? input[0].fd : null_fd.fd;

  pid_t pid = -1;
  const pid_t parent = ::getpid();
  Spawner::Get().Run([&] {
    pid = ::fork();
    if (pid == 0) RunChild(options, prepared, parent);
  });
  if (pid < 0) return SpawnFailed("fork");
  return ChildProcess(pid, output[0].Release(), input[1].Release());
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_fd_(std::exchange(other.output_fd_, -1)),
      input_fd_(std::exchange(other.input_fd_, -1)),
      exit_code_(other.exit_code_),
      buffered_(std::move(other.buffered_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_fd_, other.output_fd_);
  std::swap(input_fd_, other.input_fd_);
  std::swap(exit_code_, other.exit_code_);
  std::swap(buffered_, other.buffered_);
  return *this;
}

ChildProcess::~ChildProcess() {
  Kill9();
  CloseInput();
  if (output_fd_ >= 0) ::close(output_fd_);
}

bool ChildProcess::Running() {
  if (pid_ < 0 || exit_code_) return false;
  int status = 0;
  const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
  if (reaped == 0) return true;
  if (reaped == pid_)
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  else
    exit_code_ = -1;
  return false;
}

void ChildProcess::Signal(int signal) {
  if (Running()) ::kill(pid_, signal);
}

void ChildProcess::Kill9() {
  if (!Running()) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<int> ChildProcess::Wait(int64_t timeout_ms) {
  if (!WaitUntil([this] { return !Running(); }, timeout_ms)) {
    return Fail(Code::kDeadlineExceeded, "CHILD_STILL_RUNNING", "pid " + std::to_string(pid_));
  }
  return *exit_code_;
}

std::optional<std::string> ChildProcess::ReadLine(int64_t timeout_ms) {
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const size_t end = buffered_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffered_.substr(0, end);
      buffered_.erase(0, end + 1);
      return line;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now())
            .count();
    pollfd waiting{output_fd_, POLLIN, 0};
    if (output_fd_ < 0 || left < 0) return std::nullopt;
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    char bytes[4096];
    const ssize_t count = ::read(output_fd_, bytes, sizeof bytes);
    if (count <= 0) return std::nullopt;
    buffered_.append(bytes, static_cast<size_t>(count));
  }
}

bool ChildProcess::WriteInput(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(input_fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

void ChildProcess::CloseInput() {
  if (input_fd_ >= 0) ::close(std::exchange(input_fd_, -1));
}

}  // namespace fairlead::testing
