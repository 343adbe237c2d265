#include "services/directory/domain/import_hours.h"

#include "services/common/base/text.h"

namespace fairlead::directory {

std::string_view HoursLines::Add(const calendar::Read& read) {
  if (read.schedule) schedules.insert(calendar::ToText(*read.schedule));
  if (read.special_day) {
    special_days[read.special_day->date].insert(calendar::ToText(*read.special_day));
  }
  if (schedules.size() > kMaxSchedules) return "TOO_MANY_SCHEDULES";
  return special_days.size() > kMaxSpecialDays ? "TOO_MANY_SPECIAL_DAYS" : "";
}

std::vector<std::string> HoursOfService(const HoursLines& own,
                                        const std::vector<const HoursLines*>& places) {
  std::set<std::string> schedules = own.schedules;
  std::map<calendar::Date, std::set<std::string>> of_places;
  std::map<calendar::Date, size_t> said;  // by how many of the places that have schedules
  size_t with_schedules = 0;
  for (const HoursLines* place : places) {
    const bool has_schedules = !place->schedules.empty();
    if (has_schedules) ++with_schedules;
    if (own.schedules.empty()) schedules.insert(place->schedules.begin(), place->schedules.end());
    for (const auto& [date, lines] : place->special_days) {
      of_places[date].insert(lines.begin(), lines.end());
      if (has_schedules) ++said[date];
    }
  }
  std::vector<std::string> lines(schedules.begin(), schedules.end());
  if (lines.size() > kMaxSchedules) lines.resize(kMaxSchedules);
  std::map<calendar::Date, std::set<std::string>> days = own.special_days;
  for (const auto& [date, of_day] : of_places) {
    if (said[date] < with_schedules) continue;
    if (days.size() >= kMaxSpecialDays) break;
    days.try_emplace(date, of_day);
  }
  for (const auto& [date, of_day] : days) lines.insert(lines.end(), of_day.begin(), of_day.end());
  return SortedUnique(std::move(lines));
}

}  // namespace fairlead::directory
