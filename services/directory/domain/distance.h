// How far a service is, in a straight line, as far as anybody may be told: in bands, from the
// middle of the large cell that a client is somewhere in (level 10) to the middle of the small one
// of a place that every member may read (level 14). Of any other place, and of every confidential
// one, there is no cell and so no distance.
#ifndef SERVICES_DIRECTORY_DOMAIN_DISTANCE_H_
#define SERVICES_DIRECTORY_DOMAIN_DISTANCE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "services/common/base/s2_cell.h"

namespace fairlead::directory {

// At most so many miles; what is farther is in the band behind them. The first is wider than what
// the two cells leave open.
inline constexpr std::array<int, 4> kBandMiles = {10, 25, 50, 100};
inline constexpr size_t kBeyondBands = kBandMiles.size();
// Of one service; more are not kept.
inline constexpr size_t kMostPlaces = 100;

// Of the nearest of these places; nullopt: there are none.
std::optional<size_t> BandOf(const SpherePoint& from, std::span<const uint32_t> places);
// The band of these miles; nullopt: there is none of just so many.
std::optional<size_t> BandOfMiles(int miles);
// "25": at most so many miles; "100+": more.
std::string MilesOf(size_t band);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_DISTANCE_H_
