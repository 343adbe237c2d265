// Between google.protobuf.Timestamp and milliseconds since the Unix epoch. 0 is "not set".
#ifndef SERVICES_COMMON_RPC_PROTO_TIME_H_
#define SERVICES_COMMON_RPC_PROTO_TIME_H_

#include <google/protobuf/repeated_ptr_field.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fairlead::rpc {

inline int64_t ToMs(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1000 + time.nanos() / 1'000'000;
}

// Leaves the field unset for 0: SetTime(ms, [&] { return offer->mutable_open_time(); }).
template <class Mutable>
void SetTime(int64_t ms, Mutable mutable_field) {
  if (ms == 0) return;
  google::protobuf::Timestamp* time = mutable_field();
  time->set_seconds(ms / 1000);
  time->set_nanos(static_cast<int32_t>(ms % 1000) * 1'000'000);
}

inline std::vector<std::string> ToVector(
    const google::protobuf::RepeatedPtrField<std::string>& field) {
  return {field.begin(), field.end()};
}

inline void SetRepeated(const std::vector<std::string>& items,
                        google::protobuf::RepeatedPtrField<std::string>* field) {
  for (const std::string& item : items) *field->Add() = item;
}

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_PROTO_TIME_H_
