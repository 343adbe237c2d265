#include "services/directory/load_reader.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "fairlead/referral/v1/agency_load.pb.h"

namespace fairlead::directory {
namespace {

constexpr int64_t kAskWithinMs = 5'000;
// 1,000 agencies to a page. What is beyond is not ranked by its load.
constexpr int kMostLoadPages = 50;

}  // namespace

Result<int64_t> LoadReader::ReadDay() {
  const int64_t last_day = LastLoadDayAt(deps_.clock.NowMs());
  if (known_last_day_ >= last_day) return 0;
  Result<int64_t> read = SyncWait(Read(last_day));
  if (read && *read == 0) known_last_day_ = last_day;
  return read;
}

Task<Result<int64_t>> LoadReader::Read(int64_t last_day) {
  std::function<Result<int64_t>(storage::ReadTransaction&)> find = LastLoadDay;
  const Result<int64_t> read = co_await deps_.database.Read<int64_t>(find);
  if (!read) co_return Fail(read.error());
  if (*read >= last_day) co_return 0;
  const int64_t day = std::max(*read + 1, last_day - kLoadDays + 1);
  Task<Result<std::vector<AgencyPoints>>> asking = Ask(day);
  const Result<std::vector<AgencyPoints>> points = co_await std::move(asking);
  if (!points) co_return Fail(points.error());
  std::function<Result<int64_t>(storage::Transaction&)> put =
      [&points, day](storage::Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(PutLoads(tx, day, *points));
    return 1;
  };
  co_return co_await deps_.database.Write<int64_t>(put);
}

Task<Result<std::vector<AgencyPoints>>> LoadReader::Ask(int64_t day) {
  std::vector<AgencyPoints> points;
  referral::v1::GetAgencyLoadsRequest request;
  request.set_day(day);
  for (int page = 0; page < kMostLoadPages; ++page) {
    rpc::CallOptions options{.actor = {},
                             .on_behalf_of_service = "directory",
                             .deadline_steady_ms = deps_.clock.SteadyMs() + kAskWithinMs,
                             .traceparent = "",
                             .nested = false};
    const auto answer = co_await rpc::Call<referral::v1::GetAgencyLoadsResponse>(
        services_, "/fairlead.referral.v1.AgencyLoadService/GetAgencyLoads", request, options);
    if (!answer) co_return Fail(answer.error());
    for (const referral::v1::AgencyLoad& load : answer->loads()) {
      points.push_back({load.agency_id(), kPointsOfOffer * load.ended_count() +
                                              kPointsOfMatch * load.accepted_count()});
    }
    if (answer->loads().empty()) break;
    request.set_after_agency_id(points.back().agency_id);
  }
  co_return std::move(points);
}

}  // namespace fairlead::directory
