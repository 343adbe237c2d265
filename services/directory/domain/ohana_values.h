// Times, days and languages as people typed them into the CSV files of Ohana API.
#ifndef SERVICES_DIRECTORY_DOMAIN_OHANA_VALUES_H_
#define SERVICES_DIRECTORY_DOMAIN_OHANA_VALUES_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/common/calendar/rule.h"

namespace fairlead::directory {

// "Monday", "mon", "Mo" → "MO"; "" when it is none.
std::string WeekdayOf(std::string_view text);

// "9am", "4:00 PM", "08:00" → "09:00", "16:00", "08:00"; "" when it is no time.
std::string TimeOf(std::string_view text);

// "12/24/2015", "12/24/15", "December 24, 2015", "2015-12-24". The year 1 (0001) stands for every
// year: then the day of each of `years`. Empty: no such day.
struct TypedDate {
  int year = 0;  // 1: every one
  std::chrono::month_day day{std::chrono::January, std::chrono::day(1)};
};
std::optional<TypedDate> TypedDateOf(std::string_view text);

// First and last days, both of them included. Of every year: this year's and the next's; one that
// ends before it begins ends in the year after, and last year's is had for what is left of it,
// from where it is yesterday on. nullopt: it ends before it begins, or is longer than a year.
using DayRange = std::pair<calendar::Date, calendar::Date>;
std::optional<std::vector<DayRange>> RangesOf(const TypedDate& first, const TypedDate& last,
                                              calendar::Date today);

// "Spanish", "Chinese (Mandarin)" → "es", "zh"; "" for what has no code of its own.
std::string LanguageOfName(std::string_view name);

// "a, b" → {"a", "b"}, without blanks around them and without empty ones.
std::vector<std::string> TypedList(std::string_view text);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_OHANA_VALUES_H_
