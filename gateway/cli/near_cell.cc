#include "gateway/cli/near_cell.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "gateway/cli/output.h"
#include "services/common/base/s2_cell.h"

namespace fairlead::cli {
namespace {

std::optional<double> DegreesIn(std::string_view text, double most) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  double degrees = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, degrees, std::chars_format::fixed);
  const bool is_read = read.ec == std::errc() && read.ptr == end;
  return is_read && std::abs(degrees) <= most ? std::optional(degrees) : std::nullopt;
}

}  // namespace

Result<std::string> NearCell(const std::string& near) {
  if (near.empty() || S2CellOfToken(near, kS2RoughLevel)) return near;
  const std::string_view text = near;
  const size_t comma = text.find(',');
  if (comma != std::string_view::npos) {
    const std::optional<double> north = DegreesIn(text.substr(0, comma), 90);
    const std::optional<double> east = DegreesIn(text.substr(comma + 1), 180);
    if (north && east) return S2Token(S2CellOf(*north, *east, kS2RoughLevel));
  }
  return Usage("--near is a latitude and a longitude in degrees: 25.76,-80.19.");
}

std::string DistanceText(const std::string& miles) {
  if (miles.empty()) return "";
  if (miles.ends_with('+')) return "over " + miles.substr(0, miles.size() - 1) + " miles";
  return "within " + miles + " miles";
}

}  // namespace fairlead::cli
