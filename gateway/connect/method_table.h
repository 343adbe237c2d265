// What the gateway lets through, read from the contract: every RPC marked
// (fairlead.api.v1.method).public, and nothing else. No code per RPC.
//
//   const MethodTable table(ContractFiles());
//   const PublicMethod* method = table.Find("/fairlead.referral.v1.ReferralService/SendReferral");
#ifndef GATEWAY_CONNECT_METHOD_TABLE_H_
#define GATEWAY_CONNECT_METHOD_TABLE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::gateway {

// The files of the contract, linked into this program.
std::vector<const google::protobuf::FileDescriptor*> ContractFiles();

struct PublicMethod {
  std::string path;  // "/package.Service/Method"
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  const google::protobuf::Message* request_prototype = nullptr;
  const google::protobuf::Message* response_prototype = nullptr;
  bool unauthenticated = false;  // works without a sign-in
  bool no_side_effects = false;  // may be a GET
  size_t max_body_bytes = 0;     // 1 MiB, or 6 MiB where a field rule allows that much
};

class MethodTable {
 public:
  // Stops the process when a public method has a message that json_codec.h cannot read.
  explicit MethodTable(const std::vector<const google::protobuf::FileDescriptor*>& files);
  const PublicMethod* Find(std::string_view path) const;  // nullptr: no such public method
  const std::map<std::string, PublicMethod, std::less<>>& methods() const { return methods_; }

 private:
  std::map<std::string, PublicMethod, std::less<>> methods_;
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_CONNECT_METHOD_TABLE_H_
