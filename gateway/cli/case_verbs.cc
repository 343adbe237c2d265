// case do-not-route: the agencies that a case must never be put to.
#include <algorithm>

#include "fairlead/referral/v1/routing.pb.h"
#include "gateway/cli/case_list.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

// As docs/codes.md has them.
constexpr char kReasons[] = "survivor_refuses, conflict_of_interest, safety_risk, past_harm";

struct ListOptions {
  std::string case_handle;
  std::vector<std::string> add;
  std::string reason;
  std::vector<std::string> remove;
};

Result<std::vector<std::string>> AgencyIds(Context& context,
                                           const std::vector<std::string>& names) {
  std::vector<std::string> ids;
  for (const std::string& name : names) {
    FAIRLEAD_ASSIGN(std::string id, context.AgencyId(name));
    ids.push_back(std::move(id));
  }
  return ids;
}

// The list that was read, without those that go, and with those that come; who is there already
// gets the reason given now.
Result<v1::SetDoNotRouteRequest> Changed(Context& context, const std::string& case_handle,
                                         const v1::DoNotRoute& list, const ListOptions& options) {
  FAIRLEAD_ASSIGN(const std::vector<std::string> added, AgencyIds(context, options.add));
  FAIRLEAD_ASSIGN(std::vector<std::string> gone, AgencyIds(context, options.remove));
  for (const std::string& id : gone) {
    const bool is_there = std::ranges::any_of(
        list.entries(), [&](const v1::NotToBeAsked& entry) { return entry.agency_id() == id; });
    if (!is_there) return Usage(context.AgencyName(id) + " is not on the list.");
  }
  gone.insert(gone.end(), added.begin(), added.end());
  v1::SetDoNotRouteRequest request;
  request.set_request_id(context.RequestId());
  request.set_case_handle(case_handle);
  request.set_etag(list.etag());
  for (const v1::NotToBeAsked& entry : list.entries()) {
    if (std::ranges::find(gone, entry.agency_id()) == gone.end()) *request.add_entries() = entry;
  }
  for (const std::string& id : added) {
    v1::NotToBeAsked* entry = request.add_entries();
    entry->set_agency_id(id);
    entry->set_reason_code(options.reason);
  }
  return request;
}

void PrintList(Context& context, const v1::DoNotRoute& list) {
  Table table({"NEVER ASKED", "WHY"});
  for (const v1::NotToBeAsked& entry : list.entries()) {
    table.Add({context.AgencyName(entry.agency_id()), entry.reason_code()});
  }
  if (!table.empty()) context.Print(table);
}

Result<void> Show(Context& context, const v1::GetDoNotRouteResponse& response) {
  context.Emit(response, [&] { PrintList(context, response.do_not_route()); });
  if (response.do_not_route().entries_size() == 0) {
    context.Say("Any agency may be asked about this case.");
  }
  return {};
}

Result<void> DoNotRoute(Context& context, const ListOptions& options) {
  if (options.add.empty() != options.reason.empty()) {
    return Usage("--add and --reason go together. Reasons: " + std::string(kReasons) + ".");
  }
  FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", options.case_handle));
  FAIRLEAD_ASSIGN(const v1::GetDoNotRouteResponse before, GetDoNotRoute(context, handle));
  context.home().SetLast("case", handle);
  if (options.add.empty() && options.remove.empty()) return Show(context, before);
  FAIRLEAD_ASSIGN(const v1::SetDoNotRouteRequest request,
                  Changed(context, handle, before.do_not_route(), options));
  auto response = context.client().Call<v1::SetDoNotRouteResponse>(kSetDoNotRoute, request);
  if (!response) {
    Error refused = response.error();
    if (refused.reason == "UNKNOWN_REASON_CODE") {
      refused.message += " There are: " + std::string(kReasons) + ".";
    }
    return Fail(std::move(refused));
  }
  context.Emit(*response, [&] {
    PrintList(context, response->do_not_route());
    if (response->do_not_route().entries_size() == 0) {
      context.Say("Any agency may be asked about this case.");
    }
  });
  const int withdrawn = response->withdrawn_referral_ids_size();
  if (withdrawn > 0) {
    context.Say("Taken back from agencies of the list, in " + std::to_string(withdrawn) +
                " referral(s): " + ListedField(response->withdrawn_referral_ids()) + ".");
  }
  if (response->agreed_referral_ids_size() > 0) {
    context.Say("STILL AGREED with an agency of the list, for you to decide: " +
                ListedField(response->agreed_referral_ids()) + ".");
    context.Next("referral show " + response->agreed_referral_ids(0));
  }
  return {};
}

}  // namespace

Result<v1::GetDoNotRouteResponse> GetDoNotRoute(Context& context, const std::string& text) {
  v1::GetDoNotRouteRequest request;
  FAIRLEAD_ASSIGN(*request.mutable_case_handle(), context.Id("case", text));
  return context.client().Call<v1::GetDoNotRouteResponse>(kGetDoNotRoute, request);
}

void AddCaseVerbs(Args root, Context& context) {
  Args group = root.Group("case", "What holds for all referrals of one case");
  auto options = std::make_shared<ListOptions>();
  Args verb = group.Verb("do-not-route", "Agencies that this case must never be put to");
  verb.Positional("case", &options->case_handle, "The case handle, or @last");
  verb.Option("--add", &options->add, "Agencies that must not be asked, by id or name");
  std::string why = "Why those of --add: ";
  why += kReasons;
  verb.Option("--reason", &options->reason, why);
  verb.Option("--remove", &options->remove, "Agencies that may be asked again");
  verb.Footer(
      "Without --add and --remove the list is shown. Only your agency sees it. Offers that wait\n"
      "with an agency that is added are taken back at once; it does not learn why.");
  verb.Do([&context, options] { return DoNotRoute(context, *options); });
}

}  // namespace fairlead::cli
