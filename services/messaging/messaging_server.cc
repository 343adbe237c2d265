#include "services/messaging/messaging_server.h"

#include <utility>

#include "services/messaging/commands/after_restore.h"
#include "services/messaging/commands/run_clocks.h"
#include "services/messaging/in_unit.h"
#include "services/messaging/store/call_store.h"

namespace fairlead::messaging {

MessagingServer::MessagingServer(storage::Database& database, rpc::Channel& services,
                                 const Clock& clock, Random& random, IdGenerator& ids)
    : database_(database),
      services_(services),
      clock_(clock),
      ids_(ids),
      page_tokens_(random.Bytes(32)),
      need_codes_(services, kServiceName, "need.need_code") {}

void MessagingServer::Register(rpc::Registry& registry) {
  const auto add = [&]<class Request, class Response>(
                       const char* name, Task<Result<Response>> (MessagingServer::*method)(
                                             rpc::CallContext, const Request&)) {
    rpc::Add<Request, Response>(registry, std::string("/fairlead.messaging.v1.") + name,
                                [this, method](rpc::CallContext context, const Request& request) {
                                  return (this->*method)(std::move(context), request);
                                });
  };
  add("ThreadService/StartThread", &MessagingServer::StartThread);
  add("ThreadService/ListThreads", &MessagingServer::ListThreads);
  add("ThreadService/GetThread", &MessagingServer::GetThread);
  add("ThreadService/SendMessage", &MessagingServer::SendMessage);
  add("ThreadService/EditMessage", &MessagingServer::EditMessage);
  add("ThreadService/DeleteMessage", &MessagingServer::DeleteMessage);
  add("ThreadService/ListMessages", &MessagingServer::ListMessages);
  add("ThreadService/GetMessage", &MessagingServer::GetMessage);
  add("ThreadService/MarkThread", &MessagingServer::MarkThread);
  add("ChannelService/ListChannels", &MessagingServer::ListChannels);
  add("ChannelService/CreateChannel", &MessagingServer::CreateChannel);
  add("ChannelService/UpdateChannel", &MessagingServer::UpdateChannel);
  add("ChannelService/CreatePost", &MessagingServer::CreatePost);
  add("ChannelService/DeletePost", &MessagingServer::DeletePost);
  add("ChannelService/PinPost", &MessagingServer::PinPost);
  add("ChannelService/GetPost", &MessagingServer::GetPost);
  add("ChannelService/ListPosts", &MessagingServer::ListPosts);
  add("ChannelService/SearchPosts", &MessagingServer::SearchPosts);
  add("BedCallService/OpenBedCall", &MessagingServer::OpenBedCall);
  add("BedCallService/AnswerBedCall", &MessagingServer::AnswerBedCall);
  add("BedCallService/TakeBedCall", &MessagingServer::TakeBedCall);
  add("BedCallService/CloseBedCall", &MessagingServer::CloseBedCall);
  add("BedCallService/GetBedCall", &MessagingServer::GetBedCall);
  add("BedCallService/ListBedCalls", &MessagingServer::ListBedCalls);
  add("AlertService/SendAlert", &MessagingServer::SendAlert);
  add("AlertService/AcknowledgeAlert", &MessagingServer::AcknowledgeAlert);
  add("AlertService/GetAlert", &MessagingServer::GetAlert);
  add("AlertService/ListAlerts", &MessagingServer::ListAlerts);
  add("AlertService/ListAlertAgencies", &MessagingServer::ListAlertAgencies);
}

Result<std::vector<std::string>> MessagingServer::PositionOf(const std::string& key,
                                                             const std::string& page_token) const {
  if (page_token.empty()) return std::vector<std::string>();
  return page_tokens_.Decode(key, page_token);
}

Result<int64_t> MessagingServer::RunClocks() {
  const int64_t now_ms = clock_.NowMs();
  std::function<Result<bool>(storage::ReadTransaction&)> look =
      [now_ms](storage::ReadTransaction& tx) { return IsAnythingDue(tx, now_ms); };
  Result<bool> due = SyncWait(database_.Read<bool>(look));
  if (!due) return Fail(std::move(due.error()));
  if (!*due) return 0;
  std::function<Result<int64_t>(Unit&)> run = [](Unit& unit) { return messaging::RunClocks(unit); };
  return SyncWait(database_.Write<int64_t>(InUnit(rpc::CallContext(), std::move(run))));
}

Result<int64_t> MessagingServer::EraseExpired() {
  std::function<Result<int64_t>(Unit&)> erase = [](Unit& unit) {
    return messaging::EraseExpired(unit);
  };
  return SyncWait(database_.Write<int64_t>(InUnit(rpc::CallContext(), std::move(erase))));
}

Result<void> MessagingServer::AfterRestore(const std::vector<ErasedRecord>& erased) {
  std::function<Result<bool>(Unit&)> again = [&erased](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(messaging::AfterRestore(unit, erased));
    return true;
  };
  Result<bool> done = SyncWait(database_.Write<bool>(InUnit(rpc::CallContext(), std::move(again))));
  if (!done) return Fail(std::move(done.error()));
  return {};
}

}  // namespace fairlead::messaging
