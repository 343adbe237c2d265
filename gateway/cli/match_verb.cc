// directory match: who can help, ranked, with why, and why not.
#include <algorithm>

#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/case_list.h"
#include "gateway/cli/client_filters.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/nearest_need.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;

struct MatchOptions {
  ClientFilters client;
  std::string urgency = "standard";
  std::vector<std::string> languages;
  std::vector<std::string> do_not_route;
  std::string case_handle;  // whose list is left out too
  bool without_papers = false;
  bool without_sobriety = false;
  std::string agency;  // whom it is for; "": blind
};

Result<v1::MatchServicesRequest> ToRequest(Context& context, const MatchOptions& options) {
  v1::MatchServicesRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const int urgency,
                  EnumValue(*v1::MatchUrgency_descriptor(), options.urgency, "--urgency"));
  request.set_urgency(static_cast<v1::MatchUrgency>(urgency));
  FAIRLEAD_RETURN_IF_ERROR(options.client.SetIn(request));
  request.mutable_languages()->Add(options.languages.begin(), options.languages.end());
  request.set_without_papers(options.without_papers);
  request.set_without_sobriety(options.without_sobriety);
  for (const std::string& agency : options.do_not_route) {
    FAIRLEAD_ASSIGN(std::string id, context.AgencyId(agency));
    request.add_do_not_route_agency_ids(std::move(id));
  }
  request.set_mode(options.agency.empty() ? v1::MATCH_MODE_BLIND : v1::MATCH_MODE_DIRECT);
  if (!options.agency.empty()) {
    FAIRLEAD_ASSIGN(*request.mutable_agency_id(), context.AgencyId(options.agency));
  }
  return request;
}

// Whom the case must never be put to, beside those that were named.
Result<void> LeaveOutListed(Context& context, const std::string& case_handle,
                            v1::MatchServicesRequest& request) {
  if (case_handle.empty()) return {};
  FAIRLEAD_ASSIGN(const auto response, GetDoNotRoute(context, case_handle));
  auto& left_out = *request.mutable_do_not_route_agency_ids();
  for (const referral::v1::NotToBeAsked& entry : response.do_not_route().entries()) {
    if (std::ranges::find(left_out, entry.agency_id()) == left_out.end()) {
      *left_out.Add() = entry.agency_id();
    }
  }
  return {};
}

// "open now, closes in 3 h"; "FULL: 0 places free, said 3 days ago"; "out of area".
std::string ReasonText(const v1::MatchReason& reason, int64_t now_ms) {
  std::string text = reason.code();
  std::replace(text.begin(), text.end(), '_', ' ');
  // What a hub says may be anything: within what a Timestamp may hold nothing overflows.
  const int64_t time_s = std::clamp<int64_t>(reason.time().seconds(), 0, kLastTimestampS);
  const std::string when = reason.has_time() ? RelativeText(time_s * 1000, now_ms) : "";
  if (reason.code() == "open_now" && !when.empty()) return text + ", closes " + when;
  if (reason.code() == "opens") return text + " " + when;
  if (reason.code().starts_with("capacity_") && !reason.value().empty()) {
    const std::string said = when.empty() ? "" : ", said " + when;
    const std::string free = reason.value() + (reason.value() == "1" ? " place" : " places");
    return (reason.value() == "0" ? "FULL: " : "") + free + " free" + said;
  }
  if (reason.code() == "distance") return DistanceText(reason.value());
  if (reason.code() == "asked_often") return text + " lately: " + reason.value() + " of 3";
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
  FAIRLEAD_ASSIGN(v1::MatchServicesRequest request, ToRequest(context, options));
  FAIRLEAD_RETURN_IF_ERROR(LeaveOutListed(context, options.case_handle, request));
  const auto found = context.client().Call<v1::MatchServicesResponse>(kMatchServices, request);
  if (!found) return Fail(WithNearestNeed(context, found.error(), options.client.need));
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
    context.Say(response.unmet_reason().empty()
                    ? "That agency cannot help with all of that."
                    : "Nobody can help with all of that. It was counted as an unmet need. Leave a "
                      "condition out to see who is near.");
  } else {
    context.Next("directory show " + (response.matches_size() == 1
                                          ? response.matches(0).service().id()
                                          : std::string("ID")));
  }
  return {};
}

}  // namespace

void AddMatchVerb(Args directory, Context& context) {
  auto options = std::make_shared<MatchOptions>();
  Args verb = directory.Verb("match", "Who can help, the best first, with why and why not");
  options->client.AddTo(verb, Need::kRequired);
  verb.Option("--urgency", &options->urgency, "emergency, urgent, standard; default: standard");
  verb.Option("--language", &options->languages, "Any of these will do: es, zh-Hant");
  verb.Option("--do-not-route", &options->do_not_route, "Agencies that must not be offered");
  verb.Option("--case", &options->case_handle,
              "Nor those of this case's list (fairlead case do-not-route)");
  verb.Flag("--without-papers", &options->without_papers, "The client has no identity document");
  verb.Flag("--without-sobriety", &options->without_sobriety, "Sobriety cannot be promised");
  verb.Option("--direct", &options->agency,
              "Ask this one agency alone; without it all but law enforcement are asked");
  verb.Do([&context, options] { return Match(context, *options); });
}

}  // namespace fairlead::cli
