// The methods of threads and of what is written in them.
#include <charconv>

#include "services/messaging/commands/change_message.h"
#include "services/messaging/commands/mark_thread.h"
#include "services/messaging/commands/send_message.h"
#include "services/messaging/commands/start_thread.h"
#include "services/messaging/in_unit.h"
#include "services/messaging/store/thread_store.h"

namespace fairlead::messaging {
namespace {

// Of a page token, which the hub itself has made.
int64_t NumberOf(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The answer is kept for a repeat: without what is sealed.
template <class Response>
Response WithMessage(Placed placed, const std::string& agency_id) {
  placed.message.sealed = {};
  Response response;
  *response.mutable_message() = ToProto(placed.message, std::move(placed.thread), agency_id);
  return response;
}

}  // namespace

Task<Result<v1::StartThreadResponse>> MessagingServer::StartThread(
    rpc::CallContext context, const v1::StartThreadRequest& request) {
  const Starting starting{.thread_id = request.thread_id(), .to_agency_id = request.to_agency_id()};
  Check check = [&](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(CheckStarting(tx, context.actor.agency_id, starting));
    return true;
  };
  std::function<Result<v1::StartThreadResponse>(Unit&)> command =
      [&starting](Unit& unit) -> Result<v1::StartThreadResponse> {
    FAIRLEAD_ASSIGN(Thread thread, messaging::StartThread(unit, starting));
    v1::StartThreadResponse response;
    *response.mutable_thread() = ToProto(std::move(thread), unit.agency_id);
    return response;
  };
  co_return co_await ChangeAfresh<v1::StartThreadResponse>(context, request, check, command);
}

Task<Result<v1::ListThreadsResponse>> MessagingServer::ListThreads(
    rpc::CallContext context, const v1::ListThreadsRequest& request) {
  ThreadQuery query{.agency_id = context.actor.agency_id,
                    .unread_only = request.unread_only(),
                    .limit = rpc::PageSize(request.page_size())};
  const std::string key = "threads " + query.agency_id + (query.unread_only ? " unread" : " all");
  const auto position = PositionOf(key, request.page_token());
  if (!position) co_return Fail(position.error());
  if (!position->empty()) {
    query.before_ms = NumberOf(position->at(0));
    query.before_id = position->at(1);
  }
  std::function<Result<v1::ListThreadsResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListThreadsResponse> {
    FAIRLEAD_ASSIGN(const std::vector<Thread> threads, messaging::ListThreads(tx, query));
    v1::ListThreadsResponse response;
    for (const Thread& each : threads) *response.add_threads() = ToProto(each, query.agency_id);
    if (static_cast<int>(threads.size()) == query.limit) {
      response.set_next_page_token(
          page_tokens_.Encode(key, {std::to_string(threads.back().last_ms), threads.back().id}));
    }
    return response;
  };
  co_return co_await Read<v1::ListThreadsResponse>(job);
}

Task<Result<v1::GetThreadResponse>> MessagingServer::GetThread(
    rpc::CallContext context, const v1::GetThreadRequest& request) {
  std::function<Result<v1::GetThreadResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::GetThreadResponse> {
    FAIRLEAD_ASSIGN(Thread thread, ThreadOf(tx, context, request.thread_id()));
    v1::GetThreadResponse response;
    *response.mutable_thread() = ToProto(std::move(thread), context.actor.agency_id);
    return response;
  };
  co_return co_await Read<v1::GetThreadResponse>(job);
}

Task<Result<v1::SendMessageResponse>> MessagingServer::SendMessage(
    rpc::CallContext context, const v1::SendMessageRequest& request) {
  const MessageSending sending{.thread_id = request.thread_id(),
                               .message_id = request.message_id(),
                               .envelope = seal::ParseEnvelope(request.sealed())};
  const int64_t now_ms = clock_.NowMs();
  Check check = [&](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(CheckSending(tx, context, sending, now_ms));
    return true;
  };
  std::function<Result<v1::SendMessageResponse>(Unit&)> command =
      [&sending](Unit& unit) -> Result<v1::SendMessageResponse> {
    FAIRLEAD_ASSIGN(Placed placed, messaging::SendMessage(unit, sending));
    return WithMessage<v1::SendMessageResponse>(std::move(placed), unit.agency_id);
  };
  co_return co_await ChangeAfresh<v1::SendMessageResponse>(context, request, check, command);
}

Task<Result<v1::EditMessageResponse>> MessagingServer::EditMessage(
    rpc::CallContext context, const v1::EditMessageRequest& request) {
  const MessageEditing editing{.message_id = request.message_id(),
                               .etag = request.etag(),
                               .envelope = seal::ParseEnvelope(request.sealed())};
  const int64_t now_ms = clock_.NowMs();
  Check check = [&](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(CheckEditing(tx, context, editing, now_ms));
    return true;
  };
  std::function<Result<v1::EditMessageResponse>(Unit&)> command =
      [&editing](Unit& unit) -> Result<v1::EditMessageResponse> {
    FAIRLEAD_ASSIGN(Placed placed, messaging::EditMessage(unit, editing));
    return WithMessage<v1::EditMessageResponse>(std::move(placed), unit.agency_id);
  };
  co_return co_await ChangeAfresh<v1::EditMessageResponse>(context, request, check, command);
}

Task<Result<v1::DeleteMessageResponse>> MessagingServer::DeleteMessage(
    rpc::CallContext context, const v1::DeleteMessageRequest& request) {
  std::function<Result<v1::DeleteMessageResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::DeleteMessageResponse> {
    FAIRLEAD_ASSIGN(Placed placed, messaging::DeleteMessage(unit, request.message_id()));
    return WithMessage<v1::DeleteMessageResponse>(std::move(placed), unit.agency_id);
  };
  co_return co_await Change<v1::DeleteMessageResponse>(context, request, command);
}

Task<Result<v1::ListMessagesResponse>> MessagingServer::ListMessages(
    rpc::CallContext context, const v1::ListMessagesRequest& request) {
  const std::string& agency_id = context.actor.agency_id;
  MessageQuery query{.thread_id = request.thread_id(),
                     .after = request.after_sequence(),
                     .newest_first = request.newest_first(),
                     .limit = rpc::PageSize(request.page_size())};
  const std::string key = "messages " + agency_id + " " + query.thread_id + " " +
                          std::to_string(query.after) + (query.newest_first ? " down" : " up");
  const auto position = PositionOf(key, request.page_token());
  if (!position) co_return Fail(position.error());
  if (!position->empty()) query.from = NumberOf(position->at(0));
  std::function<Result<v1::ListMessagesResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListMessagesResponse> {
    FAIRLEAD_ASSIGN(const Thread thread, ThreadOf(tx, context, query.thread_id));
    FAIRLEAD_ASSIGN(const MessagePage page, messaging::ListMessages(tx, query));
    v1::ListMessagesResponse response;
    for (const Message& each : page.messages) {
      *response.add_messages() = ToProto(each, thread, agency_id);
    }
    if (page.more) {
      response.set_next_page_token(
          page_tokens_.Encode(key, {std::to_string(page.messages.back().sequence)}));
    }
    return response;
  };
  co_return co_await Read<v1::ListMessagesResponse>(job);
}

Task<Result<v1::GetMessageResponse>> MessagingServer::GetMessage(
    rpc::CallContext context, const v1::GetMessageRequest& request) {
  std::function<Result<v1::GetMessageResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::GetMessageResponse> {
    FAIRLEAD_ASSIGN(Placed placed, MessageOf(tx, context, request.message_id()));
    FAIRLEAD_RETURN_IF_ERROR(ReadSealed(tx, placed.message));
    v1::GetMessageResponse response;
    *response.mutable_message() =
        ToProto(placed.message, std::move(placed.thread), context.actor.agency_id);
    return response;
  };
  co_return co_await Read<v1::GetMessageResponse>(job);
}

Task<Result<v1::MarkThreadResponse>> MessagingServer::MarkThread(
    rpc::CallContext context, const v1::MarkThreadRequest& request) {
  std::function<Result<v1::MarkThreadResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::MarkThreadResponse> {
    FAIRLEAD_ASSIGN(Thread thread,
                    messaging::MarkThread(unit, {.thread_id = request.thread_id(),
                                                 .delivered_sequence = request.delivered_sequence(),
                                                 .read_sequence = request.read_sequence()}));
    v1::MarkThreadResponse response;
    *response.mutable_thread() = ToProto(std::move(thread), unit.agency_id);
    return response;
  };
  co_return co_await Change<v1::MarkThreadResponse>(context, request, command);
}

}  // namespace fairlead::messaging
