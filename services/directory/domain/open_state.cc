#include "services/directory/domain/open_state.h"

#include <utility>

namespace fairlead::directory {

std::vector<calendar::Schedule> ReadSchedules(const std::vector<std::string>& lines) {
  std::vector<calendar::Schedule> schedules;
  for (const std::string& line : lines) {
    if (auto schedule = calendar::FromText(line)) schedules.push_back(*std::move(schedule));
  }
  return schedules;
}

OpenState StateAt(std::span<const calendar::Opening> openings, int64_t now_ms) {
  OpenState state{.is_stated = true};
  for (const calendar::Opening& next : openings) {
    if (next.end_ms <= now_ms) continue;
    state.is_open = next.start_ms <= now_ms;
    const int64_t change_ms = state.is_open ? next.end_ms : next.start_ms;
    // Open for longer than is looked at: it does not close.
    if (change_ms < now_ms + kHoursSpanMs) state.change_ms = change_ms;
    break;
  }
  return state;
}

}  // namespace fairlead::directory
