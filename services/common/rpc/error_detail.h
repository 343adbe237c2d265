// Errors as gRPC and Connect clients read them (AIP-193): a google.rpc.Status with exactly one
// detail, a google.rpc.ErrorInfo {reason, domain "fairlead", metadata}.
//
//   body["details"] = {{{"type", rpc::kErrorInfoType},
//                       {"value", Base64EncodeUnpadded(rpc::EncodeErrorInfo(error))}}};
#ifndef SERVICES_COMMON_RPC_ERROR_DETAIL_H_
#define SERVICES_COMMON_RPC_ERROR_DETAIL_H_

#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::rpc {

inline constexpr std::string_view kErrorDomain = "fairlead";
inline constexpr std::string_view kErrorInfoType = "google.rpc.ErrorInfo";

// A serialised google.rpc.ErrorInfo: what stands in a Connect error's detail.
std::string EncodeErrorInfo(const Error& error);
// A serialised google.rpc.Status: what stands in gRPC's trailer grpc-status-details-bin.
std::string EncodeErrorStatus(const Error& error);

// The way back; bytes that are not ours (a transport's own error has none) leave the reason that
// belongs to the code: UNAVAILABLE → SERVICE_UNAVAILABLE, else the code's name in capitals.
Error DecodeErrorInfo(Code code, std::string message, std::string_view error_info);
Error DecodeErrorStatus(Code code, std::string message, std::string_view status);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_ERROR_DETAIL_H_
