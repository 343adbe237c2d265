// What a client needs of a service, as options of `directory search` and `directory match`.
#ifndef GATEWAY_CLI_CLIENT_FILTERS_H_
#define GATEWAY_CLI_CLIENT_FILTERS_H_

#include <string>
#include <vector>

#include "gateway/cli/args.h"
#include "gateway/cli/near_cell.h"
#include "services/common/base/us_states.h"

namespace fairlead::cli {

struct ClientFilters {
  std::string need;
  std::string county;
  std::string state;
  std::string near;
  int64_t within = 0;
  std::string age;
  std::vector<std::string> genders;
  std::vector<std::string> populations;
  std::vector<std::string> exploitation;
  std::vector<std::string> household;
  std::vector<std::string> access;
  std::string cost;
  bool open_now = false;
  bool with_capacity = false;

  // It must outlive the verb.
  void AddTo(Args& verb, Need need_code) {
    verb.Option("--need", &need, "A need code (fairlead directory needs)", need_code);
    verb.Option("--county", &county, "Where the client is: state and county FIPS");
    verb.Option("--state", &state, "Or only the state: TX, or its two digits (FIPS)");
    verb.Option("--near", &near,
                "Roughly where: latitude,longitude; only a square of some ten kilometres is sent");
    verb.Option("--within", &within, 0, 100,
                "Nothing known to be farther, in a straight line: 10, 25, 50, 100 miles");
    verb.Option("--age", &age, "0-11, 12-17, 18-24, 25-59, 60+");
    verb.Option("--gender", &genders, "Any of female, male, nonbinary, transgender");
    verb.Option("--population", &populations, "Groups that the client belongs to: lgbtq");
    verb.Option("--exploitation", &exploitation, "Only if the client agrees: sex, labor");
    verb.Option("--household", &household, "single, with_children, couple, pets");
    verb.Option("--access", &access, "What must be there: wheelchair, sign_language");
    verb.Option("--cost", &cost, "The most the client can pay: free, sliding, fee");
    verb.Flag("--open-now", &open_now, "Only who is open now");
    verb.Flag("--with-capacity", &with_capacity, "Only who says that there is room");
  }

  // Error: INVALID_ARGUMENT USAGE.
  template <class Request>
  Result<void> SetIn(Request& request) const {
    const auto add = [](const std::vector<std::string>& from, auto* to) {
      to->Add(from.begin(), from.end());
    };
    request.set_need_code(need);
    request.set_county(county);
    const std::string fips = FipsOfUsState(state);
    request.set_state(fips.empty() ? state : fips);
    FAIRLEAD_ASSIGN(*request.mutable_near_cell(), NearCell(near));
    request.set_within_miles(static_cast<int32_t>(within));
    request.set_age_band(age);
    add(genders, request.mutable_genders());
    add(populations, request.mutable_populations());
    add(exploitation, request.mutable_exploitation_types());
    add(household, request.mutable_household_codes());
    add(access, request.mutable_accessibility_codes());
    request.set_cost(cost);
    request.set_open_now_only(open_now);
    request.set_with_capacity_only(with_capacity);
    return {};
  }
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_CLIENT_FILTERS_H_
