// The methods of bed calls.
#include "services/common/rpc/proto_time.h"
#include "services/messaging/commands/bed_calls.h"
#include "services/messaging/in_unit.h"
#include "services/messaging/store/call_store.h"

namespace fairlead::messaging {
namespace {

constexpr std::string_view kSeesCalls = "/fairlead.messaging.v1.BedCallService/GetBedCall";

template <class Response>
std::function<Result<Response>(Unit&)> CallOf(std::function<Result<BedCall>(Unit&)> command) {
  return [command = std::move(command)](Unit& unit) -> Result<Response> {
    FAIRLEAD_ASSIGN(const BedCall call, command(unit));
    Response response;
    *response.mutable_bed_call() = ToProto(call, unit.agency_id, unit.now_ms);
    return response;
  };
}

}  // namespace

Task<Result<v1::OpenBedCallResponse>> MessagingServer::OpenBedCall(
    rpc::CallContext context, const v1::OpenBedCallRequest& request) {
  auto known = co_await need_codes_.Check(context, request.need().need_code());
  if (!known) co_return Fail(std::move(known.error()));
  std::function<Result<BedCall>(Unit&)> open = [&request](Unit& unit) {
    const std::string channel_id =
        request.channel_id().empty() ? kBedCallsChannel : request.channel_id();
    return messaging::OpenBedCall(unit, channel_id, FromProto(request.need()),
                                  rpc::ToMs(request.until_time()));
  };
  auto command = CallOf<v1::OpenBedCallResponse>(open);
  co_return co_await Change<v1::OpenBedCallResponse>(context, request, command);
}

Task<Result<v1::AnswerBedCallResponse>> MessagingServer::AnswerBedCall(
    rpc::CallContext context, const v1::AnswerBedCallRequest& request) {
  std::function<Result<BedCall>(Unit&)> answer = [&request](Unit& unit) {
    return messaging::AnswerBedCall(unit, request.bed_call_id(),
                                    {.agency_id = unit.agency_id,
                                     .answer = static_cast<BedAnswer>(request.answer()),
                                     .unit = request.unit(),
                                     .units = request.units(),
                                     .service_id = request.service_id()});
  };
  auto command = CallOf<v1::AnswerBedCallResponse>(answer);
  co_return co_await Change<v1::AnswerBedCallResponse>(context, request, command);
}

Task<Result<v1::TakeBedCallResponse>> MessagingServer::TakeBedCall(
    rpc::CallContext context, const v1::TakeBedCallRequest& request) {
  Check check = [&](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const Called called, BedCallOf(tx, context, request.bed_call_id()));
    if (called.call.AnswerOf(request.agency_id()) == nullptr) return true;  // refused below
    FAIRLEAD_RETURN_IF_ERROR(CheckActive(tx, request.agency_id()));
    return true;
  };
  std::function<Result<BedCall>(Unit&)> take = [&request](Unit& unit) {
    return messaging::TakeBedCall(unit, request.bed_call_id(), request.agency_id(),
                                  request.referral_id());
  };
  auto command = CallOf<v1::TakeBedCallResponse>(take);
  co_return co_await ChangeAfresh<v1::TakeBedCallResponse>(context, request, check, command);
}

Task<Result<v1::CloseBedCallResponse>> MessagingServer::CloseBedCall(
    rpc::CallContext context, const v1::CloseBedCallRequest& request) {
  std::function<Result<BedCall>(Unit&)> close = [&request](Unit& unit) {
    return messaging::CloseBedCall(unit, request.bed_call_id());
  };
  auto command = CallOf<v1::CloseBedCallResponse>(close);
  co_return co_await Change<v1::CloseBedCallResponse>(context, request, command);
}

Task<Result<v1::GetBedCallResponse>> MessagingServer::GetBedCall(
    rpc::CallContext context, const v1::GetBedCallRequest& request) {
  std::function<Result<v1::GetBedCallResponse>(storage::ReadTransaction&)> job =
      [&, now_ms = clock_.NowMs()](storage::ReadTransaction& tx) -> Result<v1::GetBedCallResponse> {
    FAIRLEAD_ASSIGN(const Called called, BedCallOf(tx, context, request.bed_call_id()));
    v1::GetBedCallResponse response;
    *response.mutable_bed_call() = ToProto(called.call, context.actor.agency_id, now_ms);
    return response;
  };
  co_return co_await Read<v1::GetBedCallResponse>(job);
}

Task<Result<v1::ListBedCallsResponse>> MessagingServer::ListBedCalls(
    rpc::CallContext context, const v1::ListBedCallsRequest& request) {
  const std::string& agency_id = context.actor.agency_id;
  CallQuery query{.channel_ids = {},
                  .agency_id = request.own_only() ? agency_id : "",
                  .open_only = request.open_only(),
                  .now_ms = clock_.NowMs(),
                  .limit = rpc::PageSize(request.page_size())};
  const std::string key = "bed_calls " + agency_id + (query.open_only ? " open" : " all") +
                          (request.own_only() ? " own" : "");
  const auto position = PositionOf(key, request.page_token());
  if (!position) co_return Fail(position.error());
  if (!position->empty()) query.before_id = position->at(0);
  std::function<Result<v1::ListBedCallsResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListBedCallsResponse> {
    query.channel_ids.clear();
    FAIRLEAD_ASSIGN(const std::vector<Channel> channels, ChannelsOf(tx, context, kSeesCalls));
    for (const Channel& each : channels) query.channel_ids.push_back(each.id);
    v1::ListBedCallsResponse response;
    if (query.channel_ids.empty()) return response;
    FAIRLEAD_ASSIGN(const std::vector<BedCall> calls, messaging::ListBedCalls(tx, query));
    for (const BedCall& each : calls) {
      *response.add_bed_calls() = ToProto(each, agency_id, query.now_ms);
    }
    if (static_cast<int>(calls.size()) == query.limit) {
      response.set_next_page_token(page_tokens_.Encode(key, {calls.back().id}));
    }
    return response;
  };
  co_return co_await Read<v1::ListBedCallsResponse>(job);
}

}  // namespace fairlead::messaging
