#include "services/common/calendar/hours.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <set>

#include "services/common/base/text.h"

namespace fairlead::calendar {
namespace {

using std::chrono::days;
using std::chrono::weekday;

constexpr int64_t kMaxSpanMs = 62 * kDayMs;
constexpr size_t kMaxListed = 100;
constexpr days kCountedDays = days(20 * 365 + 5);
constexpr std::array<std::string_view, 7> kDayNames = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
constexpr std::string_view kMissing = "MISSING_VALUE";
constexpr std::string_view kInvalid = "INVALID_VALUE";

std::optional<int> ReadInt(std::string_view text, int lowest, int highest) {
  const bool is_signed = text.starts_with("+") || text.starts_with("-");
  const size_t digits = is_signed ? 1 : 0;
  if ((is_signed && lowest >= 0) || text.size() == digits || !IsDigit(text[digits])) {
    return std::nullopt;
  }
  if (text[0] == '+') text.remove_prefix(1);  // from_chars takes none
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < lowest || value > highest) return std::nullopt;
  return value;
}

std::optional<weekday> ReadDay(std::string_view name) {
  const auto* const found = std::ranges::find(kDayNames, name);
  if (found == kDayNames.end()) return std::nullopt;
  return weekday(static_cast<unsigned>(found - kDayNames.begin()));
}

struct TimeOfDay {
  int minute = 0;
  std::string offset;  // "", or as Zone::Find takes it
};

// "9:00", "09:00:00", "09:00Z", "09:00-05:00". Seconds are not looked at.
std::optional<TimeOfDay> ReadTime(std::string_view text) {
  TimeOfDay time;
  if (text.ends_with("Z")) {
    time.offset = "UTC";
    text.remove_suffix(1);
  } else if (const size_t sign = text.find_first_of("+-"); sign != std::string_view::npos) {
    time.offset = std::string(text.substr(sign));
    if (time.offset.size() == 3) time.offset += ":00";
    if (!Zone::Find(time.offset)) return std::nullopt;
    text = text.substr(0, sign);
  }
  const std::vector<std::string> parts = Split(text, ':');
  if (parts.size() != 2 && parts.size() != 3) return std::nullopt;
  const auto hour = ReadInt(parts[0], 0, 24);
  const auto minute = ReadInt(parts[1], 0, 59);
  if (!hour || !minute || parts[1].size() != 2) return std::nullopt;
  if (parts.size() == 3 && !ReadInt(parts[2].substr(0, parts[2].find('.')), 0, 59)) {
    return std::nullopt;
  }
  time.minute = *hour * 60 + *minute;
  if (time.minute > kDayMinutes) return std::nullopt;
  time.minute %= kDayMinutes;  // "24:00" is the midnight at the end
  return time;
}

// HSDS 3.1 has hours ("3", "-3.5"); our profile names ("America/New_York").
std::string ReadZone(std::string_view text) {
  double hours = 0;
  std::string_view digits = text;
  if (digits.starts_with("+")) digits.remove_prefix(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), hours);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::string(text);
  if (!(hours >= -14 && hours <= 14)) return "";
  const int minutes = static_cast<int>(hours * 60);
  std::array<char, 32> offset{};
  std::snprintf(offset.data(), offset.size(), "%c%02d:%02d", minutes < 0 ? '-' : '+',
                std::abs(minutes) / 60, std::abs(minutes) % 60);
  return offset.data();
}

// Reads the columns one by one; the first problem stands.
class Reader {
 public:
  Reader(const Fields& fields, std::string_view default_zone)
      : fields_(fields), default_zone_(default_zone) {}

  Read ReadAll() {
    const bool no_times = Get("opens_at").empty() && Get("closes_at").empty();
    if (const std::optional<Date> date = OneDay()) {
      SpecialDay day{.date = *date};
      if (!no_times) Times();
      if (problem_) return {.schedule = {}, .special_day = {}, .problem = problem_};
      day.opens_minute = schedule_.opens_minute;
      day.closes_minute = schedule_.closes_minute;
      day.zone = schedule_.zone;
      return {.schedule = {}, .special_day = std::move(day), .problem = {}};
    }
    if (no_times) return {};
    Times();
    Days();
    Bounds();
    if (problem_) return {.schedule = {}, .special_day = {}, .problem = problem_};
    return {.schedule = std::move(schedule_), .special_day = {}, .problem = {}};
  }

