// Days of work at one place: which days of the week, from when to when, but for holidays.
//
//   auto office = BusinessTime::Read({.zone = "America/New_York", .days = "MO,TU,WE,TH,FR",
//                                     .hours = "09:00-17:00", .holidays = "2026-11-26"});
//   office->AfterDays(now_ms, 2)   // the same time of day, two days of work later
#ifndef SERVICES_COMMON_CALENDAR_BUSINESS_TIME_H_
#define SERVICES_COMMON_CALENDAR_BUSINESS_TIME_H_

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "services/common/calendar/rule.h"
#include "services/common/calendar/zone.h"

namespace fairlead::calendar {

// As people write it.
struct BusinessTimeText {
  std::string zone = "America/New_York";  // as Zone::Find takes it
  std::string days = "MO,TU,WE,TH,FR";    // RFC 5545 section 3.3.10, weekday without a number
  std::string hours = "09:00-17:00";      // of one day; "00:00-24:00" is all of it
  std::string holidays = {};              // "2026-11-26,2026-12-25"; at most kMaxHolidays
};

inline constexpr size_t kMaxHolidays = 100;
inline constexpr int kMaxBusinessDays = 60;

// Immutable; may be shared by threads.
class BusinessTime {
 public:
  // nullopt: one of them cannot be read, or there is no such zone.
  static std::optional<BusinessTime> Read(const BusinessTimeText& text);

  // So many (at most kMaxBusinessDays) days of work later, at the same time of the place's clock.
  // What comes while it is closed counts as come at the next opening. 0: that very moment.
  int64_t AfterDays(int64_t utc_ms, int business_days) const;

 private:
  explicit BusinessTime(Zone zone) : zone_(std::move(zone)) {}
  bool IsOpenOn(Date date) const;
  // The `count`-th day of work after `date`.
  Date Later(Date date, int count) const;

  Zone zone_;
  std::array<bool, 7> weekdays_{};  // from Sunday
  std::set<Date> holidays_;
  int opens_minute_ = 0;   // after midnight
  int closes_minute_ = 0;  // after midnight, later than the opening, at most 1440
};

}  // namespace fairlead::calendar

#endif  // SERVICES_COMMON_CALENDAR_BUSINESS_TIME_H_
