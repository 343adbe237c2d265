// Cells of S2 (https://s2geometry.io/devguide/s2cell_hierarchy): the earth as the six faces of a
// cube, each cut into four again and again. Of a place only the cell is known that it lies in, and
// the level says how well: at 14 some 0.6 km, at 10 some 10 km. Ids and tokens are those of S2,
// checked against another implementation; of the id the 32 highest bits, which hold all there is of
// a level up to 14.
//
//   const uint32_t cell = S2CellOf(25.7617, -80.1918, kS2RoughLevel);  // S2Token(cell) == "88d9b7"
#ifndef SERVICES_COMMON_BASE_S2_CELL_H_
#define SERVICES_COMMON_BASE_S2_CELL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead {

inline constexpr int kS2PlaceLevel = 14;
inline constexpr int kS2RoughLevel = 10;

// On the sphere of radius 1.
struct SpherePoint {
  double x = 0;
  double y = 0;
  double z = 0;
};

// Degrees: latitude from -90 to 90, longitude from -180 to 180. `level`: 0 to 14.
uint32_t S2CellOf(double latitude, double longitude, int level);
// Of its middle.
SpherePoint S2Middle(uint32_t cell);

// Hexadecimal, without the zeros at its end.
std::string S2Token(uint32_t cell);
// nullopt: it is not the token of a cell of exactly that level.
std::optional<uint32_t> S2CellOfToken(std::string_view token, int level);

// The square of the straight line between them, through the earth; grows with their distance.
double SquaredChord(const SpherePoint& one, const SpherePoint& other);
// The same of two points that are so far apart along the earth: statute miles, on a sphere of the
// earth's mean radius (3,958.76 miles; IUGG).
double SquaredChordOfMiles(double miles);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_S2_CELL_H_
