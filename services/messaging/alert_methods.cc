// The methods of alerts.
#include "services/messaging/commands/alerts.h"
#include "services/messaging/in_unit.h"
#include "services/messaging/store/call_store.h"

namespace fairlead::messaging {

Task<Result<v1::SendAlertResponse>> MessagingServer::SendAlert(
    rpc::CallContext context, const v1::SendAlertRequest& request) {
  std::function<Result<v1::SendAlertResponse>(Unit&)> command =
      [&](Unit& unit) -> Result<v1::SendAlertResponse> {
    const std::string channel_id =
        request.channel_id().empty() ? kAlertsChannel : request.channel_id();
    FAIRLEAD_ASSIGN(Alert alert, messaging::SendAlert(
                                     unit, {.channel_id = channel_id,
                                            .urgency = static_cast<Urgency>(request.urgency()),
                                            .title = request.title(),
                                            .text = request.text(),
                                            .acknowledged_guard = request.acknowledged_guard()}));
    v1::SendAlertResponse response;
    *response.mutable_alert() = WithoutText({std::move(alert), std::nullopt}, context.actor);
    return response;
  };
  co_return co_await Change<v1::SendAlertResponse>(context, request, command);
}

Task<Result<v1::AcknowledgeAlertResponse>> MessagingServer::AcknowledgeAlert(
    rpc::CallContext context, const v1::AcknowledgeAlertRequest& request) {
  std::function<Result<v1::AcknowledgeAlertResponse>(Unit&)> command =
      [&](Unit& unit) -> Result<v1::AcknowledgeAlertResponse> {
    FAIRLEAD_ASSIGN(Alerted alerted, messaging::AcknowledgeAlert(unit, request.alert_id()));
    v1::AcknowledgeAlertResponse response;
    *response.mutable_alert() = WithoutText(std::move(alerted), context.actor);
    return response;
  };
  co_return co_await Change<v1::AcknowledgeAlertResponse>(context, request, command);
}

Task<Result<v1::GetAlertResponse>> MessagingServer::GetAlert(rpc::CallContext context,
                                                             const v1::GetAlertRequest& request) {
  std::function<Result<v1::GetAlertResponse>(storage::ReadTransaction&)> job =
      [&, now_ms = clock_.NowMs()](storage::ReadTransaction& tx) -> Result<v1::GetAlertResponse> {
    FAIRLEAD_ASSIGN(const Alerted alerted, AlertOf(tx, context, request.alert_id(), now_ms));
    v1::GetAlertResponse response;
    *response.mutable_alert() = ToProto(alerted, context.actor);
    return response;
  };
  co_return co_await Read<v1::GetAlertResponse>(job);
}

Task<Result<v1::ListAlertsResponse>> MessagingServer::ListAlerts(
    rpc::CallContext context, const v1::ListAlertsRequest& request) {
  AlertQuery query{.agency_id = context.actor.agency_id,
                   .waiting_only = request.waiting_only(),
                   .now_ms = clock_.NowMs(),
                   .limit = rpc::PageSize(request.page_size())};
  const std::string key = "alerts " + query.agency_id + (query.waiting_only ? " waiting" : " all");
  const auto position = PositionOf(key, request.page_token());
  if (!position) co_return Fail(position.error());
  if (!position->empty()) query.before_id = position->at(0);
  std::function<Result<v1::ListAlertsResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListAlertsResponse> {
    FAIRLEAD_ASSIGN(const std::vector<Alert> alerts, messaging::ListAlerts(tx, query));
    v1::ListAlertsResponse response;
    for (const Alert& each : alerts) {
      FAIRLEAD_ASSIGN(std::optional<AlertAgency> own,
                      FindAlertAgency(tx, each.id, query.agency_id));
      *response.add_alerts() = ToProto(Alerted{each, std::move(own)}, context.actor);
    }
    if (static_cast<int>(alerts.size()) == query.limit) {
      response.set_next_page_token(page_tokens_.Encode(key, {alerts.back().id}));
    }
    return response;
  };
  co_return co_await Read<v1::ListAlertsResponse>(job);
}

Task<Result<v1::ListAlertAgenciesResponse>> MessagingServer::ListAlertAgencies(
    rpc::CallContext context, const v1::ListAlertAgenciesRequest& request) {
  const int limit = rpc::PageSize(request.page_size());
  const std::string key = "alert_agencies " + context.actor.agency_id + " " + request.alert_id();
  const auto position = PositionOf(key, request.page_token());
  if (!position) co_return Fail(position.error());
  const std::string after_id = position->empty() ? "" : position->at(0);
  std::function<Result<v1::ListAlertAgenciesResponse>(storage::ReadTransaction&)> job =
      [&, now_ms = clock_.NowMs()](
          storage::ReadTransaction& tx) -> Result<v1::ListAlertAgenciesResponse> {
    FAIRLEAD_RETURN_IF_ERROR(AlertOf(tx, context, request.alert_id(), now_ms));
    FAIRLEAD_ASSIGN(const std::vector<AlertAgency> agencies,
                    messaging::ListAlertAgencies(tx, request.alert_id(), after_id, limit));
    v1::ListAlertAgenciesResponse response;
    for (const AlertAgency& each : agencies) *response.add_agencies() = ToProto(each);
    if (static_cast<int>(agencies.size()) == limit) {
      response.set_next_page_token(page_tokens_.Encode(key, {agencies.back().agency_id}));
    }
    return response;
  };
  co_return co_await Read<v1::ListAlertAgenciesResponse>(job);
}

}  // namespace fairlead::messaging
