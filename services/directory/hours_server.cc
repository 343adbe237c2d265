#include "services/directory/hours_server.h"

#include <chrono>
#include <functional>
#include <string>

#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/directory/commands/override_hours.h"
#include "services/directory/domain/open_state.h"
#include "services/directory/service_view.h"
#include "services/directory/store/hours_store.h"

namespace fairlead::directory {
namespace {

constexpr int kHolidayYearsShown = 3;

OverrideHoursInput ToInput(const v1::SetHoursOverridesRequest& request) {
  OverrideHoursInput input;
  input.service_id = request.service_id();
  for (const v1::HoursOverride& one : request.overrides()) {
    DayHours& day = input.days.emplace_back();
    day.date = one.date();
    for (const v1::OpenTimes& times : one.openings()) {
      day.openings.emplace_back(times.opens_at(), times.closes_at());
    }
  }
  input.clear_dates = rpc::ToVector(request.clear_dates());
  if (request.has_holidays()) input.holiday_sets = rpc::ToVector(request.holidays().codes());
  return input;
}

v1::HolidaySet ToProto(const HolidaySet& set) {
  v1::HolidaySet proto;
  proto.set_code(set.code);
  for (const calendar::Date date : set.dates) {
    proto.add_dates()->set_date(calendar::DateText(date));
  }
  return proto;
}

v1::HolidaySet UsFederalAt(int64_t now_ms) {
  v1::HolidaySet proto;
  proto.set_code(std::string(kUsFederalHolidays));
  const auto today = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time(std::chrono::milliseconds(now_ms)));
  const int year = static_cast<int>(std::chrono::year_month_day(today).year());
  for (int ahead = 0; ahead < kHolidayYearsShown; ++ahead) {
    const std::vector<calendar::NamedHoliday> days = calendar::UsFederalHolidays(year + ahead);
    for (const calendar::NamedHoliday& day : days) {
      v1::HolidayDate* date = proto.add_dates();
      date->set_date(calendar::DateText(day.date));
      date->set_code(std::string(day.code));
    }
  }
  return proto;
}

}  // namespace

void HoursServer::Register(rpc::Registry& registry) {
  const auto add = [&]<class Request, class Response>(
                       const char* name, Task<Result<Response>> (HoursServer::*method)(
                                             rpc::CallContext, const Request&)) {
    rpc::Add<Request, Response>(registry,
                                std::string("/fairlead.directory.v1.HoursService/") + name,
                                [this, method](rpc::CallContext context, const Request& request) {
                                  return (this->*method)(std::move(context), request);
                                });
  };
  add("SetHoursOverrides", &HoursServer::SetHoursOverrides);
  add("ListHolidaySets", &HoursServer::ListHolidaySets);
  add("PutHolidaySet", &HoursServer::PutHolidaySet);
}

Task<Result<v1::SetHoursOverridesResponse>> HoursServer::SetHoursOverrides(
    rpc::CallContext context, const v1::SetHoursOverridesRequest& request) {
  const OverrideHoursInput input = ToInput(request);
  std::function<Result<v1::SetHoursOverridesResponse>(storage::Transaction&)> set =
      [this, &context, &input](storage::Transaction& tx) -> Result<v1::SetHoursOverridesResponse> {
    FAIRLEAD_ASSIGN(const Listing listing, OverrideHours(deps_, tx, context, input));
    v1::SetHoursOverridesResponse response;
    SetOverrides(ReadHours({}, listing.special_days, {}).special_days,
                 response.mutable_overrides());
    rpc::SetRepeated(listing.holiday_sets, response.mutable_holiday_sets());
    return response;
  };
  co_return co_await rpc::Mutate<v1::SetHoursOverridesResponse>(deps_.database, context, request,
                                                                deps_.clock.NowMs(), set);
}

Task<Result<v1::ListHolidaySetsResponse>> HoursServer::ListHolidaySets(
    rpc::CallContext, const v1::ListHolidaySetsRequest&) {
  std::function<Result<HolidaySets>(storage::ReadTransaction&)> read =
      [](storage::ReadTransaction& tx) { return ReadHolidaySets(tx); };
  Result<HolidaySets> sets = co_await deps_.database.Read<HolidaySets>(read);
  if (!sets) co_return Fail(std::move(sets.error()));
  v1::ListHolidaySetsResponse response;
  *response.add_holiday_sets() = UsFederalAt(deps_.clock.NowMs());
  for (const auto& [code, set] : sets->all()) *response.add_holiday_sets() = ToProto(set);
  co_return response;
}

Task<Result<v1::PutHolidaySetResponse>> HoursServer::PutHolidaySet(
    rpc::CallContext context, const v1::PutHolidaySetRequest& request) {
  const HolidaySetInput input{.code = request.code(), .dates = rpc::ToVector(request.dates())};
  std::function<Result<v1::PutHolidaySetResponse>(storage::Transaction&)> put =
      [this, &context, &input](storage::Transaction& tx) -> Result<v1::PutHolidaySetResponse> {
    FAIRLEAD_ASSIGN(const HolidaySet set, SetHolidays(deps_, tx, context, input));
    v1::PutHolidaySetResponse response;
    *response.mutable_holiday_set() = ToProto(set);
    return response;
  };
  co_return co_await rpc::Mutate<v1::PutHolidaySetResponse>(deps_.database, context, request,
                                                            deps_.clock.NowMs(), put);
}

}  // namespace fairlead::directory
