#include "services/common/rpc/method.h"

#include "services/common/base/check.h"

namespace fairlead::rpc {

void Registry::Add(Method method) {
  FAIRLEAD_CHECK(method.name.starts_with('/'));
  FAIRLEAD_CHECK(method.request_prototype != nullptr && method.response_prototype != nullptr);
  FAIRLEAD_CHECK(method.handler != nullptr);
  std::string name = method.name;
  const bool added = methods_.emplace(std::move(name), std::move(method)).second;
  FAIRLEAD_CHECK(added);
}

const Method* Registry::Find(std::string_view name) const {
  const auto found = methods_.find(name);
  return found == methods_.end() ? nullptr : &found->second;
}

}  // namespace fairlead::rpc