 private:
  std::string_view Get(std::string_view column) const {
    const auto found = fields_.find(column);
    return found == fields_.end() ? std::string_view() : std::string_view(found->second);
  }
  void Complain(std::string_view column, std::string_view reason) {
    if (!problem_) problem_ = Problem{column, reason};
  }

  // The day that a row without any rule is about; nullopt: it has a rule, or is about more days.
  std::optional<Date> OneDay() const {
    for (const std::string_view column : {"freq", "byday", "bymonthday", "byweekno"}) {
      if (!Get(column).empty()) return std::nullopt;
    }
    std::optional<Date> day = ReadDate(Get("valid_to"));
    bool is_begun = false;
    for (const std::string_view column : {"valid_from", "dtstart"}) {
      if (Get(column).empty()) continue;
      is_begun = true;
      if (ReadDate(Get(column)) != day) return std::nullopt;
    }
    return is_begun ? day : std::nullopt;
  }

  void Times() {
    std::string zone;
    for (const std::string_view column : {"opens_at", "closes_at"}) {
      const std::string_view text = Get(column);
      const std::optional<TimeOfDay> time = ReadTime(text);
      if (!time) {
        Complain(column, text.empty() ? kMissing : kInvalid);
        return;
      }
      if (column == "opens_at") {
        schedule_.opens_minute = time->minute;
        zone = time->offset;
      } else {
        schedule_.closes_minute = time->minute;
        if (time->offset != zone) Complain(column, kInvalid);
      }
    }
    if (schedule_.closes_minute <= schedule_.opens_minute) schedule_.closes_minute += kDayMinutes;
    // A name knows of summer time, an offset in the times does not.
    if (!Get("timezone").empty()) zone = ReadZone(Get("timezone"));
    if (Get("timezone").empty() && zone.empty()) zone = std::string(default_zone_);
    if (Get("timezone").empty() && zone.empty()) zone = "UTC";
    if (!Zone::Find(zone)) Complain("timezone", "UNKNOWN_ZONE");
    schedule_.zone = zone;
  }

  void Days() {
    Rule& rule = schedule_.rule;
    const std::string_view freq = Get("freq");
    if (freq == "MONTHLY") {
      rule.frequency = Frequency::kMonthly;
    } else if (freq != "WEEKLY" && !freq.empty()) {
      Complain("freq", kInvalid);
    }
    const bool monthly = rule.frequency == Frequency::kMonthly;
    for (const std::string& item : Items("byday")) AddDay(item, monthly);
    std::ranges::sort(rule.by_day, {}, [](const ByDay& by) {
      return std::pair(by.ordinal, by.day.iso_encoding());
    });
    rule.by_day.erase(std::ranges::unique(rule.by_day).begin(), rule.by_day.end());
    if (monthly) rule.by_month_day = Numbers("bymonthday", 31);
    if (!monthly) rule.by_week_number = Numbers("byweekno", 53);
    if (!Get("wkst").empty()) {
      const std::optional<weekday> day = ReadDay(Get("wkst"));
      if (!day) Complain("wkst", kInvalid);
      rule.week_start = day.value_or(std::chrono::Monday);
    }
  }

  void AddDay(std::string_view item, bool monthly) {
    if (item.size() < 2) return Complain("byday", kInvalid);
    const std::string_view number = item.substr(0, item.size() - 2);
    const std::optional<weekday> day = ReadDay(item.substr(item.size() - 2));
    const std::optional<int> ordinal = number.empty() ? 0 : ReadInt(number, -5, 5);
    const bool is_ordinal = !number.empty();
    if (!day || !ordinal || (is_ordinal && (!monthly || *ordinal == 0))) {
      return Complain("byday", kInvalid);
    }
    schedule_.rule.by_day.push_back({*ordinal, *day});
  }

  void Bounds() {
    Rule& rule = schedule_.rule;
    rule.start = DateOf("dtstart");
    rule.until = DateOf("until");
    schedule_.valid_from = DateOf("valid_from");
    schedule_.valid_to = DateOf("valid_to");
    rule.interval = NumberOf("interval", kMaxInterval).value_or(1);
    rule.count = NumberOf("count", kMaxCount).value_or(0);
    // HSDS: dtstart is "necessary when using interval"; what counts has to begin somewhere too.
    if (!rule.start && (rule.interval > 1 || rule.count > 0)) {
      rule.start = schedule_.valid_from;
      if (!rule.start) Complain("dtstart", kMissing);
    }
    const bool days_named =
        !rule.by_day.empty() || !rule.by_month_day.empty() || !rule.by_week_number.empty();
    if (!days_named && !rule.start) Complain("byday", kMissing);
    if (!problem_) EndOfCount();
  }

