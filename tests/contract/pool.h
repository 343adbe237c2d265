// Descriptor sets for the contract tests: read, and made into pools.
#ifndef TESTS_CONTRACT_POOL_H_
#define TESTS_CONTRACT_POOL_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <memory>
#include <optional>
#include <string>

namespace fairlead::contract {

// Nothing when the file is missing or malformed.
std::optional<google::protobuf::FileDescriptorSet> ReadSet(const std::string& path);

// Null when a file of the set needs one that the set has not.
std::unique_ptr<google::protobuf::DescriptorPool> MakePool(
    const google::protobuf::FileDescriptorSet& set);

// "fairlead.referral.v1", and not google's.
bool IsOurs(const std::string& package);

}  // namespace fairlead::contract

#endif  // TESTS_CONTRACT_POOL_H_
