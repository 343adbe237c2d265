#include "services/common/base/s2_cell.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

namespace fairlead {
namespace {

constexpr int kFaces = 6;
constexpr int kFaceBits = 3;
constexpr int kIdBits = 32;
constexpr double kEarthMiles = 3958.76;

// S2 numbers the four children of a cell along a Hilbert curve, which enters a cell in one of four
// orientations (bit 0: axes swapped; bit 1: both turned round).
constexpr std::array<std::array<uint32_t, 4>, 4> kPlaceOfChild = {
    {{0, 1, 3, 2}, {0, 3, 1, 2}, {2, 3, 1, 0}, {2, 1, 3, 0}}};
constexpr std::array<std::array<uint32_t, 4>, 4> kChildAt = {
    {{0, 1, 3, 2}, {0, 2, 3, 1}, {3, 2, 0, 1}, {3, 1, 0, 2}}};
constexpr std::array<uint32_t, 4> kTurnAt = {1, 0, 0, 3};

struct OnFace {
  uint32_t face = 0;
  double u = 0;  // -1 to 1
  double v = 0;
};

OnFace Project(const SpherePoint& p) {
  const std::array<double, 3> size = {std::abs(p.x), std::abs(p.y), std::abs(p.z)};
  switch (std::max_element(size.begin(), size.end()) - size.begin()) {
    case 0:
      return p.x >= 0 ? OnFace{0, p.y / p.x, p.z / p.x} : OnFace{3, p.z / p.x, p.y / p.x};
    case 1:
      return p.y >= 0 ? OnFace{1, -p.x / p.y, p.z / p.y} : OnFace{4, p.z / p.y, -p.x / p.y};
    default:
      return p.z >= 0 ? OnFace{2, -p.x / p.z, -p.y / p.z} : OnFace{5, -p.y / p.z, -p.x / p.z};
  }
}

SpherePoint Unproject(const OnFace& at) {
  switch (at.face) {
    case 0:
      return {1, at.u, at.v};
    case 1:
      return {-at.u, 1, at.v};
    case 2:
      return {-at.u, -at.v, 1};
    case 3:
      return {-1, -at.v, -at.u};
    case 4:
      return {at.v, -1, -at.u};
    default:
      return {at.v, at.u, -1};
  }
}

// Between the cube and 0 to 1, so that cells are of nearly the same size everywhere (S2's quadratic
// projection).
double FromCube(double u) {
  return u >= 0 ? 0.5 * std::sqrt(1 + 3 * u) : 1 - 0.5 * std::sqrt(1 - 3 * u);
}
double ToCube(double s) {
  return s >= 0.5 ? (4 * s * s - 1) / 3 : (1 - 4 * (1 - s) * (1 - s)) / 3;
}

int LevelOf(uint32_t cell) { return (kIdBits - kFaceBits - 1 - std::countr_zero(cell)) / 2; }

}  // namespace

uint32_t S2CellOf(double latitude, double longitude, int level) {
  const double north = latitude * std::numbers::pi / 180;
  const double east = longitude * std::numbers::pi / 180;
  const OnFace at = Project({std::cos(north) * std::cos(east), std::cos(north) * std::sin(east),
                             std::sin(north)});
  const auto steps = static_cast<double>(1U << static_cast<unsigned>(level));
  const auto step = [steps](double u) {
    return static_cast<uint32_t>(std::clamp(std::floor(FromCube(u) * steps), 0.0, steps - 1));
  };
  const uint32_t i = step(at.u);
  const uint32_t j = step(at.v);
  uint32_t id = at.face;
  uint32_t turn = at.face & 1U;
  for (int bit = level - 1; bit >= 0; --bit) {
    const auto shift = static_cast<unsigned>(bit);
    const uint32_t child = ((i >> shift) & 1U) << 1U | ((j >> shift) & 1U);
    const uint32_t place = kPlaceOfChild.at(turn).at(child);
    id = id << 2U | place;
    turn ^= kTurnAt.at(place);
  }
  // The lowest bit that is set says where the id ends.
  return (id << 1U | 1U) << static_cast<unsigned>(kIdBits - kFaceBits - 1 - 2 * level);
}

SpherePoint S2Middle(uint32_t cell) {
  OnFace at{.face = cell >> static_cast<unsigned>(kIdBits - kFaceBits)};
  const int level = LevelOf(cell);
  uint32_t turn = at.face & 1U;
  uint32_t i = 0;
  uint32_t j = 0;
  for (int step = 1; step <= level; ++step) {
    const auto shift = static_cast<unsigned>(kIdBits - kFaceBits - 2 * step);
    const uint32_t place = (cell >> shift) & 3U;
    const uint32_t child = kChildAt.at(turn).at(place);
    i = i << 1U | child >> 1U;
    j = j << 1U | (child & 1U);
    turn ^= kTurnAt.at(place);
  }
  const auto halves = static_cast<double>(2U << static_cast<unsigned>(level));
  at.u = ToCube((2.0 * i + 1) / halves);
  at.v = ToCube((2.0 * j + 1) / halves);
  const SpherePoint p = Unproject(at);
  const double length = std::sqrt(p.x * p.x + p.y * p.y + p.z * p.z);
  return {p.x / length, p.y / length, p.z / length};
}

std::string S2Token(uint32_t cell) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string token;
  for (uint32_t left = cell; left != 0; left <<= 4U) token += kHex[left >> 28U];
  return token;
}

std::optional<uint32_t> S2CellOfToken(std::string_view token, int level) {
  constexpr size_t kMostDigits = 8;
  if (token.empty() || token.size() > kMostDigits) return std::nullopt;
  uint32_t cell = 0;
  unsigned shift = kIdBits;
  for (const char c : token) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) return std::nullopt;
    shift -= 4;
    cell |= static_cast<uint32_t>(is_digit ? c - '0' : c - 'a' + 10) << shift;
  }
  const bool ends_well = cell != 0 && std::countr_zero(cell) % 2 == 0 && LevelOf(cell) == level;
  if (!ends_well || cell >> static_cast<unsigned>(kIdBits - kFaceBits) >= kFaces) {
    return std::nullopt;
  }
  return S2Token(cell) == token ? std::optional(cell) : std::nullopt;
}

double SquaredChord(const SpherePoint& one, const SpherePoint& other) {
  const double x = one.x - other.x;
  const double y = one.y - other.y;
  const double z = one.z - other.z;
  return x * x + y * y + z * z;
}

double SquaredChordOfMiles(double miles) {
  const double half = std::sin(miles / kEarthMiles / 2);
  return 4 * half * half;
}

}  // namespace fairlead
