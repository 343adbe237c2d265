// From the clock on a wall to an instant, and back. The zones are ICU's (IANA Time Zone Database).
#ifndef SERVICES_COMMON_CALENDAR_ZONE_H_
#define SERVICES_COMMON_CALENDAR_ZONE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/common/calendar/rule.h"

namespace fairlead::calendar {

inline constexpr int64_t kMinuteMs = 60'000;

// Immutable; may be shared by threads.
class Zone {
 public:
  // An IANA name ("America/New_York"), "UTC", or an offset ("+05:30", "-08:00"; at most 14 hours).
  // nullopt: there is no such zone.
  static std::optional<Zone> Find(std::string_view name);

  Zone(const Zone&) = default;
  Zone& operator=(const Zone&) = default;

  const std::string& name() const;
  // The instant, in ms since the Unix epoch, at which a clock there shows `minute` after midnight
  // of `date`; a minute of 1,440 or more is of a later day. RFC 5545 section 3.3.5: a time that
  // clocks leave out (spring) is taken with the offset before the change, one that they show twice
  // (autumn) is the first of the two.
  int64_t ToUtcMs(Date date, int minute) const;
  // What date a calendar there shows.
  Date DateAt(int64_t utc_ms) const;
  // Minutes east of Greenwich.
  int OffsetMinutesAt(int64_t utc_ms) const;

 private:
  struct State;
  explicit Zone(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace fairlead::calendar

#endif  // SERVICES_COMMON_CALENDAR_ZONE_H_
