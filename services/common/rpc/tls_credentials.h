// tls.h for gRPC: inside the room.
#ifndef SERVICES_COMMON_RPC_TLS_CREDENTIALS_H_
#define SERVICES_COMMON_RPC_TLS_CREDENTIALS_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string_view>

#include "services/common/rpc/tls.h"

namespace fairlead::rpc {

// A client certificate is demanded and verified.
std::shared_ptr<grpc::ServerCredentials> ServerTls(const TlsFiles& files);
// The server's certificate must be valid for the name that the channel asks for.
std::shared_ptr<grpc::ChannelCredentials> ChannelTls(const TlsFiles& files);

// Whether the peer may speak as `service`: true on a Unix socket or loopback, where the peer is
// this machine's own; across machines its certificate must name that service.
bool MaySpeakAs(const grpc::AuthContext* peer, std::string_view service);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_TLS_CREDENTIALS_H_
