// Requests made from the contract's descriptors, with somebody else's id in one field: what the
// cross-agency test attacks with. A new RPC is attacked as soon as it is in the contract.
#ifndef TESTS_AUTHORITY_ATTACK_H_
#define TESTS_AUTHORITY_ATTACK_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/common/base/ids.h"
#include "services/common/base/result.h"

namespace fairlead::authority {

using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// "filter.case_handle".
std::string NameOf(const FieldPath& path);

// Every field of the request that holds ids, at most three messages deep, but for request_id.
std::vector<FieldPath> IdFields(const google::protobuf::Descriptor& request);

// A request that passes the validator: what is required is filled with something of its format.
std::unique_ptr<google::protobuf::Message> Plausible(const google::protobuf::Descriptor& request,
                                                     IdGenerator& ids);
// Puts the id at the path; what holds it is made plausible first.
void Place(google::protobuf::Message& request, const FieldPath& path, const std::string& id,
           IdGenerator& ids);

// What one call answered, as far as anybody outside can see.
struct Answer {
  Code code = Code::kOk;
  std::string reason;
  std::string metadata_keys;
  int64_t size = 0;  // bytes of the answer, or of the error's words
};
Answer AnswerOf(const Result<std::unique_ptr<google::protobuf::Message>>& reply);
std::string ToString(const Answer& answer);
// Alike to an attacker: the same status, reason and metadata, and within 16 bytes the same size.
bool Alike(const Answer& one, const Answer& other);

// Times of calls about ids that are somebody else's, and of two lots about ids that are nobody's.
// The three are taken in turn, so that what else the machine does strikes all alike.
struct Times {
  std::vector<int64_t> theirs_ns;
  std::vector<int64_t> nobodys_ns;
  std::vector<int64_t> nobodys_again_ns;
};
// Empty when nobody could tell: the medians lie as near to each other as the middle half of one lot
// is wide, or as the two lots about nobody's ids, or within 20 us (measured without gateway and
// network, which vary more). Otherwise what could be told, in words.
std::string Telling(const Times& times);

}  // namespace fairlead::authority

#endif  // TESTS_AUTHORITY_ATTACK_H_
