#include "services/common/calendar/business_time.h"

#include <algorithm>
#include <utility>

#include "services/common/base/text.h"
#include "services/common/calendar/hours.h"

namespace fairlead::calendar {
namespace {

using std::chrono::days;

}  // namespace

std::optional<BusinessTime> BusinessTime::Read(const BusinessTimeText& text) {
  std::optional<Zone> zone = Zone::Find(text.zone);
  const size_t dash = text.hours.find('-');
  if (!zone || dash == std::string::npos || text.days.empty()) return std::nullopt;
  // Days and hours are those of a weekly schedule, where a closing that is not after the opening is
  // of the next day: no such thing here.
  const calendar::Read read = ReadSchedule({{"freq", "WEEKLY"},
                                            {"byday", text.days},
                                            {"opens_at", text.hours.substr(0, dash)},
                                            {"closes_at", text.hours.substr(dash + 1)},
                                            {"timezone", text.zone}},
                                           "");
  if (!read.schedule || read.schedule->closes_minute > kDayMinutes) return std::nullopt;
  BusinessTime office(std::move(*zone));
  office.opens_minute_ = read.schedule->opens_minute;
  office.closes_minute_ = read.schedule->closes_minute;
  for (const ByDay& each : read.schedule->rule.by_day) {
    if (each.ordinal != 0) return std::nullopt;
    office.weekdays_.at(each.day.c_encoding()) = true;
  }
  if (text.holidays.empty()) return office;
  const std::vector<std::string> dates = Split(text.holidays, ',');
  if (dates.size() > kMaxHolidays || text.holidays.ends_with(',')) return std::nullopt;
  for (const std::string& each : dates) {
    const std::optional<Date> date = ReadDate(each);
    if (!date) return std::nullopt;
    office.holidays_.insert(*date);
  }
  return office;
}

bool BusinessTime::IsOpenOn(Date date) const {
  return weekdays_.at(std::chrono::weekday(date).c_encoding()) && !holidays_.contains(date);
}

// One day of each week is open at least, but for the holidays: so the walk ends.
Date BusinessTime::Later(Date date, int count) const {
  while (count > 0) {
    date += days(1);
    if (IsOpenOn(date)) --count;
  }
  return date;
}

int64_t BusinessTime::AfterDays(int64_t utc_ms, int business_days) const {
  const Date date = zone_.DateAt(utc_ms);
  const int64_t local_ms = utc_ms + zone_.OffsetMinutesAt(utc_ms) * kMinuteMs;
  const int64_t of_day_ms = local_ms - date.time_since_epoch().count() * kDayMs;
  const int64_t opens_ms = opens_minute_ * kMinuteMs;
  const int count = std::clamp(business_days, 0, kMaxBusinessDays);
  if (!IsOpenOn(date) || of_day_ms >= closes_minute_ * kMinuteMs) {
    return zone_.ToUtcMs(Later(date, count + 1), opens_minute_);
  }
  if (of_day_ms < opens_ms) return zone_.ToUtcMs(Later(date, count), opens_minute_);
  if (count == 0) return utc_ms;
  return zone_.ToUtcMs(Later(date, count), static_cast<int>(of_day_ms / kMinuteMs)) +
         of_day_ms % kMinuteMs;
}

}  // namespace fairlead::calendar
