// What the contract says about one message type, read from its descriptor once.
#ifndef SERVICES_COMMON_RPC_VALIDATE_PLAN_H_
#define SERVICES_COMMON_RPC_VALIDATE_PLAN_H_

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <vector>

#include "fairlead/api/v1/options.pb.h"

namespace fairlead::rpc {

struct MessagePlan;

struct FieldPlan {
  const google::protobuf::FieldDescriptor* field = nullptr;
  google::protobuf::FieldDescriptor::CppType type = {};
  bool repeated = false;
  bool has_presence = false;
  bool required = false;
  bool secret = false;
  bool is_bytes = false;
  bool has_bounds = false;
  api::v1::Format format = api::v1::FORMAT_UNSPECIFIED;
  size_t max_length = 0;
  int max_items = 0;
  int64_t min = 0;
  int64_t max = 0;
  const MessagePlan* message = nullptr;  // of a message field
};

struct MessagePlan {
  const google::protobuf::Descriptor* descriptor = nullptr;
  bool is_timestamp = false;
  bool has_secret = false;  // here or further inside
  std::vector<FieldPlan> fields;
};

// Made at first use, kept for the life of the process (as descriptors of compiled messages are).
// Thread-safe.
const MessagePlan& PlanFor(const google::protobuf::Descriptor& descriptor);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_VALIDATE_PLAN_H_
