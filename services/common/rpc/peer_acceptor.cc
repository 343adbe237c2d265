#include "services/common/rpc/peer_acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "services/common/base/check.h"
#include "services/common/telemetry/log.h"

namespace fairlead::rpc {
namespace {

// Without descriptors left there is nothing to do but to wait for some to be closed.
constexpr int kExhaustedPauseMs = 50;

bool IsTrusted(int fd, unsigned user) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == user || peer.uid == 0;
}

}  // namespace

PeerAcceptor::PeerAcceptor(UnixListener listener, std::unique_ptr<Acceptor> server, unsigned user)
    : listener_(std::move(listener)),
      server_(std::move(server)),
      user_(user),
      stop_fd_(::eventfd(0, EFD_CLOEXEC)) {
  FAIRLEAD_CHECK(stop_fd_ >= 0);
  thread_ = std::thread([this] { Run(); });
}

PeerAcceptor::~PeerAcceptor() {
  ::eventfd_write(stop_fd_, 1);
  thread_.join();
  ::close(stop_fd_);
}

void PeerAcceptor::Run() {
  std::array<pollfd, 2> waiting = {pollfd{stop_fd_, POLLIN, 0}, pollfd{listener_.fd(), POLLIN, 0}};
  while (true) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    if (waiting[0].revents != 0) return;
    const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      Take(fd);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      ::poll(waiting.data(), 1, kExhaustedPauseMs);
    }
  }
}

void PeerAcceptor::Take(int fd) {
  if (!IsTrusted(fd, user_)) {
    telemetry::Warn(telemetry::Event::kConnectionRefused);
    ::close(fd);
    return;
  }
  Acceptor::NewConnectionParameters connection;
  connection.listener_fd = listener_.fd();
  connection.fd = fd;
  server_->HandleNewConnection(&connection);
}

}  // namespace fairlead::rpc
