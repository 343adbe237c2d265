#include "services/common/rpc/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace fairlead::rpc {
namespace {

tl::unexpected<Error> CannotListen(const std::string& path, const std::string& problem) {
  return Fail(Code::kUnavailable, "LISTEN_FAILED", "Cannot listen at " + path + ": " + problem,
              {{"path", path}});
}

bool Fits(const std::string& path) { return path.size() < sizeof(sockaddr_un::sun_path); }

// Whether somebody accepts connections at this socket.
bool IsAlive(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;  // cannot tell: do not take it away
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int connected =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const bool refused = connected != 0 && (errno == ECONNREFUSED || errno == ENOENT);
  ::close(fd);
  return !refused;
}

}  // namespace

Result<UnixListener> UnixListener::Prepare(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  std::string folder = (parent.empty() ? "." : parent) + "/.XXXXXX";
  if (!Fits(path) || !Fits(folder + "/s")) return CannotListen(path, "the path is too long");
  struct stat info{};
  if (::lstat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode)) return CannotListen(path, "something else is there");
    if (IsAlive(path)) return CannotListen(path, "another server listens there");
  }
  if (::mkdtemp(folder.data()) == nullptr) {
    return CannotListen(path, "its folder cannot be written to");
  }
  return UnixListener(path, std::move(folder));
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : path_(std::move(other.path_)),
      folder_(std::exchange(other.folder_, {})),
      inode_(std::exchange(other.inode_, 0)) {}

Result<void> UnixListener::Publish() {
  struct stat info{};
  if (::chmod(bind_path().c_str(), 0600) != 0 || ::stat(bind_path().c_str(), &info) != 0 ||
      ::rename(bind_path().c_str(), path_.c_str()) != 0) {
    return CannotListen(path_, "the socket cannot be put there");
  }
  inode_ = info.st_ino;
  RemoveFolder();
  return {};
}

void UnixListener::RemoveFolder() {
  if (folder_.empty()) return;
  ::unlink(bind_path().c_str());
  ::rmdir(folder_.c_str());
  folder_.clear();
}

UnixListener::~UnixListener() {
  RemoveFolder();
  struct stat info{};
  // Only our own: a successor may listen there by now.
  if (inode_ != 0 && ::lstat(path_.c_str(), &info) == 0 && info.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
}

}  // namespace fairlead::rpc
