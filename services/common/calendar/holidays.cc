#include "services/common/calendar/holidays.h"

#include <algorithm>
#include <array>

namespace fairlead::calendar {
namespace {

using std::chrono::days;
using std::chrono::Monday;
using std::chrono::Thursday;
using std::chrono::weekday;

constexpr int kFirstYear = 1978;  // since then they are where they are, but for two new ones
constexpr int kLastYear = 2200;   // the one of its first day may be kept in 2199

struct HolidayRule {
  std::string_view code;
  unsigned month = 1;
  unsigned day = 0;          // of the month; 0: the nth weekday
  int nth = 0;               // -1: the last
  weekday of_week = Monday;
  int since = kFirstYear;
};

// 5 U.S.C. 6103(a), in the order of the year.
constexpr std::array<HolidayRule, 11> kUsFederal = {{
    {"new_years_day", 1, 1},
    {"martin_luther_king_day", 1, 0, 3, Monday, 1986},
    {"washingtons_birthday", 2, 0, 3, Monday},
    {"memorial_day", 5, 0, -1, Monday},
    {"juneteenth", 6, 19, 0, Monday, 2021},
    {"independence_day", 7, 4},
    {"labor_day", 9, 0, 1, Monday},
    {"columbus_day", 10, 0, 2, Monday},
    {"veterans_day", 11, 11},
    {"thanksgiving_day", 11, 0, 4, Thursday},
    {"christmas_day", 12, 25},
}};

Date DateOf(const HolidayRule& rule, int year) {
  const auto month = std::chrono::year(year) / std::chrono::month(rule.month);
  if (rule.day != 0) return month / std::chrono::day(rule.day);
  if (rule.nth < 0) return month / rule.of_week[std::chrono::last];
  return month / rule.of_week[static_cast<unsigned>(rule.nth)];
}

// Where a holiday is kept beside its own day; that day when it is no day of a weekend.
Date KeptOn(const HolidayRule& rule, Date date) {
  if (rule.day == 0) return date;
  if (weekday(date) == std::chrono::Saturday) return date - days(1);
  if (weekday(date) == std::chrono::Sunday) return date + days(1);
  return date;
}

bool IsUsFederal(Date date) {
  const int year = static_cast<int>(std::chrono::year_month_day(date).year());
  // The first day of the next year may be kept on the last of this one.
  for (const int of : {year, year + 1}) {
    for (const HolidayRule& rule : kUsFederal) {
      if (of < rule.since) continue;
      const Date day = DateOf(rule, of);
      if (date == day || date == KeptOn(rule, day)) return true;
    }
  }
  return false;
}

}  // namespace

bool Holidays::Has(Date date) const {
  return std::ranges::binary_search(dates, date) || (us_federal && IsUsFederal(date));
}

std::vector<NamedHoliday> UsFederalHolidays(int year) {
  std::vector<NamedHoliday> all;
  if (year < kFirstYear || year > kLastYear) return all;
  for (const HolidayRule& rule : kUsFederal) {
    if (year < rule.since) continue;
    const Date date = DateOf(rule, year);
    all.push_back({date, rule.code});
    if (KeptOn(rule, date) != date) all.push_back({KeptOn(rule, date), rule.code});
  }
  std::ranges::sort(all, {}, &NamedHoliday::date);
  return all;
}

}  // namespace fairlead::calendar
