// status: is the hub well, and what waits in the boxes of my agency?
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/referral_next.h"
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
  for (const auto& [state, count] : counts) {
    std::string words = state;
    std::ranges::replace(words, '_', ' ');
    parts.push_back(std::to_string(count) + " " + words);
  }
  return Listed(parts);
}

json::object CountJson(const std::map<std::string, int64_t>& counts) {
  json::object object;
  for (const auto& [state, count] : counts) object[state] = count;
  return object;
}

// Coordinators and auditors have no referrals of their own, and are not asked to list them.
bool HasBoxes(const identity::v1::Staff& me) {
  return std::ranges::any_of(me.roles(), [](int role) {
    return role == identity::v1::ROLE_CASEWORKER || role == identity::v1::ROLE_HOTLINE_OPERATOR ||
           role == identity::v1::ROLE_AGENCY_ADMIN;
  });
}

// What somebody without boxes looks at first.
std::string FirstLook(const identity::v1::Staff& me) {
  const bool coordinates =
      std::ranges::find(me.roles(), identity::v1::ROLE_COORDINATOR) != me.roles().end();
  return coordinates ? "handoff list" : "agency list";
}

// The requests to destroy copies that wait for an answer of the agency; none for whoever may not
// see them.
consent::v1::ListDestroyNoticesResponse OpenNotices(Context& context) {
  consent::v1::ListDestroyNoticesRequest request;
  request.set_box(consent::v1::DESTROY_NOTICE_BOX_RECEIVED);
  request.set_open_only(true);
  return AllPages<consent::v1::ListDestroyNoticesResponse>(context, kListDestroyNotices, request)
      .value_or(consent::v1::ListDestroyNoticesResponse());
}

// "2 requests to destroy copies: fairlead release destroyed …"; "" when there is none.
std::string NoticesText(Context& context, const consent::v1::ListDestroyNoticesResponse& notices) {
  const int count = notices.notices_size();
  if (count == 0) return "";
  context.home().SetLast("notice", notices.notices(0).id());
  return std::to_string(count) + (count == 1 ? " request" : " requests") +
         " to destroy copies: " + context.Command("release destroyed " + notices.notices(0).id());
}

// What the agency owes an answer to: referrals first, then what it has to destroy.
Result<void> SayWhatWaits(Context& context, const v1::ListReferralsResponse& inbox,
                          const consent::v1::ListDestroyNoticesResponse& notices) {
  v1::ListReferralsResponse waiting;
  for (const v1::Referral& referral : inbox.referrals()) {
    if (AwaitsAnswer(context, referral)) *waiting.add_referrals() = referral;
  }
  SortByHaste(context, &waiting);
  if (waiting.referrals_size() > 0 && !context.json()) {
    context.out() << "\nWaiting for your answer:\n";
    PrintReferrals(context, waiting, v1::BOX_INBOX);
  }
  if (waiting.referrals_size() > 0) {
    SayNext(context, waiting.referrals(0));
  } else if (notices.notices_size() > 0) {
    context.Next("release destroyed " + notices.notices(0).id());
  } else {
    context.Next("referral watch");
  }
  return {};
}

Result<void> Status(Context& context) {
  FAIRLEAD_ASSIGN(const Answer health, context.client().Get("/readyz"));
  const bool ready = health.status == 200;
  json::object document{{"url", context.url()}, {"ready", ready}};
  std::vector<Field> fields = {
      {"Hub", context.url() + (ready ? "" : " (HTTP " + std::to_string(health.status) + ")")},
      {"Ready", ready ? "yes" : "NO"}};
  v1::ListReferralsResponse inbox;
  consent::v1::ListDestroyNoticesResponse notices;
  identity::v1::Staff me;
  if (ready && !context.session().agency_id.empty()) {
    FAIRLEAD_ASSIGN(const auto response, context.client().Call<identity::v1::GetMeResponse>(
                                             kGetMe, identity::v1::GetMeRequest()));
    me = response.staff();
    document["agency"] = context.session().agency_name;
    fields.push_back({"Agency", context.session().agency_name});
  }
  const bool has_boxes = HasBoxes(me);
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
    notices = OpenNotices(context);
    document["destroyRequests"] = notices.notices_size();
    fields.push_back({"Asked", NoticesText(context, notices)});
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
    context.Next(FirstLook(me));
    return {};
  }
  return SayWhatWaits(context, inbox, notices);
}

}  // namespace

void AddStatusVerb(Args root, Context& context) {
  root.Verb("status", "Is the hub well, and what waits for my agency").Do([&context] {
    return Status(context);
  });
}

}  // namespace fairlead::cli
