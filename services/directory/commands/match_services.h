// A question to the matching, as a caller puts it.
#ifndef SERVICES_DIRECTORY_COMMANDS_MATCH_SERVICES_H_
#define SERVICES_DIRECTORY_COMMANDS_MATCH_SERVICES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "services/common/auth/actor.h"
#include "services/common/base/result.h"
#include "services/directory/domain/match.h"
#include "services/directory/store/directory_store.h"

namespace fairlead::directory {

// What a client needs. Empty fields ask nothing.
struct FilterInput {
  std::string need_code;
  std::string county;  // at most one of the two
  std::string state;
  std::string near_cell;  // the S2 token of a cell of level 10
  int within_miles = 0;   // 0: however far; else only with near_cell
  std::vector<std::string> languages;
  std::string age_band;
  std::array<std::vector<std::string>, kCodeLists.size()> codes;  // by CodeList
  std::string cost;
  bool without_id = false;
  bool without_sobriety = false;
  bool open_now_only = false;
  bool with_capacity_only = false;
};

// need_code, and county or state, are required.
struct MatchInput {
  FilterInput filters;
  Urgency urgency = Urgency::kStandard;
  bool is_direct = false;
  std::string agency_id;  // of a direct question
  std::vector<std::string> do_not_route_agency_ids;
};

// Errors: INVALID_ARGUMENT UNKNOWN_NEED_CODE, COUNTY_OR_STATE, UNKNOWN_COUNTY, UNKNOWN_STATE,
// INVALID_CELL, CELL_REQUIRED, UNKNOWN_DISTANCE, INVALID_LANGUAGE, UNKNOWN_AGE_BAND, UNKNOWN_CODE,
// UNKNOWN_COST, each with metadata `field`.
Result<MatchQuery> MakeFilters(const FilterInput& input, int64_t now_ms);

// Errors: those of MakeFilters; AREA_REQUIRED, AGENCY_REQUIRED, AGENCY_NOT_ASKED_FOR.
Result<MatchQuery> MakeMatchQuery(const MatchInput& input, const auth::Actor& actor,
                                  int64_t now_ms);

// Are those that were left out shown, with why? To people who place clients; software gets what
// it can offer to.
bool MaySeeMisses(const auth::Actor& actor);

// How a search that found nobody is counted. `nearest`: of the first miss; kPassed: there is none.
UnmetNeed UnmetBy(const FilterInput& asked, Filter nearest, bool need_is_offered, int64_t now_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_MATCH_SERVICES_H_
