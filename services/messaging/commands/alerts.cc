#include "services/messaging/commands/alerts.h"

#include "services/messaging/commands/guard_text.h"
#include "services/messaging/domain/limits.h"
#include "services/messaging/store/agency_store.h"
#include "services/messaging/store/call_store.h"
#include "services/messaging/store/channel_store.h"

namespace fairlead::messaging {
namespace {

tl::unexpected<Error> AlertNotFound() {
  return Fail(Code::kNotFound, "ALERT_NOT_FOUND", "There is no such alert.");
}

ChannelNews NewsOf(const Alert& alert, AlertStep step) {
  return {.change = ChangeOf(step), .record_id = alert.id, .urgency = UrgencyName(alert.urgency)};
}

audit::Action ActionOf(AlertStep step) {
  switch (step) {
    case AlertStep::kReminded:
      return audit::Action::kAlertReminded;
    case AlertStep::kEscalatedAdmin:
      return audit::Action::kAlertEscalatedAdmin;
    default:
      return audit::Action::kAlertEscalatedCoordinator;
  }
}

}  // namespace

Result<Alert> SendAlert(Unit& unit, const AlertSending& sending) {
  FAIRLEAD_ASSIGN(const Channel channel, ChannelOf(unit.tx, unit.context, sending.channel_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckKind(channel, ChannelKind::kAlerts));
  FAIRLEAD_ASSIGN(const bool overridden,
                  GuardText(sending.title, sending.text, sending.acknowledged_guard));
  FAIRLEAD_RETURN_IF_ERROR(
      Spend(unit.tx, unit.agency_id, "alerts", kMostAlertsADay, unit.now_ms, "TOO_MANY_ALERTS"));
  FAIRLEAD_ASSIGN(std::vector<std::string> members,
                  MembersOf(unit.tx, channel, kMostAlertAgencies));
  std::erase(members, unit.agency_id);
  Alert alert{.id = unit.ids.New(),
              .channel_id = channel.id,
              .agency_id = unit.agency_id,
              .staff_id = unit.staff_id,
              .title = sending.title,
              .text = sending.text,
              .urgency = sending.urgency,
              .create_ms = unit.now_ms,
              .ladder = LadderOf(sending.urgency, unit.now_ms),
              .expire_ms = unit.now_ms + channel.post_days * kDayMs,
              .agency_count = static_cast<int64_t>(members.size())};
  FAIRLEAD_RETURN_IF_ERROR(InsertAlert(unit.tx, alert, members));
  FAIRLEAD_RETURN_IF_ERROR(
      Record(unit, overridden ? audit::Action::kAlertSentPastGuard : audit::Action::kAlertSent,
             alert.id, unit.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellMembers(unit, channel, NewsOf(alert, AlertStep::kSent)));
  return alert;
}

Result<Alerted> AlertOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                        const std::string& alert_id, int64_t now_ms) {
  FAIRLEAD_ASSIGN(std::optional<Alert> alert, FindAlert(tx, alert_id, now_ms));
  const std::string& agency_id = context.actor.agency_id;
  FAIRLEAD_ASSIGN(std::optional<AlertAgency> own, FindAlertAgency(tx, alert_id, agency_id));
  if (!alert) return AlertNotFound();
  auth::Standing standing;
  if (own) standing.relations = auth::Relation::kRecipient;
  if (alert->agency_id == agency_id) {
    standing.relations = standing.relations | auth::Relation::kSender;
  }
  if (Ask(context, standing) != auth::Verdict::kAllowed) return AlertNotFound();
  return Alerted{std::move(*alert), std::move(own)};
}

Result<Alerted> AcknowledgeAlert(Unit& unit, const std::string& alert_id) {
  FAIRLEAD_ASSIGN(Alerted alerted, AlertOf(unit.tx, unit.context, alert_id, unit.now_ms));
  if (!alerted.own) return AlertNotFound();
  AlertAgency& own = *alerted.own;
  if (own.step == AlertStep::kAcknowledged) return alerted;
  FAIRLEAD_ASSIGN(const std::optional<Channel> channel,
                  FindChannel(unit.tx, alerted.alert.channel_id));
  if (!channel) return AlertNotFound();
  own.step = AlertStep::kAcknowledged;
  own.due_ms = 0;
  own.acknowledge_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(PutAcknowledged(unit.tx, own, unit.staff_id));
  alerted.alert.acknowledged_count += 1;
  FAIRLEAD_RETURN_IF_ERROR(
      Record(unit, audit::Action::kAlertAcknowledged, alert_id, alerted.alert.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellAgencies(unit, *channel,
                                        NewsOf(alerted.alert, AlertStep::kAcknowledged),
                                        {alerted.alert.agency_id, unit.agency_id}));
  return alerted;
}

Result<void> EscalateAlert(Unit& unit, AlertAgency agency) {
  FAIRLEAD_ASSIGN(const std::optional<Alert> alert,
                  FindAlert(unit.tx, agency.alert_id, unit.now_ms));
  FAIRLEAD_ASSIGN(const std::optional<AgencyRecord> record, FindAgency(unit.tx, agency.agency_id));
  const bool active = record && record->membership == "active";
  FAIRLEAD_ASSIGN(const std::optional<Channel> channel,
                  FindChannel(unit.tx, alert ? alert->channel_id : ""));
  if (!alert || !channel || !active) {
    agency.step = AlertStep::kEscalatedCoordinator;
    agency.due_ms = 0;
    return UpdateAlertAgency(unit.tx, agency);
  }
  int64_t due_ms = agency.due_ms;
  while (due_ms != 0 && due_ms <= unit.now_ms) {
    agency.step = After(agency.step);
    due_ms = NextDueMs(alert->ladder, agency.step);
  }
  agency.due_ms = due_ms;
  FAIRLEAD_RETURN_IF_ERROR(UpdateAlertAgency(unit.tx, agency));
  FAIRLEAD_RETURN_IF_ERROR(Record(unit, ActionOf(agency.step), alert->id, agency.agency_id));
  return TellAgencies(unit, *channel, NewsOf(*alert, agency.step), {agency.agency_id},
                      agency.step == AlertStep::kEscalatedCoordinator);
}

}  // namespace fairlead::messaging
