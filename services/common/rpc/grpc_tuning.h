// Settings of gRPC's process-wide machinery.
#ifndef SERVICES_COMMON_RPC_GRPC_TUNING_H_
#define SERVICES_COMMON_RPC_GRPC_TUNING_H_

namespace fairlead::rpc {

// Call before the first server or channel; again is harmless.
void TuneGrpc();

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_TUNING_H_
