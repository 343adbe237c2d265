// alert send|list|show|ack: what every agency of a channel has to acknowledge.
#include <algorithm>

#include "fairlead/messaging/v1/alert.pb.h"
#include "gateway/cli/ask_past_guard.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = messaging::v1;

constexpr size_t kMaxAlertBytes = 4'096;
constexpr char kAlertHelp[] = "Its id, or @last";

struct AlertOptions {
  std::string alert;
  std::string urgency = "urgent";
  std::string channel;
  TextSource source;
  bool waiting = false;
  bool names_nobody = false;
};

std::string HowManyText(const v1::Alert& alert) {
  if (alert.agency_count() == 0) return "";
  return std::to_string(alert.acknowledged_count()) + " of " + std::to_string(alert.agency_count());
}

void PrintAlert(Context& context, const v1::Alert& alert) {
  PrintFields(context.out(),
              {{"Alert", alert.id()},
               {"From", context.AgencyName(alert.agency_id())},
               {"Urgency", EnumText(alert.urgency())},
               {"Title", Printable(alert.title())},
               {"Text", Printable(alert.text(), true)},
               {"Sent", RelativeText(alert.create_time().seconds() * 1'000, context.NowMs())},
               {"Acknowledged", TimeText(alert.acknowledge_time())},
               {"Agencies", HowManyText(alert)}});
  if (alert.waits_for_you()) context.Next("alert ack " + alert.id());
}

Result<void> SendOne(Context& context, const AlertOptions& options) {
  v1::SendAlertRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const v1::AlertUrgency urgency,
                  ParseEnum<v1::AlertUrgency>(options.urgency, "--urgency"));
  request.set_urgency(urgency);
  request.set_channel_id(options.channel);
  FAIRLEAD_ASSIGN(PostWords words,
                  ReadPostWords(context, options.source, /*titled=*/true, kMaxAlertBytes));
  // One line alone is the title: an alert has one.
  if (words.title.empty()) {
    const size_t end = std::min(words.text.find('\n'), words.text.size());
    words.title = words.text.substr(0, end);
    words.text.erase(0, std::min(end + 1, words.text.size()));
    if (words.title.size() > kMaxTitleBytes) {
      return Usage("The first line is the title: at most " + std::to_string(kMaxTitleBytes) +
                   " bytes.");
    }
  }
  FAIRLEAD_ASSIGN(const bool acknowledged,
                  AskPastGuard(context, words.title + "\n" + words.text, options.names_nobody));
  request.set_title(words.title);
  request.set_text(words.text);
  request.set_acknowledged_guard(acknowledged || options.names_nobody);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::SendAlertResponse>(kSendAlert, request));
  context.home().SetLast("alert", response.alert().id());
  context.Emit(response, [&] { PrintAlert(context, response.alert()); });
  context.Next("alert show " + response.alert().id());
  return {};
}

Result<void> ListAlertsOf(Context& context, const AlertOptions& options) {
  v1::ListAlertsRequest request;
  request.set_waiting_only(options.waiting);
  FAIRLEAD_ASSIGN(const auto all, AllPages<v1::ListAlertsResponse>(context, kListAlerts, request));
  if (all.alerts_size() > 0) context.home().SetLast("alert", all.alerts(0).id());
  const v1::Alert* waits = nullptr;
  Table table({"URGENCY", "SENT", "FROM", "YOURS", "ALL", "TITLE", "ALERT"});
  for (const v1::Alert& alert : all.alerts()) {
    if (alert.waits_for_you() && waits == nullptr) waits = &alert;
    if (context.json()) continue;
    const std::string yours = alert.waits_for_you()          ? "waits"
                              : alert.has_acknowledge_time() ? "acknowledged"
                                                             : "";
    table.Add({EnumText(alert.urgency()),
               RelativeText(alert.create_time().seconds() * 1'000, context.NowMs()),
               context.AgencyName(alert.agency_id()), yours, HowManyText(alert),
               Shortened(alert.title(), 40), alert.id()});
  }
  context.Emit(all, [&] {
    if (!table.empty()) context.Print(table);
  });
  if (all.alerts_size() == 0) context.Say("There is no alert.");
  if (waits != nullptr) context.Next("alert show " + waits->id());
  return {};
}

// Whom it waits for: the hub tells whoever sent it, and coordinators.
Result<void> PrintWhoWaits(Context& context, const std::string& alert_id) {
  v1::ListAlertAgenciesRequest request;
  request.set_alert_id(alert_id);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListAlertAgenciesResponse>(context, kListAlertAgencies, request));
  Table table({"WAITS FOR", "SO FAR"});
  for (const v1::AlertAgency& each : all.agencies()) {
    if (each.step() == v1::ALERT_STEP_ACKNOWLEDGED) continue;
    table.Add({context.AgencyName(each.agency_id()), EnumText(each.step())});
  }
  if (!table.empty()) context.Print(table);
  return {};
}

Result<void> ShowAlert(Context& context, const AlertOptions& options) {
  v1::GetAlertRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("alert", options.alert));
  request.set_alert_id(id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::GetAlertResponse>(kGetAlert, request));
  context.home().SetLast("alert", id);
  context.Emit(response, [&] { PrintAlert(context, response.alert()); });
  const bool told = response.alert().agency_count() > response.alert().acknowledged_count();
  if (told && !context.json()) return PrintWhoWaits(context, id);
  return {};
}

Result<void> Acknowledge(Context& context, const AlertOptions& options) {
  v1::AcknowledgeAlertRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("alert", options.alert));
  request.set_alert_id(id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::AcknowledgeAlertResponse>(kAcknowledgeAlert, request));
  context.Emit(response, [&] { context.out() << "Acknowledged for your agency.\n"; });
  return {};
}

using AlertAction = Result<void> (*)(Context&, const AlertOptions&);

std::shared_ptr<AlertOptions> AddAlertVerb(Args group, Context& context, const std::string& name,
                                           const std::string& help, AlertAction action,
                                           Args* verb) {
  auto options = std::make_shared<AlertOptions>();
  *verb = group.Verb(name, help);
  verb->Do([&context, options, action] { return action(context, *options); });
  return options;
}

}  // namespace

void AddAlertVerbs(Args root, Context& context) {
  Args group = root.Group("alert", "What every agency has to acknowledge");
  Args verb = group;
  auto send =
      AddAlertVerb(group, context, "send", "Alert the agencies of a channel", SendOne, &verb);
  verb.Option("--urgency", &send->urgency, "emergency, urgent (default), standard");
  verb.Option("--channel", &send->channel, "The channel's id; default: alerts");
  AddTextOptions(verb, &send->source, "the alert");
  AddNamesNobody(verb, &send->names_nobody);
  verb.Footer(
      "The first line is the title. Never about a client: --yes does not answer the guard.");
  auto list =
      AddAlertVerb(group, context, "list", "Alerts to your agency and by it", ListAlertsOf, &verb);
  verb.Flag("--waiting", &list->waiting, "Only those that wait for your agency");
  auto show = AddAlertVerb(group, context, "show", "What it says; to its sender, whom it waits for",
                           ShowAlert, &verb);
  verb.Positional("alert", &show->alert, kAlertHelp);
  auto ack =
      AddAlertVerb(group, context, "ack", "Acknowledge it for your agency", Acknowledge, &verb);
  verb.Positional("alert", &ack->alert, kAlertHelp);
}

}  // namespace fairlead::cli
