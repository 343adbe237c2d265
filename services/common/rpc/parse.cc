#include "services/common/rpc/parse.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/wire_format_lite.h>

#include "services/common/base/encoding.h"

namespace fairlead::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// The path of the first string field of well-formed bytes that is not UTF-8; empty: none, or the
// bytes are not well formed.
std::string FindBadText(const Descriptor& descriptor, std::string_view bytes, int depth) {
  if (depth > kMaxParseDepth) return {};
  CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                         static_cast<int>(bytes.size()));
  while (const uint32_t tag = input.ReadTag()) {
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&input, tag)) return {};
      continue;
    }
    uint32_t size = 0;
    std::string value;
    if (!input.ReadVarint32(&size) || size > bytes.size() ||
        !input.ReadString(&value, static_cast<int>(size))) {
      return {};
    }
    const FieldDescriptor* field =
        descriptor.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field == nullptr) continue;
    if (field->type() == FieldDescriptor::TYPE_STRING && !IsUtf8(value)) return field->name();
    if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      const std::string inside = FindBadText(*field->message_type(), value, depth + 1);
      if (!inside.empty()) return field->name() + "." + inside;
    }
  }
  return {};
}

bool ParseCoded(CodedInputStream& input, google::protobuf::Message& message) {
  // Else protobuf prints a line for each string that is not UTF-8: a log in the caller's hands.
  static const auto previous = google::protobuf::SetLogHandler(nullptr);
  static_cast<void>(previous);
  input.SetRecursionLimit(kMaxParseDepth);
  return message.ParseFromCodedStream(&input) && input.ConsumedEntireMessage();
}

}  // namespace

Error WhyNotParsed(const Descriptor& descriptor, std::string_view bytes) {
  std::string field = FindBadText(descriptor, bytes, 1);
  if (field.empty()) {
    return {Code::kInvalidArgument, "INVALID_MESSAGE", "The message cannot be read.", {}};
  }
  std::string message = field + " is not UTF-8.";
  return {Code::kInvalidArgument, "INVALID_UTF8", std::move(message), {{"field", field}}};
}

Result<void> Parse(std::string_view bytes, google::protobuf::Message& message) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                         static_cast<int>(bytes.size()));
  if (ParseCoded(input, message)) return {};
  return Fail(WhyNotParsed(*message.GetDescriptor(), bytes));
}

bool ParseStream(google::protobuf::io::ZeroCopyInputStream& stream,
                 google::protobuf::Message& message) {
  CodedInputStream input(&stream);
  return ParseCoded(input, message);
}

}  // namespace fairlead::rpc
