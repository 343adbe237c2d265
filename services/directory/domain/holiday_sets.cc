#include "services/directory/domain/holiday_sets.h"

#include <algorithm>

namespace fairlead::directory {

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
