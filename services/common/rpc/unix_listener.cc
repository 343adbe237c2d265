#include "services/common/rpc/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace fairlead::rpc {
namespace {

tl::unexpected<Error> CannotListen(const std::string& path, const std::string& problem) {
  return Fail(Code::kUnavailable, "LISTEN_FAILED", "Cannot listen at " + path + ": " + problem,
              {{"path", path}});
}

bool Fits(const std::string& path) { return path.size() < sizeof(sockaddr_un::sun_path); }

sockaddr_un Address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

// Whether somebody accepts connections at this socket.
bool IsAlive(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;  // cannot tell: do not take it away
  const sockaddr_un address = Address(path);
  const int connected =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const bool refused = connected != 0 && (errno == ECONNREFUSED || errno == ENOENT);
  ::close(fd);
  return !refused;
}

// A folder for the socket to be made in, gone at the end with what is in it.
class Cradle {
 public:
  explicit Cradle(const std::string& pattern) : folder_(pattern) {
    if (::mkdtemp(folder_.data()) == nullptr) folder_.clear();
  }
  Cradle(const Cradle&) = delete;
  Cradle& operator=(const Cradle&) = delete;
  ~Cradle() {
    if (folder_.empty()) return;
    ::unlink(socket().c_str());
    ::rmdir(folder_.c_str());
  }
  bool made() const { return !folder_.empty(); }
  std::string socket() const { return folder_ + "/s"; }

 private:
  std::string folder_;
};

}  // namespace

Result<UnixListener> UnixListener::Listen(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const std::string pattern = (parent.empty() ? "." : parent) + "/.XXXXXX";
  if (!Fits(path) || !Fits(pattern + "/s")) return CannotListen(path, "the path is too long");
  struct stat info{};
  if (::lstat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode)) return CannotListen(path, "something else is there");
    if (IsAlive(path)) return CannotListen(path, "another server listens there");
  }
  const Cradle cradle(pattern);
  if (!cradle.made()) return CannotListen(path, "its folder cannot be written to");
  UnixListener listener(path, ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = Address(cradle.socket());
  if (listener.fd_ < 0 ||
      ::bind(listener.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener.fd_, SOMAXCONN) != 0) {
    return CannotListen(path, "no socket can be made");
  }
  FAIRLEAD_RETURN_IF_ERROR(listener.Publish(cradle.socket()));
  return listener;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      inode_(std::exchange(other.inode_, 0)) {}

Result<void> UnixListener::Publish(const std::string& bound) {
  struct stat info{};
  if (::chmod(bound.c_str(), 0600) != 0 || ::stat(bound.c_str(), &info) != 0 ||
      ::rename(bound.c_str(), path_.c_str()) != 0) {
    return CannotListen(path_, "the socket cannot be put there");
  }
  inode_ = info.st_ino;
  return {};
}

UnixListener::~UnixListener() {
  struct stat info{};
  // Only our own: a successor may listen there by now.
  if (inode_ != 0 && ::lstat(path_.c_str(), &info) == 0 && info.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace fairlead::rpc
