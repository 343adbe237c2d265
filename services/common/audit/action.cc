#include "services/common/audit/action.h"

#include <algorithm>
#include <array>

namespace fairlead::audit {
namespace {

#define FAIRLEAD_X(enumerator, name) std::string_view(name),
constexpr std::array kCodes = {FAIRLEAD_AUDIT_ACTIONS(FAIRLEAD_X)};
#undef FAIRLEAD_X

}  // namespace

std::string_view ActionCode(Action action) { return kCodes.at(static_cast<size_t>(action)); }

std::optional<Action> ActionFromCode(std::string_view code) {
  const auto found = std::find(kCodes.begin(), kCodes.end(), code);
  if (found == kCodes.end()) return std::nullopt;
  return static_cast<Action>(found - kCodes.begin());
}

}  // namespace fairlead::audit
