// Files that are part of the program: the pages of this folder, and the contract's descriptors.
#ifndef GATEWAY_WEB_EMBEDDED_H_
#define GATEWAY_WEB_EMBEDDED_H_

#include <string_view>

namespace fairlead::gateway {

// The bytes of a file of this folder ("index.html", "join.js", …), of gateway/hsds
// ("hsds/openapi.json") or of "fairlead.binpb" (every
// .proto file with its comments, a google.protobuf.FileDescriptorSet); empty when there is none.
std::string_view EmbeddedFile(std::string_view name);

}  // namespace fairlead::gateway

#endif  // GATEWAY_WEB_EMBEDDED_H_
