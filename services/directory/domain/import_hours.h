// Opening hours on their way from an import's rows to a listing.
#ifndef SERVICES_DIRECTORY_DOMAIN_IMPORT_HOURS_H_
#define SERVICES_DIRECTORY_DOMAIN_IMPORT_HOURS_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/calendar/hours.h"

namespace fairlead::directory {

inline constexpr size_t kMaxSchedules = 32;  // each is reckoned whenever the listing is shown
inline constexpr size_t kMaxSpecialDays = 200;

// Of a service or of a place, as calendar::ToText has them.
struct HoursLines {
  std::set<std::string> schedules;
  std::map<calendar::Date, std::set<std::string>> special_days;

  // What a row says: nothing, a schedule or a single day. The reason why it is one too many:
  // TOO_MANY_SCHEDULES, TOO_MANY_SPECIAL_DAYS; "" otherwise.
  std::string_view Add(const calendar::Read& read);
};

// Of a service: its own schedules, or those of its places when it has none; its own single days,
// and those of its places that it says nothing of, unless another place that has schedules says
// nothing of the day: there it is a day like others. Sorted; what is too many of the places is left
// out.
std::vector<std::string> HoursOfService(const HoursLines& own,
                                        const std::vector<const HoursLines*>& places);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_IMPORT_HOURS_H_
