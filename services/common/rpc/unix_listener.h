// A Unix socket that appears at its path all at once: with mode 0600, and in place of a dead
// server's leftover.
#ifndef SERVICES_COMMON_RPC_UNIX_LISTENER_H_
#define SERVICES_COMMON_RPC_UNIX_LISTENER_H_

#include <cstdint>
#include <string>

#include "services/common/base/result.h"

namespace fairlead::rpc {

// Use: Prepare, let the server bind bind_path(), Publish. Destruction removes the socket.
// A server that binds `path` itself would leave it open to everyone until it is chmod-ed; so it
// binds inside a folder that only we may enter, and the ready socket is then renamed.
class UnixListener {
 public:
  // Errors: UNAVAILABLE LISTEN_FAILED (a living server listens there; the path is too long or is
  // not a socket; no permission).
  static Result<UnixListener> Prepare(const std::string& path);
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();

  std::string bind_path() const { return folder_ + "/s"; }
  Result<void> Publish();

 private:
  UnixListener(std::string path, std::string folder)
      : path_(std::move(path)), folder_(std::move(folder)) {}
  void RemoveFolder();

  std::string path_;
  std::string folder_;
  uint64_t inode_ = 0;  // of the published socket; 0: none
};

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_UNIX_LISTENER_H_
