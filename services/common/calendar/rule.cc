#include "services/common/calendar/rule.h"

#include <algorithm>

namespace fairlead::calendar {
namespace {

using std::chrono::days;
using std::chrono::last;
using std::chrono::months;
using std::chrono::weekday;
using std::chrono::year_month;
using std::chrono::year_month_day;
using std::chrono::year_month_day_last;

bool Has(const std::vector<int>& numbers, int one, int from_end) {
  return std::ranges::any_of(numbers, [&](int n) { return n == one || n == from_end; });
}

Date WeekOf(Date date, weekday week_start) { return date - (weekday(date) - week_start); }

// The first day of week 1 of a year: the week that has January 4 in it (ISO 8601).
Date FirstWeek(std::chrono::year year, weekday week_start) {
  return WeekOf(Date(year / 1 / 4), week_start);
}

bool InWeeks(const Rule& rule, Date date) {
  const Date week = WeekOf(date, rule.week_start);
  // A week is of the year that has most of its days.
  const std::chrono::year year = year_month_day(week + days(3)).year();
  const Date first = FirstWeek(year, rule.week_start);
  const int number = static_cast<int>((week - first) / days(7)) + 1;
  const int weeks = static_cast<int>(
      (FirstWeek(year + std::chrono::years(1), rule.week_start) - first) / days(7));
  return Has(rule.by_week_number, number, number - weeks - 1);
}

bool IsWeekly(const Rule& rule, Date date) {
  if (rule.start && rule.interval > 1) {
    const days apart = WeekOf(date, rule.week_start) - WeekOf(*rule.start, rule.week_start);
    if ((apart.count() / 7) % rule.interval != 0) return false;
  }
  if (!rule.by_week_number.empty() && !InWeeks(rule, date)) return false;
  if (rule.by_day.empty()) {
    return !rule.by_week_number.empty() || (rule.start && weekday(date) == weekday(*rule.start));
  }
  return std::ranges::any_of(rule.by_day,
                             [&](const ByDay& by) { return by.day == weekday(date); });
}

bool IsMonthly(const Rule& rule, Date date) {
  const year_month_day day(date);
  const year_month month = day.year() / day.month();
  if (rule.start && rule.interval > 1) {
    const year_month_day start(*rule.start);
    const months apart = month - start.year() / start.month();
    if (apart.count() % rule.interval != 0) return false;
  }
  const int of_month = static_cast<int>(static_cast<unsigned>(day.day()));
  const int in_month =
      static_cast<int>(static_cast<unsigned>(year_month_day_last(month / last).day()));
  if (!rule.by_month_day.empty() &&
      !Has(rule.by_month_day, of_month, of_month - in_month - 1)) {
    return false;
  }
  if (rule.by_day.empty()) {
    return !rule.by_month_day.empty() ||
           (rule.start && day.day() == year_month_day(*rule.start).day());
  }
  const int nth = (of_month - 1) / 7 + 1;
  const int nth_last = -((in_month - of_month) / 7 + 1);
  return std::ranges::any_of(rule.by_day, [&](const ByDay& by) {
    return by.day == weekday(date) &&
           (by.ordinal == 0 || by.ordinal == nth || by.ordinal == nth_last);
  });
}

}  // namespace

std::vector<Date> Occurrences(const Rule& rule, Date from, Date to) {
  std::vector<Date> dates;
  Date end = std::min(to, kLastDate);
  if (rule.until) end = std::min(end, *rule.until);
  Date date = std::max(from, kFirstDate);
  if (rule.start) date = std::max(date, *rule.start);
  // What lies before `from` has to be counted too.
  if (rule.count > 0 && rule.start) date = std::max(*rule.start, kFirstDate);
  int counted = 0;
  for (; date <= end && (rule.count == 0 || counted < rule.count); date += days(1)) {
    const bool is = rule.frequency == Frequency::kWeekly ? IsWeekly(rule, date)
                                                         : IsMonthly(rule, date);
    if (!is) continue;
    ++counted;
    if (date >= from) dates.push_back(date);
  }
  return dates;
}

}  // namespace fairlead::calendar
