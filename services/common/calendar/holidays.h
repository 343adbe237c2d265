// Days on which those who keep them are closed.
//
//   const Holidays holidays{.dates = {}, .us_federal = true};
//   holidays.Has(date)
#ifndef SERVICES_COMMON_CALENDAR_HOLIDAYS_H_
#define SERVICES_COMMON_CALENDAR_HOLIDAYS_H_

#include <string_view>
#include <vector>

#include "services/common/calendar/rule.h"

namespace fairlead::calendar {

struct Holidays {
  std::vector<Date> dates;  // sorted
  bool us_federal = false;  // those below too
  bool Has(Date date) const;
};

struct NamedHoliday {
  Date date;
  std::string_view code;  // "thanksgiving_day"
};

// The legal public holidays of the United States that are of this year (5 U.S.C. 6103(a)), in
// order. One that falls on a Saturday is kept on the Friday before too (6103(b)), and of a Sunday
// on the Monday after (Executive Order 11582): so the last day of the year before may be among
// them. The day itself stays one, for those who would be open at a weekend. Inauguration Day, of
// the District of Columbia alone, is not among them. `year`: 1978 to 2200; empty otherwise.
std::vector<NamedHoliday> UsFederalHolidays(int year);

}  // namespace fairlead::calendar

#endif  // SERVICES_COMMON_CALENDAR_HOLIDAYS_H_
