// Whether a service is open at an instant, and until when.
#ifndef SERVICES_DIRECTORY_DOMAIN_OPEN_STATE_H_
#define SERVICES_DIRECTORY_DOMAIN_OPEN_STATE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "services/common/calendar/hours.h"

namespace fairlead::directory {

// So far ahead is looked.
inline constexpr int64_t kHoursSpanMs = 14 * calendar::kDayMs;

struct OpenState {
  bool is_stated = false;  // false: the listing has no hours, and the rest says nothing
  bool is_open = false;
  int64_t change_ms = 0;  // open: until when; closed: when it opens; 0: not within kHoursSpanMs
  bool operator==(const OpenState&) const = default;
};

// Lines of calendar::ToText; what cannot be read is passed over.
std::vector<calendar::Schedule> ReadSchedules(const std::vector<std::string>& lines);

// `openings`: all that touch the time from `now_ms` to kHoursSpanMs later, and maybe others, in
// order (calendar::Openings).
OpenState StateAt(std::span<const calendar::Opening> openings, int64_t now_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_OPEN_STATE_H_
