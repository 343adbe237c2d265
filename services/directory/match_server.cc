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
#include "services/directory/commands/search_services.h"
#include "services/directory/index/search.h"
#include "services/directory/service_view.h"
#include "services/directory/translate.h"

namespace fairlead::directory {
namespace {

constexpr size_t kServicesAtOnce = 500;  // CapacityStore::OfServices

// What both requests ask of a client's circumstances.
template <class Request>
FilterInput ToFilters(const Request& request) {
  FilterInput filters;
  filters.need_code = request.need_code();
  filters.county = request.county();
  filters.state = request.state();
  filters.near_cell = request.near_cell();
  filters.within_miles = request.within_miles();
  filters.age_band = request.age_band();
  filters.codes = {rpc::ToVector(request.genders()), rpc::ToVector(request.populations()),
                   rpc::ToVector(request.exploitation_types()),
                   rpc::ToVector(request.household_codes()),
                   rpc::ToVector(request.accessibility_codes())};
  filters.cost = request.cost();
  filters.open_now_only = request.open_now_only();
  filters.with_capacity_only = request.with_capacity_only();
  return filters;
}

MatchInput ToInput(const v1::MatchServicesRequest& request) {
  MatchInput input;
  input.filters = ToFilters(request);
  input.filters.languages = rpc::ToVector(request.languages());
  input.filters.without_id = request.without_papers();
  input.filters.without_sobriety = request.without_sobriety();
  input.urgency = static_cast<Urgency>(request.urgency() - v1::MATCH_URGENCY_EMERGENCY);
  input.is_direct = request.mode() == v1::MATCH_MODE_DIRECT;
  input.agency_id = request.agency_id();
  input.do_not_route_agency_ids = rpc::ToVector(request.do_not_route_agency_ids());
  return input;
}

SearchInput ToInput(const v1::SearchServicesRequest& request) {
  SearchInput input{.filters = ToFilters(request), .text = request.text()};
  if (!request.language().empty()) input.filters.languages = {request.language()};
  return input;
}

// A page token is good for the question that it was given for.
std::string KeyOf(const v1::SearchServicesRequest& request) {
  v1::SearchServicesRequest question = request;
  question.clear_page_size();
  question.clear_page_token();
  return "SearchServices\n" + question.SerializeAsString();
}

constexpr char kAsWritten = '=';
constexpr char kMisspelt = '~';

Position ToPosition(const SearchPosition& position) {
  return {(position.misspelt ? kMisspelt : kAsWritten) + position.sort_key, ToText(position.id)};
}

SearchPosition FromPosition(const Position& position) {
  if (position.id.empty()) return {};
  return {position.sort_key.starts_with(kMisspelt), position.sort_key.substr(1),
          ToIdNumber(position.id)};
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

// An agency that must not be offered the case, misspelt, would be offered it; one that is asked for
// would have nothing.
Result<void> CheckAgencies(const Deps& deps, storage::ReadTransaction& tx,
                           const MatchInput& input) {
  const auto check = [&](const std::string& id, const char* field) -> Result<void> {
    FAIRLEAD_ASSIGN(const auto agency, deps.store.FindAgency(tx, id));
    if (agency) return {};
    return Fail(Code::kInvalidArgument, "UNKNOWN_AGENCY", "There is no such agency: " + id + ".",
                {{"field", field}});
  };
  if (input.is_direct) FAIRLEAD_RETURN_IF_ERROR(check(input.agency_id, "agency_id"));
  for (const std::string& id : input.do_not_route_agency_ids) {
    FAIRLEAD_RETURN_IF_ERROR(check(id, "do_not_route_agency_ids"));
  }
  return {};
}

// What is said of these listings, by id.
Result<std::map<IdNumber, StoredListing>> ListingsOf(const Deps& deps, storage::ReadTransaction& tx,
                                                     const std::vector<IdNumber>& numbers) {
  std::vector<std::string> ids;
  for (const IdNumber& number : numbers) ids.push_back(ToText(number));
  FAIRLEAD_ASSIGN(std::vector<StoredListing> listings, deps.store.FindListings(tx, ids));
  std::map<IdNumber, StoredListing> by_id;
  for (StoredListing& stored : listings) {
    const IdNumber number = ToIdNumber(stored.listing.id);
    by_id.emplace(number, std::move(stored));
  }
  return by_id;
}

void SetDistance(const std::optional<size_t>& band, v1::Service& service) {
  if (band) service.set_distance_miles(MilesOf(*band));
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
  rpc::Add<v1::SearchServicesRequest, v1::SearchServicesResponse>(
      registry, "/fairlead.directory.v1.DirectoryService/SearchServices",
      [this](rpc::CallContext context, const v1::SearchServicesRequest& request) {
        return SearchServices(std::move(context), request);
      });
}

void MatchServer::Prepare() {
  std::function<Result<bool>(storage::ReadTransaction&)> page =
      [this](storage::ReadTransaction& tx) { return index_.ReadPage(tx); };
  const Result<bool> all = SyncWait(deps_.database.Read<bool>(page));
  if (!all) index_.GiveUp();
  if (!all || *all) return;
  fairlead::Start(ReadOn(), [](const Result<bool>&) {});
}

// Each page in a transaction of its own: none is open for long.
Task<Result<bool>> MatchServer::ReadOn() {
  std::function<Result<bool>(storage::ReadTransaction&)> page =
      [this](storage::ReadTransaction& tx) { return index_.ReadPage(tx); };
  while (true) {
    Result<bool> all = co_await deps_.database.Read<bool>(page);
    // A page that the database never came to read leaves a reading behind that nobody goes on with.
    if (!all) index_.GiveUp();
    if (!all || *all) co_return all;
  }
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
    FAIRLEAD_RETURN_IF_ERROR(CheckAgencies(deps_, tx, input));
    // One miss is found for whoever sees none: it is what an unmet need is counted by.
    return Match(tx, *query, shows_misses ? kMaxMisses : 1);
  };
  Result<Outcome> outcome = co_await deps_.database.Read<Outcome>(match);
  if (!outcome) co_return Fail(std::move(outcome.error()));
  if (!shows_misses) outcome->response.clear_misses();
  // That one agency cannot help does not say that nobody can.
  if (outcome->found_nobody && !query->only_agency) {
    UnmetNeed unmet = UnmetBy(input.filters, outcome->nearest, outcome->need_is_offered, now_ms);
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
  FAIRLEAD_ASSIGN(const auto loads, loads_.At(tx));
  FAIRLEAD_ASSIGN(const Found found, Find(*snapshot, query, max_misses, capacities, *loads));
  std::vector<IdNumber> ids;
  for (const Found::One& one : found.matches) ids.push_back(one.rank.id);
  for (const Found::Out& one : found.misses) ids.push_back(one.missed.id);
  FAIRLEAD_ASSIGN(const auto by_id, ListingsOf(deps_, tx, ids));

  Outcome outcome;
  outcome.found_nobody = found.matches.empty();
  outcome.need_is_offered = found.need_is_offered;
  if (!found.misses.empty()) outcome.nearest = found.misses.front().missed.filter;
  for (const Found::One& one : found.matches) {
    // The index may be newer than this transaction, which then does not see the listing yet.
    const auto stored = by_id.find(one.rank.id);
    if (stored == by_id.end()) continue;
    v1::Match* match = outcome.response.add_matches();
    *match->mutable_service() = ToProto(stored->second, query.now_ms);
    SetHours(stored->second, query.now_ms, false, *match->mutable_service());
    SetDistance(DistanceBand(query, one.facts), *match->mutable_service());
    match->set_score(one.rank.score);
    for (const Reason& reason : one.reasons) SetReason(reason, *match->add_reasons());
  }
  for (const Found::Out& one : found.misses) {
    const auto stored = by_id.find(one.missed.id);
    if (stored == by_id.end()) continue;
    v1::Miss* miss = outcome.response.add_misses();
    miss->set_service_id(stored->second.listing.id);
    miss->set_service_name(stored->second.listing.name);
    miss->set_agency_id(stored->second.agency_id);
    miss->set_agency_name(stored->second.agency_name);
    SetReason(WhyNot(query, one.facts, one.missed.filter), *miss->mutable_reason());
  }
  return outcome;
}

Task<Result<v1::SearchServicesResponse>> MatchServer::SearchServices(
    rpc::CallContext, const v1::SearchServicesRequest& request) {
  const int64_t now_ms = deps_.clock.NowMs();
  const Result<SearchQuery> query = MakeSearchQuery(ToInput(request), now_ms);
  if (!query) co_return Fail(query.error());
  const std::string key = KeyOf(request);
  const Result<Position> after = DecodePosition(page_tokens_, key, request.page_token());
  if (!after) co_return Fail(after.error());
  const auto size = static_cast<size_t>(rpc::PageSize(request.page_size()));
  std::function<Result<v1::SearchServicesResponse>(storage::ReadTransaction&)> search =
      [&](storage::ReadTransaction& tx) -> Result<v1::SearchServicesResponse> {
    FAIRLEAD_ASSIGN(const std::shared_ptr<const Snapshot> snapshot, index_.At(tx));
    const auto capacities = [&](const std::vector<IdNumber>& service_ids) {
      return CapacitiesOfServices(deps_, tx, service_ids);
    };
    FAIRLEAD_ASSIGN(const SearchPage page,
                    Search(*snapshot, *query, FromPosition(*after), size, capacities));
    FAIRLEAD_ASSIGN(const auto by_id, ListingsOf(deps_, tx, page.ids));
    v1::SearchServicesResponse response;
    response.set_misspelt(page.misspelt);
    for (size_t i = 0; i < page.ids.size(); ++i) {
      // The index may be newer than this transaction, which then does not see the listing yet.
      const auto stored = by_id.find(page.ids[i]);
      if (stored == by_id.end()) continue;
      v1::Service* service = response.add_services();
      *service = ToProto(stored->second, now_ms);
      SetHours(stored->second, now_ms, false, *service);
      SetDistance(page.distances[i], *service);
    }
    if (page.next) {
      const Position last = ToPosition(*page.next);
      response.set_next_page_token(page_tokens_.Encode(key, {last.sort_key, last.id}));
    }
    return response;
  };
  co_return co_await deps_.database.Read<v1::SearchServicesResponse>(search);
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
