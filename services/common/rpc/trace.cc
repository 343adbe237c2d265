#include "services/common/rpc/trace.h"

#include "services/common/base/encoding.h"

namespace fairlead::rpc {
namespace {

constexpr size_t kLength = 55;

bool IsLowerHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) {
  return IsLowerHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

bool IsTraceparent(std::string_view text) {
  return text.size() == kLength && text.starts_with("00-") && text[35] == '-' && text[52] == '-' &&
         IsId(text.substr(3, 32)) && IsId(text.substr(36, 16)) && IsLowerHex(text.substr(53));
}

std::string NewTraceparent(Random& random) {
  std::string bytes = random.Bytes(24);
  // An id of zeros means "none": one bit keeps it from ever being that.
  bytes[0] = static_cast<char>(bytes[0] | 1);
  bytes[16] = static_cast<char>(bytes[16] | 1);
  const std::string hex = HexEncode(bytes);
  return "00-" + hex.substr(0, 32) + "-" + hex.substr(32, 16) + "-00";
}

}  // namespace fairlead::rpc
