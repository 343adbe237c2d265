// What anyone can send to the gateway: request heads, query strings and JSON bodies. The first byte
// says which.
#include <google/protobuf/util/message_differencer.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/connect/json_codec.h"
#include "gateway/connect/method_table.h"
#include "gateway/http/head.h"
#include "services/common/base/check.h"

namespace fairlead::gateway {
namespace {

void Heads(std::string_view bytes) {
  const auto head = ParseHead(bytes);
  if (!head) {
    FAIRLEAD_CHECK(head.error().status >= 400 && !head.error().detail.empty());
    return;
  }
  FAIRLEAD_CHECK(bytes.ends_with("\r\n\r\n"));
  FAIRLEAD_CHECK(head->path.starts_with('/'));
  FAIRLEAD_CHECK(!(head->chunked && head->content_length));
  for (const auto& [name, value] : head->headers) {
    FAIRLEAD_CHECK(name.find_first_of(std::string_view("\r\n\0 :\t", 6)) == std::string::npos);
    FAIRLEAD_CHECK(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
  // Nothing hides behind the head: with more after it, it is not one head.
  FAIRLEAD_CHECK(!ParseHead(std::string(bytes) + "GET / HTTP/1.1\r\n\r\n"));
}

// What was read can be written and read again, and is the same.
void Json(uint8_t choice, std::string_view text) {
  static const MethodTable table(ContractFiles());
  auto method = table.methods().begin();
  std::advance(method, choice % table.methods().size());
  const std::unique_ptr<google::protobuf::Message> message(method->second.request_prototype->New());
  const Result<void> read = ReadJson(text, *message);
  if (!read) {
    FAIRLEAD_CHECK(read.error().code == Code::kInvalidArgument);
    return;
  }
  const Result<std::string> written = WriteJson(*message);
  FAIRLEAD_CHECK(written.has_value());
  const std::unique_ptr<google::protobuf::Message> again(message->New());
  FAIRLEAD_CHECK(ReadJson(*written, *again).has_value());
  FAIRLEAD_CHECK(google::protobuf::util::MessageDifferencer::Equals(*message, *again));
}

}  // namespace
}  // namespace fairlead::gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 3) {
    case 0:
      fairlead::gateway::Heads(rest);
      break;
    case 1:
      fairlead::gateway::Json(data[1], rest);
      break;
    default:
      static_cast<void>(fairlead::gateway::QueryParameter(rest, "message"));
  }
  return 0;
}
