// buf's STANDARD lint rules (https://buf.build/docs/lint/rules/), and our API style on top, over
// a descriptor set.
#ifndef TESTS_CONTRACT_LINT_H_
#define TESTS_CONTRACT_LINT_H_

#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <vector>

namespace fairlead::contract {

// "fairlead/referral/v1/referral.proto: FIELD_LOWER_SNAKE_CASE: Referral.CaseHandle". Only files of
// the package `fairlead` are looked at.
std::vector<std::string> Lint(const google::protobuf::FileDescriptorSet& set);

}  // namespace fairlead::contract

#endif  // TESTS_CONTRACT_LINT_H_
