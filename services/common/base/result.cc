#include "services/common/base/result.h"

#include <array>

namespace fairlead {
namespace {
constexpr std::array<std::string_view, 17> kNames = {
    "ok",           "canceled",          "unknown",           "invalid_argument",
    "deadline_exceeded", "not_found",    "already_exists",    "permission_denied",
    "resource_exhausted", "failed_precondition", "aborted",   "out_of_range",
    "unimplemented", "internal",         "unavailable",       "data_loss",
    "unauthenticated"};
}  // namespace

std::string_view CodeName(Code code) {
  const auto index = static_cast<size_t>(code);
  return index < kNames.size() ? kNames[index] : kNames[2];
}

Code CodeFromName(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Code>(i);
  }
  return Code::kUnknown;
}

std::string ToString(const Error& error) {
  return std::string(CodeName(error.code)) + " " + error.reason + ": " + error.message;
}

}  // namespace fairlead
