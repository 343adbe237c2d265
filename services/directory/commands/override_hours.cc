#include "services/directory/commands/override_hours.h"

#include <algorithm>
#include <set>

#include "services/common/audit/audit.h"
#include "services/common/base/text.h"
#include "services/common/calendar/hours.h"
#include "services/directory/commands/tell_capacity.h"
#include "services/directory/commands/tell_listing.h"
#include "services/directory/domain/open_state.h"
#include "services/directory/store/hours_store.h"

namespace fairlead::directory {
namespace {

using calendar::Date;
using calendar::SpecialDay;

tl::unexpected<Error> OverrideRefused(const char* reason, const char* message, const char* field,
                                      const std::string& date) {
  return Fail(Code::kInvalidArgument, reason, message, {{"field", field}, {"date", date}});
}

Result<Date> OverrideDate(const std::string& text, const char* field) {
  const std::optional<Date> date = text.size() == 10 ? calendar::ReadDate(text) : std::nullopt;
  if (!date) {
    return OverrideRefused("INVALID_DATE", "A date is written 2026-12-24.", field, text);
  }
  return *date;
}

// One day of the input as the calendar has it.
Result<std::vector<SpecialDay>> ToSpecialDays(const DayHours& day, Date date,
                                              const std::string& zone) {
  if (day.openings.empty()) return std::vector<SpecialDay>{{.date = date}};
  std::vector<SpecialDay> all;
  for (const auto& [opens, closes] : day.openings) {
    const calendar::Fields fields = {{"valid_from", day.date}, {"valid_to", day.date},
                                     {"opens_at", opens},      {"closes_at", closes},
                                     {"timezone", zone}};
    const bool plain = opens.size() == 5 && closes.size() == 5;
    const calendar::Read read = plain ? calendar::ReadSchedule(fields, "") : calendar::Read();
    if (!read.special_day) {
      return OverrideRefused("INVALID_TIME", "A time is written 09:00 or 17:30.",
                             "overrides.openings", day.date);
    }
    all.push_back(*read.special_day);
  }
  return all;
}

// Puts what the input says of its days in the place of what `days` say of them.
Result<void> MergeDays(const OverrideHoursInput& input, const std::string& zone_name, Date today,
                       std::vector<SpecialDay>& days) {
  std::set<Date> named;
  const auto name = [&](const std::string& text, const char* field) -> Result<Date> {
    FAIRLEAD_ASSIGN(const Date date, OverrideDate(text, field));
    if (!named.insert(date).second) {
      return OverrideRefused("DATE_TWICE", "Something else is said of this day too.", field, text);
    }
    return date;
  };
  std::vector<SpecialDay> added;
  for (const DayHours& day : input.days) {
    FAIRLEAD_ASSIGN(const Date date, name(day.date, "overrides.date"));
    if (date < today - std::chrono::days(1) ||
        date > today + std::chrono::days(kOverrideDaysAhead)) {
      return OverrideRefused("DATE_OUT_OF_RANGE",
                             "Only days from yesterday to two years from now can be set.",
                             "overrides.date", day.date);
    }
    FAIRLEAD_ASSIGN(const std::vector<SpecialDay> all, ToSpecialDays(day, date, zone_name));
    added.insert(added.end(), all.begin(), all.end());
  }
  for (const std::string& text : input.clear_dates) {
    FAIRLEAD_RETURN_IF_ERROR(name(text, "clear_dates"));
  }
  std::erase_if(days, [&](const SpecialDay& day) { return named.contains(day.date); });
  days.insert(days.end(), added.begin(), added.end());
  std::ranges::stable_sort(days, {}, &SpecialDay::date);
  std::set<Date> dates;
  for (const SpecialDay& day : days) dates.insert(day.date);
  if (dates.size() > kMaxOverriddenDays) {
    return Fail(Code::kFailedPrecondition, "TOO_MANY_OVERRIDES",
                "A service can have 64 days of its own at a time: take some back, or change its "
                "schedules.");
  }
  return {};
}

Result<void> RecordHours(const Deps& deps, storage::Transaction& tx,
                         const rpc::CallContext& context, audit::Action action,
                         const std::string& agency_id, const std::string& record_id) {
  audit::Record record{.action = action, .by = audit::ByCaller(context)};
  record.subject_agency_id = agency_id;
  record.record_id = record_id;
  return audit::Append(tx, deps.ids, deps.clock.NowMs(), record);
}

}  // namespace

Result<Listing> OverrideHours(const Deps& deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const OverrideHoursInput& input) {
  FAIRLEAD_ASSIGN(const CapacityService service, ServiceFor(deps, tx, context, input.service_id));
  FAIRLEAD_ASSIGN(const auto stored, deps.store.FindListing(tx, service.id));
  if (!stored) return Fail(Code::kNotFound, "SERVICE_NOT_FOUND", "There is no such service.");
  if (input.days.empty() && input.clear_dates.empty() && !input.holiday_sets) {
    return Fail(Code::kInvalidArgument, "NOTHING_TO_SET", "Say a day or the holidays.");
  }
  Listing listing = stored->listing;
  // Of the imported hours alone: without them a day of one's own would say that it is closed on
  // every other.
  const calendar::Hours imported = ReadHours(listing.schedules, {}, {});
  const std::string zone_name = ZoneOf(imported);
  const auto zone = calendar::Zone::Find(zone_name);
  const bool adds = !input.days.empty() || (input.holiday_sets && !input.holiday_sets->empty());
  if (adds && (!imported.says_when() || !zone)) {
    return Fail(Code::kFailedPrecondition, "HOURS_NOT_STATED",
                "The service states no opening hours that a day could differ from.");
  }
  const int64_t now_ms = deps.clock.NowMs();
  const calendar::Hours own = ReadHours({}, listing.special_days, {});
  std::vector<SpecialDay> days = FromYesterday(own.special_days, now_ms);
  FAIRLEAD_RETURN_IF_ERROR(MergeDays(input, zone_name, zone ? zone->DateAt(now_ms) : Date(), days));
  listing.special_days.clear();
  for (const SpecialDay& day : days) listing.special_days.push_back(calendar::ToText(day));
  if (input.holiday_sets) {
    FAIRLEAD_ASSIGN(const HolidaySets sets, ReadHolidaySets(tx));
    for (const std::string& code : *input.holiday_sets) {
      if (!sets.Has(code)) {
        return Fail(Code::kInvalidArgument, "UNKNOWN_HOLIDAY_SET", "There are no such holidays.",
                    {{"field", "holidays.codes"}});
      }
    }
    listing.holiday_sets = SortedUnique(*input.holiday_sets);
  }
  FAIRLEAD_ASSIGN(const int64_t change_number, deps.store.NextListingChange(tx));
  FAIRLEAD_RETURN_IF_ERROR(PutOwnHours(tx, listing, change_number));
  FAIRLEAD_RETURN_IF_ERROR(
      TellListingChanged(deps, tx, context, service.agency_id, listing.id, "changed"));
  FAIRLEAD_RETURN_IF_ERROR(RecordHours(deps, tx, context, audit::Action::kHoursOverridden,
                                       service.agency_id, listing.id));
  return listing;
}

Result<HolidaySet> SetHolidays(const Deps& deps, storage::Transaction& tx,
                               const rpc::CallContext& context, const HolidaySetInput& input) {
  if (input.code == kUsFederalHolidays) {
    return Fail(Code::kInvalidArgument, "HOLIDAY_SET_RESERVED",
                "These are reckoned by law: give yours another code.", {{"field", "code"}});
  }
  HolidaySet set{.code = input.code, .dates = {}};
  for (const std::string& text : input.dates) {
    FAIRLEAD_ASSIGN(const Date date, OverrideDate(text, "dates"));
    set.dates.push_back(date);
  }
  std::ranges::sort(set.dates);
  set.dates.erase(std::ranges::unique(set.dates).begin(), set.dates.end());
  FAIRLEAD_ASSIGN(const HolidaySets sets, ReadHolidaySets(tx));
  if (!set.dates.empty() && !sets.Has(set.code) && sets.all().size() >= kMaxHolidaySets) {
    return Fail(Code::kFailedPrecondition, "TOO_MANY_HOLIDAY_SETS",
                "A coalition has at most 16 sets of holidays.");
  }
  FAIRLEAD_ASSIGN(set.change_number, deps.store.NextListingChange(tx));
  FAIRLEAD_RETURN_IF_ERROR(PutHolidaySet(tx, set));
  FAIRLEAD_RETURN_IF_ERROR(RecordHours(deps, tx, context, audit::Action::kHolidaysSet,
                                       context.actor.agency_id, ""));
  return set;
}

}  // namespace fairlead::directory
