// hours NAME, hours override|keep, hours holidays, hours holidays set.
#include <algorithm>

#include "fairlead/directory/v1/hours_override.pb.h"
#include "gateway/cli/capacity_view.h"
#include "gateway/cli/hours_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;

struct OverrideOptions {
  std::string service;
  std::vector<std::string> dates;
  std::vector<std::string> openings;
  bool closed = false;
  bool clear = false;
};

// "9" and "9:30" as they are meant: "09:00", "09:30".
std::string ClockTime(const std::string& text) {
  const bool whole_hour = !text.empty() && text.size() <= 2 &&
                          text.find_first_not_of("0123456789") == std::string::npos;
  const std::string time = whole_hour ? text + ":00" : text;
  return time.size() == 4 && time[1] == ':' ? "0" + time : time;
}

// "09:00-12:00" as the hub takes it; what is no time is the hub's to refuse.
Result<v1::OpenTimes> ReadOpening(const std::string& text) {
  const size_t dash = text.find('-');
  if (dash == std::string::npos) return Usage("--open takes 09:00-12:00, or several with commas.");
  v1::OpenTimes times;
  times.set_opens_at(ClockTime(text.substr(0, dash)));
  times.set_closes_at(ClockTime(text.substr(dash + 1)));
  return times;
}

void PrintSet(Context& context, const v1::SetHoursOverridesResponse& response) {
  Table table({"SINGLE DAY", "HOURS"});
  for (const v1::HoursOverride& day : response.overrides()) table.Add({day.date(), DayText(day)});
  if (!table.empty()) context.Print(table);
  const std::string keeps = ListedField(response.holiday_sets());
  context.out() << Printable("Keeps: " + (keeps.empty() ? "no holidays" : keeps)) << "\n";
}

Result<void> SetHours(Context& context, const std::string& service,
                      v1::SetHoursOverridesRequest request) {
  FAIRLEAD_ASSIGN(const std::string service_id, ServiceId(context, service));
  request.set_request_id(context.RequestId());
  request.set_service_id(service_id);
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::SetHoursOverridesResponse>(
                                           kSetHoursOverrides, request));
  context.home().SetLast("service", service_id);
  context.Emit(response, [&] { PrintSet(context, response); });
  return {};
}

Result<void> Override(Context& context, const OverrideOptions& options) {
  const int said = (options.closed ? 1 : 0) + (options.clear ? 1 : 0) +
                   (options.openings.empty() ? 0 : 1);
  if (said != 1) return Usage("Say one of --closed, --open 09:00-12:00 and --clear.");
  v1::SetHoursOverridesRequest request;
  std::vector<v1::OpenTimes> openings;
  for (const std::string& text : options.openings) {
    FAIRLEAD_ASSIGN(v1::OpenTimes times, ReadOpening(text));
    openings.push_back(std::move(times));
  }
  for (const std::string& date : options.dates) {
    if (options.clear) {
      request.add_clear_dates(date);
      continue;
    }
    v1::HoursOverride* day = request.add_overrides();
    day->set_date(date);
    for (const v1::OpenTimes& times : openings) *day->add_openings() = times;
  }
  return SetHours(context, options.service, std::move(request));
}

Result<void> Keep(Context& context, const std::string& service,
                  const std::vector<std::string>& codes) {
  if (codes.empty()) {
    return Usage("Which holidays? hours keep SERVICE us_federal, or none. See: hours holidays");
  }
  v1::SetHoursOverridesRequest request;
  request.mutable_holidays();
  if (codes != std::vector<std::string>{"none"}) {
    for (const std::string& code : codes) request.mutable_holidays()->add_codes(code);
  }
  return SetHours(context, service, std::move(request));
}

void PrintHolidays(Context& context,
                   const google::protobuf::RepeatedPtrField<v1::HolidaySet>& sets) {
  Table table({"SET", "DAY", "HOLIDAY"});
  for (const v1::HolidaySet& set : sets) {
    for (const v1::HolidayDate& day : set.dates()) {
      std::string name = day.code();
      std::ranges::replace(name, '_', ' ');
      table.Add({set.code(), day.date(), std::move(name)});
    }
  }
  if (!table.empty()) context.Print(table);
}

Result<void> ListHolidays(Context& context) {
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::ListHolidaySetsResponse>(
                                           kListHolidaySets, v1::ListHolidaySetsRequest()));
  context.Emit(response, [&] { PrintHolidays(context, response.holiday_sets()); });
  context.Next("hours keep SERVICE us_federal");
  return {};
}

struct HolidayOptions {
  std::string code;
  std::vector<std::string> dates;
  bool remove = false;
};

Result<void> SetHolidays(Context& context, const HolidayOptions& options) {
  if (options.remove != options.dates.empty()) return Usage("Say --dates or --remove.");
  v1::PutHolidaySetRequest request;
  request.set_request_id(context.RequestId());
  request.set_code(options.code);
  for (const std::string& date : options.dates) request.add_dates(date);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::PutHolidaySetResponse>(kPutHolidaySet, request));
  context.Emit(response, [&] {
    context.out() << Printable(response.holiday_set().code()) << ": "
                  << response.holiday_set().dates_size() << " days.\n";
  });
  return {};
}

void AddHolidayVerbs(Args hours, Context& context) {
  Args holidays = hours.Group("holidays", "The holidays that a service can keep", Need::kOptional);
  holidays.Do([&context] { return ListHolidays(context); });
  auto options = std::make_shared<HolidayOptions>();
  Args set = holidays.Verb("set", "Set the days of one set of your coalition (coordinators)");
  set.Positional("code", &options->code, "Its code: winter_break");
  set.Option("--dates", &options->dates, "All of its days: 2026-12-24,2026-12-31");
  set.Flag("--remove", &options->remove, "Take the set back: whoever keeps it is open again");
  set.Do([&context, options] { return SetHolidays(context, *options); });
}

}  // namespace

void AddHoursVerbs(Args root, Context& context) {
  constexpr const char* kService = "Its name or id, or @last";
  Args hours = root.Group("hours", "When a service is open in the next 14 days: hours SERVICE",
                          Need::kOptional);
  auto shown = std::make_shared<std::string>();
  hours.Positional("service", shown.get(), kService, Need::kOptional);
  hours.Do([&context, shown]() -> Result<void> {
    if (shown->empty()) return Usage("Which service? hours SERVICE");
    return ShowHours(context, *shown);
  });
  auto options = std::make_shared<OverrideOptions>();
  Args verb = hours.Verb("override", "Single days of your own service that differ from its hours");
  verb.Positional("service", &options->service, kService);
  verb.Positional("dates", &options->dates, "2026-12-24, one or more");
  verb.Flag("--closed", &options->closed, "It is closed on these days");
  verb.Option("--open", &options->openings, "It is open then: 09:00-12:00,22:00-06:00");
  verb.Flag("--clear", &options->clear, "Its ordinary hours hold again");
  verb.Do([&context, options] { return Override(context, *options); });
  auto kept = std::make_shared<std::string>();
  auto codes = std::make_shared<std::vector<std::string>>();
  Args keep = hours.Verb("keep", "Which holidays your own service keeps");
  keep.Positional("service", kept.get(), kService);
  keep.Positional("codes", codes.get(), "Codes of sets (hours holidays), or none",
                  Need::kOptional);
  keep.Do([&context, kept, codes] { return Keep(context, *kept, *codes); });
  AddHolidayVerbs(hours, context);
}

}  // namespace fairlead::cli
