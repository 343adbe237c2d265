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

void HoursLines::Add(const HoursLines& more) {
  schedules.insert(more.schedules.begin(), more.schedules.end());
  for (const auto& [date, lines] : more.special_days) {
    special_days[date].insert(lines.begin(), lines.end());
  }
}

std::vector<std::string> HoursOfService(const HoursLines& own, const HoursLines& of_places) {
  const auto& schedules = own.schedules.empty() ? of_places.schedules : own.schedules;
  std::vector<std::string> lines(schedules.begin(), schedules.end());
  if (lines.size() > kMaxSchedules) lines.resize(kMaxSchedules);
  std::map<calendar::Date, std::set<std::string>> days = own.special_days;
  for (const auto& [date, of_day] : of_places.special_days) {
    if (days.size() >= kMaxSpecialDays) break;
    days.try_emplace(date, of_day);
  }
  for (const auto& [date, of_day] : days) lines.insert(lines.end(), of_day.begin(), of_day.end());
  return SortedUnique(std::move(lines));
}

}  // namespace fairlead::directory
