#include "gateway/cli/hours_view.h"

#include <algorithm>
#include <chrono>

#include "gateway/cli/capacity_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/clock.h"
#include "services/common/calendar/zone.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;

constexpr int64_t kDayS = 24 * 60 * 60;

// What a hub says may be anything: within what a Timestamp may hold nothing overflows.
int64_t SecondsOf(const google::protobuf::Timestamp& time) {
  return std::clamp<int64_t>(time.seconds(), 0, kLastTimestampS);
}

// A moment on the clock there: "Fri 27 Nov 09:00".
struct WallTime {
  std::string day;
  std::string time;
};

WallTime OnTheWall(const google::protobuf::Timestamp& time, const std::string& zone_name) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto zone = calendar::Zone::Find(zone_name);
  const int64_t utc_s = SecondsOf(time);
  const int64_t offset_s = zone ? zone->OffsetMinutesAt(utc_s * 1000) * 60 : 0;
  const std::chrono::sys_seconds wall{std::chrono::seconds(utc_s + offset_s)};
  const calendar::Date date = std::chrono::floor<std::chrono::days>(wall);
  const std::chrono::year_month_day day(date);
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(wall - date).count();
  const auto two = [](int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return {std::string(kDays[std::chrono::weekday(date).c_encoding()]) + " " +
              two(static_cast<unsigned>(day.day())) + " " +
              kMonths[static_cast<unsigned>(day.month()) - 1],
          two(minute / 60) + ":" + two(minute % 60)};
}

}  // namespace

std::string OpenText(const v1::Service& service) {
  if (!service.has_hours()) return "";
  const v1::Hours& hours = service.hours();
  if (!hours.has_change_time()) return hours.open_now() ? "open" : "closed";
  const WallTime change = OnTheWall(hours.change_time(), hours.time_zone());
  const std::string moment = change.day + " " + change.time;
  if (!hours.open_now()) return "opens " + moment;
  const bool soon = SecondsOf(hours.change_time()) - SystemClock().NowMs() / 1000 < kDayS;
  return "open until " + (soon ? change.time : moment);
}

std::string DayText(const v1::HoursOverride& day) {
  if (day.openings().empty()) return "closed";
  std::string text;
  for (const v1::OpenTimes& times : day.openings()) {
    if (!text.empty()) text += ", ";
    text.append(times.opens_at()).append("-").append(times.closes_at());
  }
  return text;
}

Result<v1::Service> ReadService(Context& context, const std::string& id_or_name) {
  v1::GetServiceRequest request;
  FAIRLEAD_ASSIGN(*request.mutable_service_id(), ServiceId(context, id_or_name));
  FAIRLEAD_ASSIGN(auto response,
                  context.client().Call<v1::GetServiceResponse>(kGetService, request));
  return std::move(*response.mutable_service());
}

Result<void> ShowHours(Context& context, const std::string& id_or_name) {
  FAIRLEAD_ASSIGN(const v1::Service service, ReadService(context, id_or_name));
  const v1::Hours& hours = service.hours();
  context.Emit(hours, [&] {
    Table table({"DAY", "OPENS", "CLOSES"});
    for (const v1::Opening& opening : hours.openings()) {
      const WallTime from = OnTheWall(opening.start_time(), hours.time_zone());
      const WallTime to = OnTheWall(opening.end_time(), hours.time_zone());
      table.Add({from.day, from.time, from.day == to.day ? to.time : to.day + " " + to.time});
    }
    if (!table.empty()) context.Print(table);
    Table days({"SINGLE DAY", "HOURS"});
    for (const v1::HoursOverride& day : hours.overrides()) days.Add({day.date(), DayText(day)});
    if (!days.empty()) context.Print(days);
    if (hours.holiday_sets_size() > 0) {
      context.out() << Printable("Keeps: " + ListedField(hours.holiday_sets())) << "\n";
    }
  });
  if (!service.has_hours()) {
    context.Say(service.name() + " states no opening hours.");
  } else if (hours.openings().empty()) {
    context.Say("Not open in the next 14 days.");
  } else {
    context.Say("Now: " + OpenText(service) + " (" + hours.time_zone() + ").");
  }
  return {};
}

}  // namespace fairlead::cli
