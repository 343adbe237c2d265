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

// What a listing's hours are, from how they are kept: `imported` (lines of calendar::ToText, of
// schedules and single days), `special_days` (lines of single days that the agency set itself,
// which go before imported ones of the same day) and the holidays that it keeps. What cannot be
// read is passed over. The one way from a listing to its hours: for answers and for the index.
calendar::Hours ReadHours(const std::vector<std::string>& imported,
                          const std::vector<std::string>& special_days,
                          calendar::Holidays holidays);

// Whose clocks the hours are told by: that of the first line that has one; "" when none says when.
std::string ZoneOf(const calendar::Hours& hours);
// Those that may still matter at `now_ms`, wherever they are.
std::vector<calendar::SpecialDay> FromYesterday(std::vector<calendar::SpecialDay> days,
                                                int64_t now_ms);

// `openings`: all that touch the time from `now_ms` to kHoursSpanMs later, and maybe others, in
// order (calendar::Openings).
OpenState StateAt(std::span<const calendar::Opening> openings, int64_t now_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_OPEN_STATE_H_
