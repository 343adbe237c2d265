#include "services/directory/match_server.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/directory/service_view.h"

namespace fairlead::directory {
namespace {

constexpr size_t kServicesAtOnce = 500;  // CapacityStore::OfServices

MatchInput ToInput(const v1::MatchServicesRequest& request) {
  MatchInput input;
  input.need_code = request.need_code();
  input.urgency = static_cast<Urgency>(request.urgency() - v1::MATCH_URGENCY_EMERGENCY);
  input.county = request.county();
  input.state = request.state();
  input.languages = rpc::ToVector(request.languages());
  input.age_band = request.age_band();
  input.codes = {rpc::ToVector(request.genders()), rpc::ToVector(request.populations()),
                 rpc::ToVector(request.exploitation_types()),
                 rpc::ToVector(request.household_codes()),
                 rpc::ToVector(request.accessibility_codes())};
  input.cost = request.cost();
  input.without_id = request.without_papers();
  input.without_sobriety = request.without_sobriety();
  input.open_now_only = request.open_now_only();
  input.with_capacity_only = request.with_capacity_only();
  input.is_direct = request.mode() == v1::MATCH_MODE_DIRECT;
  input.do_not_route_agency_ids = rpc::ToVector(request.do_not_route_agency_ids());
  return input;
}

Result<Capacities> CapacitiesOfServices(const Deps& deps, storage::ReadTransaction& tx,
                                        const std::vector<IdNumber>& service_ids) {
  Capacities views;
  for (size_t from = 0; from < service_ids.size(); from += kServicesAtOnce) {
    std::vector<std::string> ids;
    for (size_t i = from; i < std::min(service_ids.size(), from + kServicesAtOnce); ++i) {
      ids.push_back(ToText(service_ids[i]));
    }
    FAIRLEAD_ASSIGN(const std::vector<Capacity> units, deps.capacities.OfServices(tx, ids));
    std::map<std::string, std::vector<Capacity>> by_service;
    for (const Capacity& unit : units) by_service[unit.service_id].push_back(unit);
    for (const auto& [id, of_service] : by_service) {
      if (const auto view = ViewOf(of_service)) views[ToIdNumber(id)] = *view;
    }
  }
  return views;
}

// An agency that must not be offered the case, misspelt, would be offered it.
Result<void> CheckAgencies(const Deps& deps, storage::ReadTransaction& tx,
                           const std::vector<std::string>& agency_ids) {
  for (const std::string& id : agency_ids) {
    FAIRLEAD_ASSIGN(const auto agency, deps.store.FindAgency(tx, id));
    if (agency) continue;
    return Fail(Code::kInvalidArgument, "UNKNOWN_AGENCY", "There is no such agency: " + id + ".",
                {{"field", "do_not_route_agency_ids"}});
  }
  return {};
}

void SetReason(const Reason& from, v1::MatchReason& to) {
  to.set_code(from.code);
  to.set_value(from.value);
  rpc::SetTime(from.time_ms, [&] { return to.mutable_time(); });
}

}  // namespace

struct MatchServer::Outcome {
  v1::MatchServicesResponse response;
  bool found_nobody = false;
  Filter nearest = Filter::kPassed;
  bool need_is_offered = false;
};

void MatchServer::Register(rpc::Registry& registry) {
  rpc::Add<v1::MatchServicesRequest, v1::MatchServicesResponse>(
      registry, "/fairlead.directory.v1.DirectoryService/MatchServices",
      [this](rpc::CallContext context, const v1::MatchServicesRequest& request) {
        return MatchServices(std::move(context), request);
      });
}

void MatchServer::Prepare() {
  deps_.database.Read(
      [this](storage::ReadTransaction& tx) -> Result<void> {
        const auto read = index_.At(tx);
        if (!read) return Fail(read.error());
        return {};
      },
      // Whoever asks first will try again, and be told what is wrong.
      [](Result<void>) {});
}

Task<Result<v1::MatchServicesResponse>> MatchServer::MatchServices(
    rpc::CallContext context, const v1::MatchServicesRequest& request) {
  const int64_t now_ms = deps_.clock.NowMs();
  const MatchInput input = ToInput(request);
  const Result<MatchQuery> query = MakeMatchQuery(input, context.actor, now_ms);
  if (!query) co_return Fail(query.error());
  const bool shows_misses = MaySeeMisses(context.actor);
  std::function<Result<Outcome>(storage::ReadTransaction&)> match =
      [this, &input, &query, shows_misses](storage::ReadTransaction& tx) -> Result<Outcome> {
    FAIRLEAD_RETURN_IF_ERROR(CheckAgencies(deps_, tx, input.do_not_route_agency_ids));
    // One miss is found for whoever sees none: it is what an unmet need is counted by.
    return Match(tx, *query, shows_misses ? kMaxMisses : 1);
  };
  Result<Outcome> outcome = co_await deps_.database.Read<Outcome>(match);
  if (!outcome) co_return Fail(std::move(outcome.error()));
  if (!shows_misses) outcome->response.clear_misses();
  if (outcome->found_nobody) {
    UnmetNeed unmet = UnmetBy(input, outcome->nearest, outcome->need_is_offered, now_ms);
    outcome->response.set_unmet_reason(unmet.reason);
    Task<Result<bool>> counting = Count(context, request.request_id(), std::move(unmet));
    Result<bool> counted = co_await std::move(counting);
    if (!counted) co_return Fail(std::move(counted.error()));
  }
  co_return std::move(outcome->response);
}

Result<MatchServer::Outcome> MatchServer::Match(storage::ReadTransaction& tx,
                                                const MatchQuery& query, size_t max_misses) {
  FAIRLEAD_ASSIGN(const std::shared_ptr<const Snapshot> snapshot, index_.At(tx));
  const auto capacities = [&](const std::vector<IdNumber>& service_ids) {
    return CapacitiesOfServices(deps_, tx, service_ids);
  };
  FAIRLEAD_ASSIGN(const Found found, Find(*snapshot, query, max_misses, capacities));
  std::vector<std::string> ids;
  for (const Found::One& one : found.matches) ids.push_back(ToText(one.rank.id));
  for (const Found::Out& one : found.misses) ids.push_back(ToText(one.missed.id));
  FAIRLEAD_ASSIGN(const std::vector<StoredListing> listings, deps_.store.FindListings(tx, ids));
  std::map<IdNumber, const StoredListing*> by_id;
  for (const StoredListing& stored : listings) by_id[ToIdNumber(stored.listing.id)] = &stored;

  Outcome outcome;
  outcome.found_nobody = found.matches.empty();
  outcome.need_is_offered = found.need_is_offered;
  if (!found.misses.empty()) outcome.nearest = found.misses.front().missed.filter;
  for (const Found::One& one : found.matches) {
    // The index may be newer than this transaction, which then does not see the listing yet.
    const auto stored = by_id.find(one.rank.id);
    if (stored == by_id.end()) continue;
    v1::Match* match = outcome.response.add_matches();
    *match->mutable_service() = ToProto(*stored->second);
    SetHours(stored->second->listing, query.now_ms, false, *match->mutable_service());
    match->set_score(one.rank.score);
    for (const Reason& reason : one.reasons) SetReason(reason, *match->add_reasons());
  }
  for (const Found::Out& one : found.misses) {
    const auto stored = by_id.find(one.missed.id);
    if (stored == by_id.end()) continue;
    v1::Miss* miss = outcome.response.add_misses();
    miss->set_service_id(stored->second->listing.id);
    miss->set_service_name(stored->second->listing.name);
    miss->set_agency_id(stored->second->agency_id);
    miss->set_agency_name(stored->second->agency_name);
    SetReason(WhyNot(query, one.facts, one.missed.filter), *miss->mutable_reason());
  }
  return outcome;
}

// False: this call has been counted before.
Task<Result<bool>> MatchServer::Count(rpc::CallContext context, const std::string& request_id,
                                      UnmetNeed unmet) {
  // Known again by its id alone: of what was asked nothing is kept but the count, not even a hash.
  v1::MatchServicesRequest only_id;
  only_id.set_request_id(request_id);
  std::function<Result<bool>(storage::Transaction&)> count =
      [this, key = rpc::MakeAnswerKey(context, only_id), unmet = std::move(unmet),
       now_ms = deps_.clock.NowMs()](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto answered, rpc::FindAnswer(tx, key));
    if (answered) return false;
    FAIRLEAD_RETURN_IF_ERROR(deps_.store.CountUnmet(tx, unmet));
    FAIRLEAD_RETURN_IF_ERROR(rpc::RecordAnswer(tx, key, v1::MatchServicesResponse(), now_ms));
    return true;
  };
  co_return co_await deps_.database.Write<bool>(std::move(count));
}

}  // namespace fairlead::directory
