#include "services/directory/domain/load.h"

#include <algorithm>
#include <array>

namespace fairlead::directory {
namespace {

constexpr int64_t kLoadDayMs = 24LL * 60 * 60 * 1000;
// A commit takes far less, and the clocks of one hub's processes differ by less.
constexpr int64_t kSettleMs = 10LL * 60 * 1000;

// The first is too much for one or two offers to reach: no level tells of a single one.
constexpr std::array<int64_t, kMostLoadLevel> kPointsFrom = {10, 20, 40};

}  // namespace

int64_t LastLoadDayAt(int64_t now_ms) { return (now_ms - kSettleMs) / kLoadDayMs - 1; }

int LoadLevelOf(int64_t points) {
  return static_cast<int>(std::ranges::upper_bound(kPointsFrom, points) - kPointsFrom.begin());
}

}  // namespace fairlead::directory
