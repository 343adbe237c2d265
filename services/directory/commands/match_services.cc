#include "services/directory/commands/match_services.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include "services/directory/domain/need_codes.h"

namespace fairlead::directory {
namespace {

constexpr size_t kStateDigits = 2;

tl::unexpected<Error> Refuse(std::string reason, std::string message, std::string field) {
  return Fail(Code::kInvalidArgument, std::move(reason), std::move(message),
              {{"field", std::move(field)}});
}

Result<void> TakeArea(const FilterInput& input, MatchQuery& query) {
  if (!input.county.empty() && !input.state.empty()) {
    return Refuse("COUNTY_OR_STATE", "Give the county or the state: the one has the other in it.",
                  "state");
  }
  if (!input.county.empty()) {
    if (!IsState(std::string_view(input.county).substr(0, kStateDigits))) {
      return Refuse("UNKNOWN_COUNTY", "No state has a county with this code.", "county");
    }
    query.county = AreaNumber(input.county);
    query.state = query.county / kCountiesOfState;
  } else if (!input.state.empty()) {
    if (!IsState(input.state)) {
      return Refuse("UNKNOWN_STATE", "A state is two digits (FIPS): 12 is Florida.", "state");
    }
    query.state = AreaNumber(input.state);
  }
  return {};
}

Result<void> TakeDistance(const FilterInput& input, MatchQuery& query) {
  if (!input.near_cell.empty()) {
    const std::optional<uint32_t> cell = S2CellOfToken(input.near_cell, kS2RoughLevel);
    if (!cell) {
      return Refuse("INVALID_CELL",
                    "Give the token of an S2 cell of level 10 (six digits): a smaller one would "
                    "say too well where somebody is.",
                    "near_cell");
    }
    query.near = S2Middle(*cell);
  }
  if (input.within_miles == 0) return {};
  if (!query.near) {
    return Refuse("CELL_REQUIRED", "Say from where: the cell that the client is in.", "near_cell");
  }
  query.farthest = BandOfMiles(input.within_miles);
  if (!query.farthest) {
    return Refuse("UNKNOWN_DISTANCE", "The distance is 10, 25, 50 or 100 miles.", "within_miles");
  }
  return {};
}

Result<void> TakeLanguages(const FilterInput& input, MatchQuery& query) {
  for (const std::string& language : input.languages) {
    std::optional<std::string> tag = NormaliseLanguage(language);
    if (!tag) return Refuse("INVALID_LANGUAGE", "This is not a language tag.", "languages");
    query.languages.push_back(*std::move(tag));
  }
  return {};
}

Result<void> TakeClient(const FilterInput& input, MatchQuery& query) {
  constexpr std::array<const char*, kCodeLists.size()> kFields = {
      "genders", "populations", "exploitation_types", "household_codes", "accessibility_codes"};
  if (!input.age_band.empty()) {
    query.ages = AgeBandOf(input.age_band);
    if (!query.ages) {
      return Refuse("UNKNOWN_AGE_BAND", "The age band is one of 0-11, 12-17, 18-24, 25-59, 60+.",
                    "age_band");
    }
  }
  for (size_t i = 0; i < kCodeLists.size(); ++i) {
    const auto list = static_cast<CodeList>(i);
    for (const std::string& code : input.codes.at(i)) {
      if (BitOf(list, code) == 0) {
        return Refuse("UNKNOWN_CODE", "There is no such code.", kFields.at(i));
      }
    }
    query.codes.at(i) = BitsOf(list, input.codes.at(i));
  }
  const std::optional<Cost> cost = CostOf(input.cost);
  if (!cost) return Refuse("UNKNOWN_COST", "The cost is free, sliding or fee.", "cost");
  query.most_cost = *cost;
  return {};
}

}  // namespace

Result<MatchQuery> MakeFilters(const FilterInput& input, int64_t now_ms) {
  MatchQuery query;
  if (!input.need_code.empty()) {
    if (FindNeedCode(input.need_code) == nullptr) {
      return Refuse("UNKNOWN_NEED_CODE", "There is no such need code.", "need_code");
    }
    query.need = NeedNumber(input.need_code);
  }
  FAIRLEAD_RETURN_IF_ERROR(TakeArea(input, query));
  FAIRLEAD_RETURN_IF_ERROR(TakeDistance(input, query));
  FAIRLEAD_RETURN_IF_ERROR(TakeLanguages(input, query));
  FAIRLEAD_RETURN_IF_ERROR(TakeClient(input, query));
  query.without_id = input.without_id;
  query.without_sobriety = input.without_sobriety;
  query.open_now_only = input.open_now_only;
  query.with_capacity_only = input.with_capacity_only;
  query.now_ms = now_ms;
  return query;
}

Result<MatchQuery> MakeMatchQuery(const MatchInput& input, const auth::Actor& actor,
                                  int64_t now_ms) {
  FAIRLEAD_ASSIGN(MatchQuery query, MakeFilters(input.filters, now_ms));
  if (query.need == kAnyNeed) {
    return Refuse("UNKNOWN_NEED_CODE", "Say what is needed.", "need_code");
  }
  // Everybody anywhere is no answer to anybody, and nobody could look at them all.
  if (query.state == 0) {
    return Refuse("AREA_REQUIRED", "Say where: the county, or at least the state.", "county");
  }
  query.urgency = input.urgency;
  if (input.is_direct && input.agency_id.empty()) {
    return Refuse("AGENCY_REQUIRED", "Say which agency it is for.", "agency_id");
  }
  if (!input.is_direct && !input.agency_id.empty()) {
    return Refuse("AGENCY_NOT_ASKED_FOR", "Only a direct question is for one agency.", "agency_id");
  }
  query.is_blind = !input.is_direct;
  if (input.is_direct) query.only_agency = ToIdNumber(input.agency_id);
  for (const std::string& id : input.do_not_route_agency_ids) {
    query.do_not_route.push_back(ToIdNumber(id));
  }
  std::ranges::sort(query.do_not_route);
  query.asking_agency = ToIdNumber(actor.agency_id);
  return query;
}

bool MaySeeMisses(const auth::Actor& actor) { return actor.kind == auth::ActorKind::kStaff; }

UnmetNeed UnmetBy(const FilterInput& asked, Filter nearest, bool need_is_offered, int64_t now_ms) {
  if (nearest == Filter::kPassed) nearest = need_is_offered ? Filter::kArea : Filter::kNeed;
  const std::chrono::sys_time<std::chrono::milliseconds> now{std::chrono::milliseconds(now_ms)};
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(now));
  const auto month = static_cast<unsigned>(day.month());
  return {.month = std::to_string(static_cast<int>(day.year())) + (month < 10 ? "-0" : "-") +
                   std::to_string(month),
          .need_code = asked.need_code,
          .county = asked.county,
          .reason = std::string(CodeOf(nearest))};
}

}  // namespace fairlead::directory
