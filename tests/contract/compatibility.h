// What an older client, an older event or an older row would no longer understand: buf's WIRE_JSON
// rules (https://buf.build/docs/breaking/rules/), and that no public RPC is closed.
#ifndef TESTS_CONTRACT_COMPATIBILITY_H_
#define TESTS_CONTRACT_COMPATIBILITY_H_

#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <vector>

namespace fairlead::contract {

// Breaking changes on the way from `before` to `after`, of packages `fairlead`. Additions are
// fine. A removed field or enum value is fine when its number and its name are reserved.
std::vector<std::string> BreakingChanges(const google::protobuf::FileDescriptorSet& before,
                                         const google::protobuf::FileDescriptorSet& after);

}  // namespace fairlead::contract

#endif  // TESTS_CONTRACT_COMPATIBILITY_H_