  void EndOfCount() {
    Rule& rule = schedule_.rule;
    if (rule.count == 0) return;
    const Date horizon = *rule.start + kCountedDays;
    const std::vector<Date> counted = Occurrences(rule, *rule.start, horizon);
    Date last = *rule.start - days(1);  // there is none
    if (!counted.empty()) {
      last = counted.size() == static_cast<size_t>(rule.count) ? counted.back() : horizon;
    }
    rule.until = rule.until ? std::min(*rule.until, last) : last;
    rule.count = 0;
  }

  std::optional<Date> DateOf(std::string_view column) {
    const std::string_view text = Get(column);
    if (text.empty()) return std::nullopt;
    const std::optional<Date> date = ReadDate(text);
    if (!date) Complain(column, kInvalid);
    return date;
  }

  std::optional<int> NumberOf(std::string_view column, int highest) {
    const std::string_view text = Get(column);
    if (text.empty()) return std::nullopt;
    const std::optional<int> number = ReadInt(text, 1, highest);
    if (!number) Complain(column, kInvalid);
    return number;
  }

  std::vector<std::string> Items(std::string_view column) {
    std::vector<std::string> items = Split(Get(column), ',');
    if (items.size() > kMaxListed) Complain(column, kInvalid);
    for (std::string& item : items) {
      std::erase(item, ' ');
      if (item.empty()) Complain(column, kInvalid);
    }
    return items;
  }

  std::vector<int> Numbers(std::string_view column, int highest) {
    std::vector<int> numbers;
    for (const std::string& item : Items(column)) {
      const std::optional<int> number = ReadInt(item, -highest, highest);
      if (!number || *number == 0) Complain(column, kInvalid);
      numbers.push_back(number.value_or(1));
    }
    std::ranges::sort(numbers);
    numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
    return numbers;
  }

  const Fields& fields_;
  const std::string_view default_zone_;
  Schedule schedule_;
  std::optional<Problem> problem_;
};

std::string TimeText(int minute) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d", minute / 60 % 24, minute % 60);
  return text.data();
}

std::string Numbers(const std::vector<int>& numbers) {
  std::vector<std::string> items;
  for (const int number : numbers) items.push_back(std::to_string(number));
  return Join(items, ',');
}

std::optional<Fields> ReadLine(std::string_view line) {
  Fields fields;
  for (const std::string& part : Split(line, ';')) {
    const size_t equals = part.find('=');
    if (equals == std::string::npos) return std::nullopt;
    fields.insert_or_assign(part.substr(0, equals), part.substr(equals + 1));
  }
  return fields;
}

// From `date`, as the clocks of `zone` show it; nullopt: nothing of it is in [from_ms, to_ms).
std::optional<Opening> OpeningOn(const Zone& zone, Date date, int opens_minute, int closes_minute,
                                 int64_t from_ms, int64_t to_ms) {
  const Opening opening{zone.ToUtcMs(date, opens_minute), zone.ToUtcMs(date, closes_minute)};
  // Of an hour that clocks leave out nothing may remain.
  if (opening.end_ms <= opening.start_ms) return std::nullopt;
  if (opening.end_ms <= from_ms || opening.start_ms >= to_ms) return std::nullopt;
  return opening;
}

}  // namespace

bool Hours::says_when() const {
  return !schedules.empty() ||
         std::ranges::any_of(special_days, [](const SpecialDay& day) { return !day.is_closed(); });
}

std::string DateText(Date date) {
  const std::chrono::year_month_day day(date);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text.data();
}

std::optional<Date> ReadDate(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (text.size() > 10 && text[10] != 'T' && text[10] != ' ') return std::nullopt;
  const auto year = ReadInt(text.substr(0, 4), 1970, 2199);
  const auto month = ReadInt(text.substr(5, 2), 1, 12);
  const auto day = ReadInt(text.substr(8, 2), 1, 31);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return Date(date);
}

Read ReadSchedule(const Fields& fields, std::string_view default_zone) {
  return Reader(fields, default_zone).ReadAll();
}

