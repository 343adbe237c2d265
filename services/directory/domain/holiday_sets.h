// Lists of days on which the services that keep them are closed, each under a code.
#ifndef SERVICES_DIRECTORY_DOMAIN_HOLIDAY_SETS_H_
#define SERVICES_DIRECTORY_DOMAIN_HOLIDAY_SETS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/calendar/holidays.h"

namespace fairlead::directory {

// Reckoned by the law (calendar::UsFederalHolidays): always there, and nobody changes it.
inline constexpr std::string_view kUsFederalHolidays = "us_federal";
inline constexpr size_t kMaxHolidaySets = 16;  // of the coalition
inline constexpr size_t kMaxHolidayDates = 200;  // of one set
inline constexpr size_t kMaxKeptSets = 4;      // by one service

struct HolidaySet {
  std::string code;
  std::vector<calendar::Date> dates;  // sorted, each once
  int64_t change_number = 0;          // of the listings that were told of its last change
};

// "2026-12-24", a line each; what cannot be read is passed over.
std::string DatesToText(const std::vector<calendar::Date>& dates);
std::vector<calendar::Date> DatesFromText(std::string_view text);

// Those of the coalition, by code.
class HolidaySets {
 public:
  HolidaySets() = default;
  explicit HolidaySets(std::vector<HolidaySet> sets);

  const std::map<std::string, HolidaySet, std::less<>>& all() const { return sets_; }
  bool Has(std::string_view code) const;
  // Of all these sets together; one that is no longer there has no days.
  calendar::Holidays Of(const std::vector<std::string>& codes) const;
  // Another text whenever Of may answer otherwise; "" for none.
  std::string KeyOf(const std::vector<std::string>& codes) const;

 private:
  std::map<std::string, HolidaySet, std::less<>> sets_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_HOLIDAY_SETS_H_
