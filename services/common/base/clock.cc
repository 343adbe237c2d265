#include "services/common/base/clock.h"

#include <chrono>
#include <cstdio>

namespace fairlead {
namespace {

class MachineClock final : public Clock {
 public:
  int64_t NowMs() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  int64_t SteadyMs() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

tl::unexpected<Error> BadTime() {
  return Fail(Code::kInvalidArgument, "INVALID_TIME",
              "A time must look like 2026-01-31T09:05:00Z (RFC 3339).");
}

// Reads exactly `digits` decimal digits at `position` and moves it on; -1 when they are not there.
int ReadDigits(std::string_view text, size_t& position, int digits) {
  int value = 0;
  for (int i = 0; i < digits; ++i, ++position) {
    if (position >= text.size() || text[position] < '0' || text[position] > '9') return -1;
    value = value * 10 + (text[position] - '0');
  }
  return value;
}

bool ReadChar(std::string_view text, size_t& position, char expected) {
  if (position >= text.size() || text[position] != expected) return false;
  ++position;
  return true;
}

// Reads "Z" or "+hh:mm"; minutes east of UTC.
Result<int> ReadOffset(std::string_view text, size_t& position) {
  if (position >= text.size()) return BadTime();
  const char sign = text[position++];
  if (sign == 'Z' || sign == 'z') return 0;
  if (sign != '+' && sign != '-') return BadTime();
  const int hours = ReadDigits(text, position, 2);
  if (!ReadChar(text, position, ':')) return BadTime();
  const int minutes = ReadDigits(text, position, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return BadTime();
  return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

const Clock& SystemClock() {
  static const MachineClock clock;
  return clock;
}

std::string FormatTime(int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(unix_ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text;
}

Result<int64_t> ParseTime(std::string_view text) {
  using namespace std::chrono;
  size_t at = 0;
  const int y = ReadDigits(text, at, 4);
  if (y < 0 || !ReadChar(text, at, '-')) return BadTime();
  const int mo = ReadDigits(text, at, 2);
  if (mo < 0 || !ReadChar(text, at, '-')) return BadTime();
  const int d = ReadDigits(text, at, 2);
  if (d < 0 || at >= text.size() || (text[at] != 'T' && text[at] != 't')) return BadTime();
  ++at;
  const int h = ReadDigits(text, at, 2);
  if (h < 0 || h > 23 || !ReadChar(text, at, ':')) return BadTime();
  const int mi = ReadDigits(text, at, 2);
  if (mi < 0 || mi > 59 || !ReadChar(text, at, ':')) return BadTime();
  const int s = ReadDigits(text, at, 2);
  if (s < 0 || s > 59) return BadTime();
  int64_t fraction_ms = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    int digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
      if (digits < 3) fraction_ms = fraction_ms * 10 + (text[at] - '0');
    }
    if (digits == 0 || digits > 9) return BadTime();
    for (; digits < 3; ++digits) fraction_ms *= 10;
  }
  const Result<int> offset_min = ReadOffset(text, at);
  if (!offset_min || at != text.size()) return BadTime();
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)),
                            day(static_cast<unsigned>(d))};
  if (!date.ok()) return BadTime();
  const auto instant = sys_days(date) + hours(h) + minutes(mi - *offset_min) + seconds(s);
  return duration_cast<milliseconds>(instant.time_since_epoch()).count() + fraction_ms;
}

}  // namespace fairlead
