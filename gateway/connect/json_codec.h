// Messages as JSON, in proto3's mapping (https://protobuf.dev/programming-guides/json/).
//
// Reading is ours, because protobuf's own reader cannot say which field was wrong, keeps the last
// of two members with one name, and takes numbers that do not fit. Writing is protobuf's.
//
//   Result<void> read = ReadJson(body, message);    // INVALID_ARGUMENT with the field's path
//   Result<std::string> text = WriteJson(message);
#ifndef GATEWAY_CONNECT_JSON_CODEC_H_
#define GATEWAY_CONNECT_JSON_CODEC_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::gateway {

inline constexpr size_t kMaxJsonDepth = 32;
inline constexpr size_t kMaxJsonBytes = 6 * 1024 * 1024;

// Reads `text` into the empty `message`. Errors, INVALID_ARGUMENT:
//   MALFORMED_JSON  not JSON, a repeated member, too deep, too large; metadata {"detail"}
//   INVALID_UTF8
//   UNKNOWN_FIELD   metadata {"field": "facets.colour"}
//   UNKNOWN_ENUM_VALUE, INVALID_TIME  metadata {"field"}
//   INVALID_VALUE   a value of the wrong type or out of the type's range; metadata {"field"}
// A name in metadata is the client's own and stands there only if it looks like a field's name.
Result<void> ReadJson(std::string_view text, google::protobuf::Message& message);

// Lower camel case, 64-bit integers as strings, bytes in base64, enums by name; defaults left out.
Result<std::string> WriteJson(const google::protobuf::Message& message);

// Whether ReadJson knows every type in this message: no maps, groups, Any, Struct or wrappers.
bool CanReadJson(const google::protobuf::Descriptor& descriptor);

}  // namespace fairlead::gateway

#endif  // GATEWAY_CONNECT_JSON_CODEC_H_
