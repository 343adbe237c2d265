#include "services/directory/domain/open_state.h"

#include <set>
#include <utility>

namespace fairlead::directory {

calendar::Hours ReadHours(const std::vector<std::string>& imported,
                          const std::vector<std::string>& special_days,
                          calendar::Holidays holidays) {
  calendar::Hours hours{.schedules = {}, .special_days = {}, .holidays = std::move(holidays)};
  std::set<calendar::Date> own;
  for (const std::string& line : special_days) {
    auto day = calendar::SpecialDayFromText(line);
    if (!day) continue;
    own.insert(day->date);
    hours.special_days.push_back(*std::move(day));
  }
  for (const std::string& line : imported) {
    if (auto schedule = calendar::FromText(line)) {
      hours.schedules.push_back(*std::move(schedule));
    } else if (auto day = calendar::SpecialDayFromText(line); day && !own.contains(day->date)) {
      hours.special_days.push_back(*std::move(day));
    }
  }
  return hours;
}

std::string ZoneOf(const calendar::Hours& hours) {
  if (!hours.schedules.empty()) return hours.schedules.front().zone;
  for (const calendar::SpecialDay& day : hours.special_days) {
    if (!day.is_closed()) return day.zone;
  }
  return "";
}

std::vector<calendar::SpecialDay> FromYesterday(std::vector<calendar::SpecialDay> days,
                                                int64_t now_ms) {
  // A day begins up to 14 h earlier or later than in Greenwich; its night goes on into the next.
  const calendar::Date first = std::chrono::floor<std::chrono::days>(std::chrono::sys_time(
                                   std::chrono::milliseconds(now_ms))) -
                               std::chrono::days(2);
  std::erase_if(days, [&](const calendar::SpecialDay& day) { return day.date < first; });
  return days;
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
