// directory match: who can help, ranked, with why, and why not.
#include <algorithm>

#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/nearest_need.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;

constexpr int64_t kLastTimestampS = 253'402'300'799;  // the end of the year 9999 (protobuf)

struct MatchOptions {
  std::string need;
  std::string urgency = "standard";
  std::string county;
  std::string state;
  std::vector<std::string> languages;
  std::string age;
  std::vector<std::string> genders;
  std::vector<std::string> populations;
  std::vector<std::string> exploitation;
  std::vector<std::string> household;
  std::vector<std::string> access;
  std::string cost;
  std::vector<std::string> do_not_route;
  bool without_papers = false;
  bool without_sobriety = false;
  bool open_now = false;
  bool with_capacity = false;
  bool direct = false;
};

Result<v1::MatchServicesRequest> ToRequest(Context& context, const MatchOptions& options) {
  v1::MatchServicesRequest request;
  request.set_request_id(context.RequestId());
  request.set_need_code(options.need);
  FAIRLEAD_ASSIGN(const int urgency,
                  EnumValue(*v1::MatchUrgency_descriptor(), options.urgency, "--urgency"));
  request.set_urgency(static_cast<v1::MatchUrgency>(urgency));
  request.set_county(options.county);
  request.set_state(options.state);
  request.mutable_languages()->Add(options.languages.begin(), options.languages.end());
  request.set_age_band(options.age);
  request.mutable_genders()->Add(options.genders.begin(), options.genders.end());
  request.mutable_populations()->Add(options.populations.begin(), options.populations.end());
  request.mutable_exploitation_types()->Add(options.exploitation.begin(),
                                            options.exploitation.end());
  request.mutable_household_codes()->Add(options.household.begin(), options.household.end());
  request.mutable_accessibility_codes()->Add(options.access.begin(), options.access.end());
  request.set_cost(options.cost);
  request.set_without_papers(options.without_papers);
  request.set_without_sobriety(options.without_sobriety);
  request.set_open_now_only(options.open_now);
  request.set_with_capacity_only(options.with_capacity);
  for (const std::string& agency : options.do_not_route) {
    FAIRLEAD_ASSIGN(std::string id, context.AgencyId(agency));
    request.add_do_not_route_agency_ids(std::move(id));
  }
  request.set_mode(options.direct ? v1::MATCH_MODE_DIRECT : v1::MATCH_MODE_BLIND);
  return request;
}

// "open now, until in 3 h"; "capacity stale: 2, 3 days ago"; "out of area".
std::string ReasonText(const v1::MatchReason& reason, int64_t now_ms) {
  std::string text = reason.code();
  std::replace(text.begin(), text.end(), '_', ' ');
  // What a hub says may be anything: within what a Timestamp may hold nothing overflows.
  const int64_t time_s = std::clamp<int64_t>(reason.time().seconds(), 0, kLastTimestampS);
  const std::string when = reason.has_time() ? RelativeText(time_s * 1000, now_ms) : "";
  if (reason.code() == "open_now" && !when.empty()) return text + ", closes " + when;
  if (reason.code() == "opens") return text + " " + when;
  if (!reason.value().empty()) text += ": " + reason.value();
  return when.empty() ? text : text + ", " + when;
}

std::string Why(const v1::Match& match, int64_t now_ms) {
  std::vector<std::string> reasons;
  for (const v1::MatchReason& reason : match.reasons()) {
    reasons.push_back(ReasonText(reason, now_ms));
  }
  std::string text;
  for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

Result<void> Match(Context& context, const MatchOptions& options) {
  FAIRLEAD_ASSIGN(const v1::MatchServicesRequest request, ToRequest(context, options));
  const auto found = context.client().Call<v1::MatchServicesResponse>(kMatchServices, request);
  if (!found) return Fail(WithNearestNeed(context, found.error(), options.need));
  const v1::MatchServicesResponse& response = *found;
  context.Emit(response, [&] {
    Table matches({"", "SERVICE", "AGENCY", "WHY", "ID"});
    for (int i = 0; i < response.matches_size(); ++i) {
      const v1::Match& match = response.matches(i);
      matches.Add({std::to_string(i + 1), match.service().name(), match.service().agency_name(),
                   Why(match, context.NowMs()), match.service().id()});
    }
    if (!matches.empty()) context.Print(matches);
    Table misses({"LEFT OUT", "AGENCY", "WHY NOT"});
    for (const v1::Miss& miss : response.misses()) {
      misses.Add(
          {miss.service_name(), miss.agency_name(), ReasonText(miss.reason(), context.NowMs())});
    }
    if (!misses.empty()) context.Print(misses);
  });
  if (response.matches_size() == 0) {
    context.Say("Nobody can help with all of that. It was counted as an unmet need.");
  } else {
    context.Next("directory show ID");
  }
  return {};
}

}  // namespace

void AddMatchVerb(Args directory, Context& context) {
  auto options = std::make_shared<MatchOptions>();
  Args verb = directory.Verb("match", "Who can help, the best first, with why and why not");
  verb.Option("--need", &options->need, "A need code (fairlead directory needs)", Need::kRequired);
  verb.Option("--urgency", &options->urgency, "emergency, urgent, standard; default: standard");
  verb.Option("--county", &options->county, "Where the client is: state and county FIPS");
  verb.Option("--state", &options->state, "Or only the state: two digits (FIPS)");
  verb.Option("--language", &options->languages, "Any of these will do: es, zh-Hant");
  verb.Option("--age", &options->age, "0-11, 12-17, 18-24, 25-59, 60+");
  verb.Option("--gender", &options->genders, "Any of female, male, nonbinary, transgender");
  verb.Option("--population", &options->populations, "Groups that the client belongs to: lgbtq");
  verb.Option("--exploitation", &options->exploitation, "Only if the client agrees: sex, labor");
  verb.Option("--household", &options->household, "single, with_children, couple, pets");
  verb.Option("--access", &options->access, "What must be there: wheelchair, sign_language");
  verb.Option("--cost", &options->cost, "The most the client can pay: free, sliding, fee");
  verb.Option("--do-not-route", &options->do_not_route, "Agencies that must not be offered");
  verb.Flag("--without-papers", &options->without_papers, "The client has no identity document");
  verb.Flag("--without-sobriety", &options->without_sobriety, "Sobriety cannot be promised");
  verb.Flag("--open-now", &options->open_now, "Only who is open now");
  verb.Flag("--with-capacity", &options->with_capacity, "Only who says that there is room");
  verb.Flag("--direct", &options->direct, "For one agency you choose; else law enforcement is out");
  verb.Do([&context, options] { return Match(context, *options); });
}

}  // namespace fairlead::cli
