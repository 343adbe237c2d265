#include "tests/contract/pool.h"

#include <fstream>

namespace fairlead::contract {

std::optional<google::protobuf::FileDescriptorSet> ReadSet(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  if (!stream.is_open() || !set.ParseFromIstream(&stream)) return std::nullopt;
  return set;
}

std::unique_ptr<google::protobuf::DescriptorPool> MakePool(
    const google::protobuf::FileDescriptorSet& set) {
  auto pool = std::make_unique<google::protobuf::DescriptorPool>();
  for (const auto& file : set.file()) {  // protoc writes imports before what needs them
    if (pool->BuildFile(file) == nullptr) return nullptr;
  }
  return pool;
}

bool IsOurs(const std::string& package) { return package.starts_with("fairlead."); }

}  // namespace fairlead::contract
