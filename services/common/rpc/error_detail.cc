#include "services/common/rpc/error_detail.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace fairlead::rpc {
namespace {

google::rpc::ErrorInfo ToErrorInfo(const Error& error) {
  google::rpc::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain(std::string(kErrorDomain));
  info.mutable_metadata()->insert(error.metadata.begin(), error.metadata.end());
  return info;
}

std::string DefaultReason(Code code) {
  if (code == Code::kUnavailable) return "SERVICE_UNAVAILABLE";
  std::string reason(CodeName(code));
  for (char& c : reason) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return reason;
}

Error FromErrorInfo(Code code, std::string message, const google::rpc::ErrorInfo& info) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.reason = info.reason();
  error.metadata.insert(info.metadata().begin(), info.metadata().end());
  return error;
}

bool IsOurs(const google::rpc::ErrorInfo& info) {
  return info.domain() == kErrorDomain && !info.reason().empty();
}

Error WithoutDetail(Code code, std::string message) {
  return {code, DefaultReason(code), std::move(message), {}};
}

}  // namespace

std::string EncodeErrorInfo(const Error& error) { return ToErrorInfo(error).SerializeAsString(); }

std::string EncodeErrorStatus(const Error& error) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(error.code));
  status.set_message(error.message);
  status.add_details()->PackFrom(ToErrorInfo(error));
  return status.SerializeAsString();
}

Error DecodeErrorInfo(Code code, std::string message, std::string_view error_info) {
  google::rpc::ErrorInfo info;
  if (!info.ParseFromArray(error_info.data(), static_cast<int>(error_info.size())) ||
      !IsOurs(info)) {
    return WithoutDetail(code, std::move(message));
  }
  return FromErrorInfo(code, std::move(message), info);
}

Error DecodeErrorStatus(Code code, std::string message, std::string_view bytes) {
  google::rpc::Status status;
  if (status.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    google::rpc::ErrorInfo info;
    for (const auto& detail : status.details()) {
      if (detail.UnpackTo(&info) && IsOurs(info)) {
        return FromErrorInfo(code, std::move(message), info);
      }
    }
  }
  return WithoutDetail(code, std::move(message));
}

}  // namespace fairlead::rpc
