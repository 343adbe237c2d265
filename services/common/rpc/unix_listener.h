// A Unix socket that appears at its path all at once: listening, with mode 0600, and in place of a
// dead server's leftover.
#ifndef SERVICES_COMMON_RPC_UNIX_LISTENER_H_
#define SERVICES_COMMON_RPC_UNIX_LISTENER_H_

#include <cstdint>
#include <string>

#include "services/common/base/result.h"

namespace fairlead::rpc {

// Bound to `path` directly, it would be open to everyone until it is chmod-ed; so it is bound in a
// folder that only we may enter, and the ready socket is then renamed. Destruction closes it and
// takes it away, unless a successor listens there by then.
class UnixListener {
 public:
  // Errors: UNAVAILABLE LISTEN_FAILED (a living server listens there; the path is too long or is
  // not a socket; no permission).
  static Result<UnixListener> Listen(const std::string& path);
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();

  int fd() const { return fd_; }

 private:
  UnixListener(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  Result<void> Publish(const std::string& bound);

  std::string path_;
  int fd_ = -1;
  uint64_t inode_ = 0;  // of the published socket; 0: none
};

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_UNIX_LISTENER_H_
