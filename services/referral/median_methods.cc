// How soon each agency answers and begins, for coordinators; and how much it was asked for, for the
// directory.
#include <algorithm>
#include <utility>

#include "services/referral/domain/pace.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/pace_store.h"

namespace fairlead::referral {
namespace {

constexpr int kMostAgencies = 25;  // to a page: at kMostPaceRows each, what one read should cost
constexpr int64_t kDayMs = 24LL * 3'600'000;
constexpr int kMostLoads = 1000;  // to a page

int64_t WindowMs(v1::MedianWindow window) {
  return (window == v1::MEDIAN_WINDOW_DAYS_30 ? 30 : 90) * kDayMs;
}

void SetSpread(const Spread& spread, v1::WaitSpread* out) {
  out->set_median_s(spread.median_ms / 1000);
  out->set_p90_s(spread.p90_ms / 1000);
}

v1::AgencyMedians ToMedians(const std::string& agency_id, const std::vector<OfferPace>& offers) {
  v1::AgencyMedians out;
  out.set_agency_id(agency_id);
  const std::optional<PaceFigures> sum = SumUp(offers);
  if (!sum) return out;
  v1::AgencyFigures* figures = out.mutable_figures();
  figures->set_answered_count(static_cast<int32_t>(sum->answered));
  figures->set_expired_count(static_cast<int32_t>(sum->expired));
  if (sum->to_answer) SetSpread(*sum->to_answer, figures->mutable_to_answer());
  if (sum->to_start) SetSpread(*sum->to_start, figures->mutable_to_start());
  return out;
}

}  // namespace

Task<Result<v1::ListAgencyMediansResponse>> ReferralServer::ListAgencyMedians(
    rpc::CallContext context, const v1::ListAgencyMediansRequest& request) {
  const std::string key =
      "medians " + context.actor.agency_id + " " + std::to_string(request.window());
  std::string after_id;
  if (!request.page_token().empty()) {
    const auto place = page_tokens_.Decode(key, request.page_token());
    if (!place) co_return Fail(place.error());
    after_id = place->at(0);
  }
  const int limit = std::min(rpc::PageSize(request.page_size()), kMostAgencies);
  const int64_t since_ms = clock_.NowMs() - WindowMs(request.window());
  std::function<Result<v1::ListAgencyMediansResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListAgencyMediansResponse> {
    FAIRLEAD_ASSIGN(const std::vector<std::string> ids, MemberIds(tx, after_id, limit));
    v1::ListAgencyMediansResponse response;
    for (const std::string& id : ids) {
      FAIRLEAD_ASSIGN(const std::vector<OfferPace> offers, PaceOf(tx, id, since_ms));
      *response.add_agencies() = ToMedians(id, offers);
    }
    if (static_cast<int>(ids.size()) == limit) {
      response.set_next_page_token(page_tokens_.Encode(key, {ids.back()}));
    }
    return response;
  };
  co_return co_await database_.Read<v1::ListAgencyMediansResponse>(job);
}

Task<Result<v1::GetAgencyLoadsResponse>> ReferralServer::GetAgencyLoads(
    rpc::CallContext, const v1::GetAgencyLoadsRequest& request) {
  const int64_t from_ms = request.day() * kDayMs;
  if (clock_.NowMs() < from_ms + kDayMs) {
    co_return Fail(Code::kFailedPrecondition, "DAY_NOT_OVER", "That day is not over yet.",
                   {{"field", "day"}});
  }
  std::function<Result<v1::GetAgencyLoadsResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::GetAgencyLoadsResponse> {
    FAIRLEAD_ASSIGN(
        const std::vector<AgencyLoadSum> sums,
        LoadsBetween(tx, from_ms, from_ms + kDayMs, request.after_agency_id(), kMostLoads));
    v1::GetAgencyLoadsResponse response;
    for (const AgencyLoadSum& sum : sums) {
      v1::AgencyLoad* load = response.add_loads();
      load->set_agency_id(sum.agency_id);
      load->set_ended_count(sum.ended);
      load->set_accepted_count(sum.accepted);
    }
    return response;
  };
  co_return co_await database_.Read<v1::GetAgencyLoadsResponse>(job);
}

}  // namespace fairlead::referral
