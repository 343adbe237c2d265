// status: is the hub well, and what waits in the boxes of my agency?
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;
namespace v1 = referral::v1;

std::map<std::string, int64_t> CountByState(const v1::ListReferralsResponse& referrals) {
  std::map<std::string, int64_t> counts;
  for (const v1::ReferralState state : kUnfinished) counts[EnumText(state)] = 0;
  for (const v1::Referral& referral : referrals.referrals()) ++counts[EnumText(referral.state())];
  return counts;
}

std::string CountText(const std::map<std::string, int64_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [state, count] : counts) parts.push_back(std::to_string(count) + " " + state);
  return Listed(parts);
}

json::object CountJson(const std::map<std::string, int64_t>& counts) {
  json::object object;
  for (const auto& [state, count] : counts) object[state] = count;
  return object;
}

// Coordinators and auditors have no referrals of their own, and are not asked to list them.
Result<bool> HasBoxes(Context& context) {
  FAIRLEAD_ASSIGN(const auto me, context.client().Call<identity::v1::GetMeResponse>(
                                     kGetMe, identity::v1::GetMeRequest()));
  const auto& roles = me.staff().roles();
  return std::ranges::any_of(roles, [](int role) {
    return role == identity::v1::ROLE_CASEWORKER || role == identity::v1::ROLE_HOTLINE_OPERATOR ||
           role == identity::v1::ROLE_AGENCY_ADMIN;
  });
}

Result<void> Status(Context& context) {
  FAIRLEAD_ASSIGN(const Answer health, context.client().Get("/readyz"));
  const bool ready = health.status == 200;
  json::object document{{"url", context.url()}, {"ready", ready}};
  std::vector<Field> fields = {
      {"Hub", context.url() + (ready ? "" : " (HTTP " + std::to_string(health.status) + ")")},
      {"Ready", ready ? "yes" : "NO"}};
  v1::ListReferralsResponse inbox;
  bool has_boxes = false;
  if (ready && !context.session().agency_id.empty()) {
    FAIRLEAD_ASSIGN(has_boxes, HasBoxes(context));
    document["agency"] = context.session().agency_name;
    fields.push_back({"Agency", context.session().agency_name});
  }
  if (has_boxes) {
    // The inbox counts as delivered when it is listed, so what waits in it is shown below too.
    FAIRLEAD_ASSIGN(inbox, ListBox(context, v1::BOX_INBOX, kUnfinished));
    FAIRLEAD_ASSIGN(const auto sent, ListBox(context, v1::BOX_SENT, kUnfinished));
    const auto in = CountByState(inbox);
    const auto out = CountByState(sent);
    document["inbox"] = CountJson(in);
    document["sent"] = CountJson(out);
    fields.push_back({"Inbox", CountText(in)});
    fields.push_back({"Sent", CountText(out)});
  }
  if (context.json()) {
    context.out() << json::serialize(document) << '\n';
  } else {
    PrintFields(context.out(), fields);
  }
  if (!ready) {
    return Fail(Code::kUnavailable, "HUB_NOT_READY", "The hub answers, but is not ready.");
  }
  if (context.session().agency_id.empty()) {
    context.Next("login    (a hub that nobody has set up yet: " + context.Command("setup") + ")");
    return {};
  }
  if (!has_boxes) {
    context.Next("agency list");
    return {};
  }
  v1::ListReferralsResponse waiting;
  for (const v1::Referral& referral : inbox.referrals()) {
    if (referral.state() == v1::REFERRAL_STATE_OPEN) *waiting.add_referrals() = referral;
  }
  SortByHaste(context, &waiting);
  if (waiting.referrals_size() > 0 && !context.json()) {
    context.out() << "\nWaiting for your answer:\n";
    PrintReferrals(context, waiting, v1::BOX_INBOX);
  }
  context.Next(waiting.referrals_size() > 0 ? "referral open " + waiting.referrals(0).id()
                                            : std::string("referral watch"));
  return {};
}

}  // namespace

void AddStatusVerb(Args root, Context& context) {
  root.Verb("status", "Is the hub well, and what waits for my agency").Do([&context] {
    return Status(context);
  });
}

}  // namespace fairlead::cli
