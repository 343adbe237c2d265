// When a place is open: HSDS 3.1 schedules, and what they say of an instant.
//
//   const Fields fields = {{"freq", "WEEKLY"}, {"byday", "MO,FR"}, {"opens_at", "22:00"},
//                          {"closes_at", "06:00"}, {"timezone", "America/New_York"}};
//   Read read = ReadSchedule(fields, "");
//   Openings({&*read.schedule, 1}, now_ms, now_ms + 14 * kDayMs)
#ifndef SERVICES_COMMON_CALENDAR_HOURS_H_
#define SERVICES_COMMON_CALENDAR_HOURS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/calendar/holidays.h"
#include "services/common/calendar/rule.h"
#include "services/common/calendar/zone.h"

namespace fairlead::calendar {

inline constexpr int64_t kDayMs = 24 * 60 * 60 * 1000;
inline constexpr int kDayMinutes = 24 * 60;

// The columns of an HSDS schedule by name. Empty ones may be left out; others are not looked at.
using Fields = std::map<std::string, std::string, std::less<>>;

// On each day of the rule from opens_at to closes_at. A closing time that is not after the opening
// is of the next day: "22:00" to "06:00" is a night, "00:00" to "00:00" a whole day.
struct Schedule {
  Rule rule;
  std::optional<Date> valid_from;  // days outside count for rule.count, and are not open
  std::optional<Date> valid_to;
  int opens_minute = 0;   // after midnight, 0 to 1439
  int closes_minute = 0;  // after the same midnight, up to 2879
  std::string zone;       // a name that Zone::Find knows
  bool operator==(const Schedule&) const = default;
};

// What holds on one day instead of the schedules and the holidays: open as a Schedule is, or
// closed. Of several for the same day those that say when hold.
struct SpecialDay {
  Date date;
  int opens_minute = 0;
  int closes_minute = 0;  // the same as opens_minute: closed
  std::string zone = {};  // empty when closed
  bool is_closed() const { return opens_minute == closes_minute; }
  bool operator==(const SpecialDay&) const = default;
};

// All that says when a place is open. A special day counts more than a holiday, a holiday more
// than a schedule. Each of them is about what begins on its day: a night shift that began the
// evening before goes on, and one that would begin on a day when it is closed is not there after
// midnight either.
struct Hours {
  std::vector<Schedule> schedules;
  std::vector<SpecialDay> special_days;
  Holidays holidays;
  // That it is closed at times says nothing of the rest.
  bool says_when() const;
};

struct Problem {
  std::string_view column;
  std::string_view reason;  // MISSING_VALUE, INVALID_VALUE, UNKNOWN_ZONE
};

struct Read {
  // nullopt without a problem: a row that states no times, and so nothing that can be reckoned.
  std::optional<Schedule> schedule;
  std::optional<SpecialDay> special_day;  // instead of a schedule
  std::optional<Problem> problem;
};

// "2026-11-27", from 1970 to 2199; a time after it ("2026-11-27T00:00:00Z") is not looked at.
// nullopt: no such day.
std::optional<Date> ReadDate(std::string_view text);
// "2026-11-27".
std::string DateText(Date date);

// `default_zone`: for rows without `timezone` and without an offset in their times; empty: UTC, as
// HSDS has it. `timezone` is an IANA name, an offset ("-05:00"), or hours ("-5", "5.5": HSDS 3.1).
// Columns that HSDS has for another freq than the row's are not looked at. A count is turned into
// the day of its last occurrence (`until`), at most 20 years on: so nobody who asks later has to
// count again. A row of no freq and no days that is valid on one day alone (valid_to, and what is
// given of valid_from and dtstart, one of them at least, are that day) is that day's: without times
// the place is closed then. Notes and descriptions are never interpreted.
Read ReadSchedule(const Fields& fields, std::string_view default_zone);

// One line that ReadSchedule reads again to the same: "freq=WEEKLY;byday=MO,FR;opens_at=22:00;…",
// its columns in the order of HSDS.
std::string ToText(const Schedule& schedule);
// nullopt: no such line.
std::optional<Schedule> FromText(std::string_view line);

// The same of a special day: "date=2026-12-24;timezone=America/New_York;opens_at=09:00;…", or, when
// closed, "date=2026-12-24". Neither reader takes the other's lines.
std::string ToText(const SpecialDay& day);
std::optional<SpecialDay> SpecialDayFromText(std::string_view line);

// In UTC, in ms since the Unix epoch; the end does not belong to it.
struct Opening {
  int64_t start_ms = 0;
  int64_t end_ms = 0;
  bool operator==(const Opening&) const = default;
};

// Every opening that touches [from_ms, to_ms), whole, in order; those that touch or overlap are
// one. At most 62 days are looked at, whatever `to_ms` says.
std::vector<Opening> Openings(const Hours& hours, int64_t from_ms, int64_t to_ms);
std::vector<Opening> Openings(std::span<const Schedule> schedules, int64_t from_ms, int64_t to_ms);

}  // namespace fairlead::calendar

#endif  // SERVICES_COMMON_CALENDAR_HOURS_H_
