// Bytes from outside to a message, with the reason when it cannot be.
#ifndef SERVICES_COMMON_RPC_PARSE_H_
#define SERVICES_COMMON_RPC_PARSE_H_

#include <google/protobuf/message.h>

#include <string_view>

#include "services/common/base/result.h"

namespace google::protobuf::io {
class ZeroCopyInputStream;
}

namespace fairlead::rpc {

// Why `bytes` did not parse as a message of this type, INVALID_ARGUMENT: INVALID_UTF8 with
// metadata {"field": "facets.county"}, or INVALID_MESSAGE.
Error WhyNotParsed(const google::protobuf::Descriptor& descriptor, std::string_view bytes);

// Parses `bytes` into the empty `message`. Errors: those of WhyNotParsed.
Result<void> Parse(std::string_view bytes, google::protobuf::Message& message);
// The same from a stream; false: see WhyNotParsed with the stream's bytes.
bool ParseStream(google::protobuf::io::ZeroCopyInputStream& stream,
                 google::protobuf::Message& message);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_PARSE_H_