std::string ToText(const Schedule& schedule) {
  const Rule& rule = schedule.rule;
  std::vector<std::string> parts;
  const auto put = [&](std::string_view column, const std::string& value) {
    if (!value.empty()) parts.push_back(std::string(column) + "=" + value);
  };
  const auto put_date = [&](std::string_view column, const std::optional<Date>& date) {
    if (date) put(column, DateText(*date));
  };
  put_date("valid_from", schedule.valid_from);
  put_date("valid_to", schedule.valid_to);
  put_date("dtstart", rule.start);
  put("timezone", schedule.zone);
  put_date("until", rule.until);
  if (rule.week_start != std::chrono::Monday) {
    put("wkst", std::string(kDayNames.at(rule.week_start.c_encoding())));
  }
  put("freq", rule.frequency == Frequency::kWeekly ? "WEEKLY" : "MONTHLY");
  if (rule.interval > 1) put("interval", std::to_string(rule.interval));
  std::vector<std::string> by_day;
  for (const ByDay& by : rule.by_day) {
    by_day.push_back((by.ordinal == 0 ? "" : std::to_string(by.ordinal)) +
                     std::string(kDayNames.at(by.day.c_encoding())));
  }
  put("byday", Join(by_day, ','));
  put("byweekno", Numbers(rule.by_week_number));
  put("bymonthday", Numbers(rule.by_month_day));
  put("opens_at", TimeText(schedule.opens_minute));
  put("closes_at", TimeText(schedule.closes_minute));
  return Join(parts, ';');
}

std::optional<Schedule> FromText(std::string_view line) {
  const std::optional<Fields> fields = ReadLine(line);
  return fields ? ReadSchedule(*fields, "").schedule : std::nullopt;
}

std::string ToText(const SpecialDay& day) {
  std::string text = "date=" + DateText(day.date);
  if (day.is_closed()) return text;
  text.append(";timezone=").append(day.zone);
  text.append(";opens_at=").append(TimeText(day.opens_minute));
  return text.append(";closes_at=").append(TimeText(day.closes_minute));
}

std::optional<SpecialDay> SpecialDayFromText(std::string_view line) {
  std::optional<Fields> fields = ReadLine(line);
  if (!fields) return std::nullopt;
  const auto date = fields->find("date");
  if (date == fields->end()) return std::nullopt;
  (*fields)["valid_from"] = (*fields)["valid_to"] = date->second;
  return ReadSchedule(*fields, "").special_day;
}

std::vector<Opening> Openings(std::span<const Schedule> schedules, int64_t from_ms, int64_t to_ms) {
  Hours hours;
  hours.schedules.assign(schedules.begin(), schedules.end());
  return Openings(hours, from_ms, to_ms);
}

std::vector<Opening> Openings(const Hours& hours, int64_t from_ms, int64_t to_ms) {
  to_ms = std::min(to_ms, from_ms + kMaxSpanMs);
  std::vector<Opening> all;
  std::set<Date> special;
  for (const SpecialDay& day : hours.special_days) {
    special.insert(day.date);
    const std::optional<Zone> zone = Zone::Find(day.zone);
    if (day.is_closed() || !zone) continue;
    const std::optional<Opening> opening =
        OpeningOn(*zone, day.date, day.opens_minute, day.closes_minute, from_ms, to_ms);
    if (opening) all.push_back(*opening);
  }
  for (const Schedule& schedule : hours.schedules) {
    const std::optional<Zone> zone = Zone::Find(schedule.zone);
    if (!zone) continue;
    // An opening of the day before may still go on, however the clocks were changed meanwhile.
    const Date first = zone->DateAt(from_ms) - days(2);
    for (const Date date : Occurrences(schedule.rule, first, zone->DateAt(to_ms))) {
      if (schedule.valid_from && date < *schedule.valid_from) continue;
      if (schedule.valid_to && date > *schedule.valid_to) continue;
      if (special.contains(date) || hours.holidays.Has(date)) continue;
      const std::optional<Opening> opening = OpeningOn(*zone, date, schedule.opens_minute,
                                                       schedule.closes_minute, from_ms, to_ms);
      if (opening) all.push_back(*opening);
    }
  }
  std::ranges::sort(all, {}, &Opening::start_ms);
  std::vector<Opening> merged;
  for (const Opening& one : all) {
    if (!merged.empty() && one.start_ms <= merged.back().end_ms) {
      merged.back().end_ms = std::max(merged.back().end_ms, one.end_ms);
    } else {
      merged.push_back(one);
    }
  }
  return merged;
}

}  // namespace fairlead::calendar
