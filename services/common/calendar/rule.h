// Recurring days: the part of RFC 5545's RRULE that HSDS 3.1 schedules use.
//
//   Rule rule{.frequency = Frequency::kMonthly, .by_day = {{-1, std::chrono::Friday}}};
//   Occurrences(rule, from, to)        // the last Friday of each month
//
// Days only: what time it is there is hours.h's. Sources: RFC 5545 section 3.3.10; HSDS 3.1
// schedule (freq, interval, byday, bymonthday, byweekno, wkst, dtstart, until, count).
#ifndef SERVICES_COMMON_CALENDAR_RULE_H_
#define SERVICES_COMMON_CALENDAR_RULE_H_

#include <chrono>
#include <compare>
#include <optional>
#include <vector>

namespace fairlead::calendar {

using Date = std::chrono::sys_days;  // a day of the Gregorian calendar, nowhere in particular

enum class Frequency { kWeekly, kMonthly };

// "MO" is {0, Monday}; "-1FR" is {-1, Friday}, the last one of a month.
struct ByDay {
  int ordinal = 0;  // -5 to 5; 0: every one
  std::chrono::weekday day = std::chrono::Monday;
  bool operator==(const ByDay&) const = default;
};

struct Rule {
  Frequency frequency = Frequency::kWeekly;
  int interval = 1;  // every n-th week or month, counted from `start`
  std::vector<ByDay> by_day;
  std::vector<int> by_month_day;    // 1 to 31, -31 to -1 from the end; kMonthly only
  std::vector<int> by_week_number;  // ISO 8601 with week_start, -53 to 53; kWeekly only
  std::chrono::weekday week_start = std::chrono::Monday;
  // The first day that counts. Without it every day may, and interval must be 1 and count 0.
  std::optional<Date> start;
  std::optional<Date> until;  // the last day that counts
  int count = 0;              // at most so many, from `start`; 0: no end
  bool operator==(const Rule&) const = default;
};

// What dates may be: a rule is walked day by day.
inline constexpr Date kFirstDate = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
inline constexpr Date kLastDate = std::chrono::sys_days(std::chrono::year(2199) / 12 / 31);
inline constexpr int kMaxInterval = 100;
inline constexpr int kMaxCount = 1'000;

// The days of the rule in [from, to], in order; both ends are brought to kFirstDate … kLastDate.
// A rule that names no days means those of its start (RFC 5545: information is taken from
// DTSTART). Of days by name with and without ordinals either will do. Walks the days from `from`
// on; of a rule with a count those from its start.
std::vector<Date> Occurrences(const Rule& rule, Date from, Date to);

}  // namespace fairlead::calendar

#endif  // SERVICES_COMMON_CALENDAR_RULE_H_
