#include "services/directory/domain/holiday_sets.h"

#include <algorithm>

#include "services/common/base/text.h"
#include "services/common/calendar/hours.h"

namespace fairlead::directory {

std::string DatesToText(const std::vector<calendar::Date>& dates) {
  std::vector<std::string> lines;
  for (const calendar::Date date : dates) lines.push_back(calendar::DateText(date));
  return Join(lines, '\n');
}

std::vector<calendar::Date> DatesFromText(std::string_view text) {
  std::vector<calendar::Date> dates;
  const std::vector<std::string> lines = Split(text, '\n');
  for (const std::string& line : lines) {
    if (const auto date = calendar::ReadDate(line)) dates.push_back(*date);
  }
  return dates;
}

HolidaySets::HolidaySets(std::vector<HolidaySet> sets) {
  for (HolidaySet& set : sets) {
    const std::string code = set.code;
    sets_.insert_or_assign(code, std::move(set));
  }
}

bool HolidaySets::Has(std::string_view code) const {
  return code == kUsFederalHolidays || sets_.contains(code);
}

calendar::Holidays HolidaySets::Of(const std::vector<std::string>& codes) const {
  calendar::Holidays holidays;
  for (const std::string& code : codes) {
    if (code == kUsFederalHolidays) holidays.us_federal = true;
    const auto set = sets_.find(code);
    if (set == sets_.end()) continue;
    const std::vector<calendar::Date>& dates = set->second.dates;
    holidays.dates.insert(holidays.dates.end(), dates.begin(), dates.end());
  }
  std::ranges::sort(holidays.dates);
  return holidays;
}

std::string HolidaySets::KeyOf(const std::vector<std::string>& codes) const {
  std::string key;
  for (const std::string& code : codes) {
    const auto set = sets_.find(code);
    const int64_t number = set == sets_.end() ? 0 : set->second.change_number;
    key.append(code).append("@").append(std::to_string(number)).append(" ");
  }
  return key;
}

}  // namespace fairlead::directory
