// The calendar at the other end of a pipe, for calendar.mjs. A line in, a line out:
//   dates SCHEDULE FIRST LAST         → the days of its rule (days since the Unix epoch)
//   openings SCHEDULE FROM_MS TO_MS   → "start-end,…" in ms since the Unix epoch
//   hours HOURS FROM_MS TO_MS         → the same of schedules, single days ("date=…"), holidays
//                                       ("holidays=2026-12-24,…") and "us_federal", joined by "|"
#include <charconv>
#include <iostream>
#include <optional>
#include <sstream>

#include "services/common/base/text.h"
#include "services/common/calendar/hours.h"

namespace fairlead::calendar {
namespace {

int64_t Number(const std::string& text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Days since the Unix epoch, as JavaScript has them.
std::string Dates(const Schedule& schedule, int64_t first, int64_t last) {
  std::string line;
  for (const Date date : Occurrences(schedule.rule, Date(std::chrono::days(first)),
                                     Date(std::chrono::days(last)))) {
    line += (line.empty() ? "" : ",") + std::to_string(date.time_since_epoch().count());
  }
  return line;
}

std::string Listed(const std::vector<Opening>& openings) {
  std::string line;
  for (const Opening& one : openings) {
    line += (line.empty() ? "" : ",") + std::to_string(one.start_ms) + "-" +
            std::to_string(one.end_ms);
  }
  return line;
}

// nullopt: something of it cannot be read.
std::optional<Hours> ReadHoursText(const std::string& text) {
  constexpr std::string_view kHolidays = "holidays=";
  Hours hours;
  for (const std::string& item : Split(text, '|')) {
    if (item == "us_federal") {
      hours.holidays.us_federal = true;
    } else if (item.starts_with(kHolidays)) {
      for (const std::string& date : Split(item.substr(kHolidays.size()), ',')) {
        hours.holidays.dates.push_back(ReadDate(date).value());
      }
    } else if (const auto day = SpecialDayFromText(item)) {
      if (SpecialDayFromText(ToText(*day)) != day) return std::nullopt;
      hours.special_days.push_back(*day);
    } else if (const auto schedule = FromText(item)) {
      hours.schedules.push_back(*schedule);
    } else {
      return std::nullopt;
    }
  }
  return hours;
}

std::string Answer(const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  std::string text;
  std::string from;
  std::string to;
  words >> verb >> text >> from >> to;
  if (verb == "hours") {
    const std::optional<Hours> hours = ReadHoursText(text);
    return hours ? Listed(Openings(*hours, Number(from), Number(to))) : "unreadable";
  }
  const std::optional<Schedule> schedule = FromText(text);
  if (!schedule) return "unreadable";
  // What is stored is read again: the text form must lose nothing.
  if (FromText(ToText(*schedule)) != schedule) return "not the same when written";
  if (verb == "dates") return Dates(*schedule, Number(from), Number(to));
  return Listed(Openings({&*schedule, 1}, Number(from), Number(to)));
}

}  // namespace
}  // namespace fairlead::calendar

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << fairlead::calendar::Answer(line) << "\n";
  }
  return 0;
}
