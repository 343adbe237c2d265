#include "services/common/rpc/parse.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/wire_format_lite.h>

#include "services/common/base/encoding.h"

namespace fairlead::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kMaxParseDepth = 100;  // protobuf's own limit

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
    if (!input.ReadVarint32(&size)) return {};
    const auto at = static_cast<size_t>(input.CurrentPosition());
    if (size > bytes.size() - at || !input.Skip(static_cast<int>(size))) return {};
    const std::string_view value = bytes.substr(at, size);
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

// Else protobuf prints a line for each string that is not UTF-8: a log in the caller's hands.
void BeQuiet() {
  static const auto previous = google::protobuf::SetLogHandler(nullptr);
  static_cast<void>(previous);
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
  BeQuiet();
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
  return Fail(WhyNotParsed(*message.GetDescriptor(), bytes));
}

bool ParseStream(google::protobuf::io::ZeroCopyInputStream& stream,
                 google::protobuf::Message& message) {
  BeQuiet();
  return message.ParseFromZeroCopyStream(&stream);
}

}  // namespace fairlead::rpc
