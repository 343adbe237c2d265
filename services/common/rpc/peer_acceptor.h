// Takes connections at a Unix socket, and gives gRPC those of our own user.
#ifndef SERVICES_COMMON_RPC_PEER_ACCEPTOR_H_
#define SERVICES_COMMON_RPC_PEER_ACCEPTOR_H_

#include <grpcpp/server_builder.h>

#include <memory>
#include <thread>

#include "services/common/rpc/unix_listener.h"

namespace fairlead::rpc {

// The socket's mode keeps others out; should a folder be copied, mounted elsewhere or opened by
// mistake, the kernel still says who is at the other end (SO_PEERCRED, unix(7)): our own effective
// user, or root, who could read the keys anyway. Anyone else is cut off and logged. gRPC has no
// such check, so connections are made here and handed over.
class PeerAcceptor {
 public:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
  // `server` takes connections by now. `user` is whom we accept besides root: geteuid().
  PeerAcceptor(UnixListener listener, std::unique_ptr<Acceptor> server, unsigned user);
  PeerAcceptor(const PeerAcceptor&) = delete;
  PeerAcceptor& operator=(const PeerAcceptor&) = delete;
  ~PeerAcceptor();  // no more connections; those made live on

 private:
  void Run();
  void Take(int fd);

  const UnixListener listener_;
  const std::unique_ptr<Acceptor> server_;
  const unsigned user_;
  int stop_fd_ = -1;  // an eventfd
  std::thread thread_;
};

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_PEER_ACCEPTOR_H_
