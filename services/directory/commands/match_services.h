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

// Empty fields ask nothing; need_code is required.
struct MatchInput {
  std::string need_code;
  Urgency urgency = Urgency::kStandard;
  std::string county;  // at most one of the two
  std::string state;
  std::vector<std::string> languages;
  std::string age_band;
  std::array<std::vector<std::string>, kCodeLists.size()> codes;  // by CodeList
  std::string cost;
  bool without_id = false;
  bool without_sobriety = false;
  bool open_now_only = false;
  bool with_capacity_only = false;
  bool is_direct = false;
  std::vector<std::string> do_not_route_agency_ids;
};

// Errors: INVALID_ARGUMENT UNKNOWN_NEED_CODE, COUNTY_OR_STATE, UNKNOWN_COUNTY, UNKNOWN_STATE,
// INVALID_LANGUAGE, UNKNOWN_AGE_BAND, UNKNOWN_CODE, UNKNOWN_COST, each with metadata `field`.
Result<MatchQuery> MakeMatchQuery(const MatchInput& input, const auth::Actor& actor,
                                  int64_t now_ms);

// Are those that were left out shown, with why? To people who place clients; software gets what
// it can offer to.
bool MaySeeMisses(const auth::Actor& actor);

// How a search that found nobody is counted. `nearest`: of the first miss; kPassed: there is none.
UnmetNeed UnmetBy(const MatchInput& input, Filter nearest, bool need_is_offered, int64_t now_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_MATCH_SERVICES_H_
