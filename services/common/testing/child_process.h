// A real process under a test: started without a shell, killed for certain.
//
//   ChildOptions options{.argv = {"/usr/bin/redis-server", "--port", "0"}};
//   Result<ChildProcess> child = ChildProcess::Spawn(options);
//   child->Kill9();
//
// The child gets SIGKILL when the test program ends in any way, so nothing is left running.
#ifndef SERVICES_COMMON_TESTING_CHILD_PROCESS_H_
#define SERVICES_COMMON_TESTING_CHILD_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::testing {

struct ChildOptions {
  std::vector<std::string> argv = {};       // argv[0] is the program, searched in PATH
  std::vector<std::string> extra_env = {};  // "NAME=value", added to ours
  // Where standard output and error go: a file (appended), else /dev/null.
  std::string log_path = {};
  // Standard output goes to a pipe, for ReadLine; only standard error goes to log_path.
  bool pipe_stdout = false;
  // Standard input comes from a pipe, for WriteInput; else from /dev/null.
  bool pipe_stdin = false;
  std::string user = {};         // run as this user (when we are root); empty: as we are
  std::string working_dir = {};  // empty: ours
  int64_t max_file_bytes = 0;  // RLIMIT_FSIZE with SIGXFSZ ignored (writes get EFBIG); 0: no limit
};

class ChildProcess {
 public:
  // Error: INTERNAL SPAWN_FAILED (a program that does not exist ends with exit code 127 instead).
  static Result<ChildProcess> Spawn(const ChildOptions& options);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // Kill9

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int signal);
  // SIGKILL, and waits until it is gone. Harmless when it is gone already.
  void Kill9();
  // The exit code, or 128 + signal. Error: DEADLINE_EXCEEDED CHILD_STILL_RUNNING.
  Result<int> Wait(int64_t timeout_ms);
  // A line of its standard output without the line feed; nullopt at its end or after the time-out.
  std::optional<std::string> ReadLine(int64_t timeout_ms);
  // False when the child has closed its end.
  bool WriteInput(std::string_view text);
  void CloseInput();

 private:
  ChildProcess(pid_t pid, int output_fd, int input_fd)
      : pid_(pid), output_fd_(output_fd), input_fd_(input_fd) {}
  pid_t pid_ = -1;
  int output_fd_ = -1;
  int input_fd_ = -1;
  std::optional<int> exit_code_;
  std::string buffered_;
};

}  // namespace fairlead::testing

#endif  // SERVICES_COMMON_TESTING_CHILD_PROCESS_H_
