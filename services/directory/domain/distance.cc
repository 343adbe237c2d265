#include "services/directory/domain/distance.h"

#include <algorithm>
#include <limits>

namespace fairlead::directory {

std::optional<size_t> BandOf(const SpherePoint& from, std::span<const uint32_t> places) {
  static const std::array<double, kBeyondBands> ends = [] {
    std::array<double, kBeyondBands> chords{};
    std::ranges::transform(kBandMiles, chords.begin(), SquaredChordOfMiles);
    return chords;
  }();
  if (places.empty()) return std::nullopt;
  double nearest = std::numeric_limits<double>::max();
  for (const uint32_t cell : places) {
    nearest = std::min(nearest, SquaredChord(from, S2Middle(cell)));
  }
  return static_cast<size_t>(std::ranges::lower_bound(ends, nearest) - ends.begin());
}

std::optional<size_t> BandOfMiles(int miles) {
  const auto found = std::ranges::find(kBandMiles, miles);
  if (found == kBandMiles.end()) return std::nullopt;
  return static_cast<size_t>(found - kBandMiles.begin());
}

std::string MilesOf(size_t band) {
  if (band >= kBeyondBands) return std::to_string(kBandMiles.back()) + "+";
  return std::to_string(kBandMiles.at(band));
}

}  // namespace fairlead::directory
