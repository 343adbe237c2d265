// Between gRPC's byte buffers and messages. Included by .cc files only: it brings in gRPC.
#ifndef SERVICES_COMMON_RPC_GRPC_BYTES_H_
#define SERVICES_COMMON_RPC_GRPC_BYTES_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "services/common/base/result.h"

namespace fairlead::rpc {

// The reasons of parse.h.
Result<void> FromBytes(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);
grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);

// Where gRPC and we say the same thing in two types.
grpc::Status ToGrpcStatus(const Error& error);
Error FromGrpcStatus(const grpc::Status& status);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_BYTES_H_
