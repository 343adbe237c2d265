#include "services/common/rpc/grpc_bytes.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include "services/common/base/check.h"
#include "services/common/rpc/error_detail.h"
#include "services/common/rpc/parse.h"

namespace fairlead::rpc {
namespace {

std::string_view View(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace

Result<void> FromBytes(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  // Nearly every message comes in one piece, which parses faster than a stream.
  grpc::Slice whole;
  if (bytes.TrySingleSlice(&whole).ok()) return Parse(View(whole), message);
  grpc::ByteBuffer shared(bytes);  // the same slices: the reader wants a buffer it may change
  grpc::ProtoBufferReader reader(&shared);
  if (reader.status().ok() && ParseStream(reader, message)) return {};
  if (bytes.DumpToSingleSlice(&whole).ok()) {
    return Fail(WhyNotParsed(*message.GetDescriptor(), View(whole)));
  }
  return Fail(WhyNotParsed(*message.GetDescriptor(), {}));
}

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  const size_t size = message.ByteSizeLong();
  grpc::Slice slice(size);
  // A fresh slice is nobody else's yet.
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

grpc::Status ToGrpcStatus(const Error& error) {
  return grpc::Status(static_cast<grpc::StatusCode>(error.code), error.message,
                      EncodeErrorStatus(error));
}

Error FromGrpcStatus(const grpc::Status& status) {
  const int number = static_cast<int>(status.error_code());
  const Code code = number > 0 && number <= static_cast<int>(Code::kUnauthenticated)
                        ? static_cast<Code>(number)
                        : Code::kUnknown;
  return DecodeErrorStatus(code, status.error_message(), status.error_details());
}

}  // namespace fairlead::rpc
