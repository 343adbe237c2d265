// The contract as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0), made from the descriptors:
// a POST for each public method, a schema for each message, with the field rules and the comments
// of the .proto files. No references outside the document.
#ifndef GATEWAY_CONNECT_OPENAPI_H_
#define GATEWAY_CONNECT_OPENAPI_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::gateway {

// `files` with source info carry comments; the generated pool's have none.
std::string MakeOpenApi(const std::vector<const google::protobuf::FileDescriptor*>& files,
                        std::string_view version);

// The same from a serialised FileDescriptorSet with imports; falls back to `files`, without
// comments, when the set cannot be read.
std::string MakeOpenApiFromSet(std::string_view descriptor_set,
                               const std::vector<const google::protobuf::FileDescriptor*>& files,
                               std::string_view version);

}  // namespace fairlead::gateway

#endif  // GATEWAY_CONNECT_OPENAPI_H_
