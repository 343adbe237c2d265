// The messaging service's methods: translate, call a command, translate back.
#ifndef SERVICES_MESSAGING_MESSAGING_SERVER_H_
#define SERVICES_MESSAGING_MESSAGING_SERVER_H_

#include <functional>
#include <string>
#include <vector>

#include "fairlead/messaging/v1/alert.pb.h"
#include "fairlead/messaging/v1/bed_call.pb.h"
#include "fairlead/messaging/v1/channel.pb.h"
#include "fairlead/messaging/v1/thread.pb.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/directory/need_codes.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/common/storage/database.h"
#include "services/messaging/commands/unit.h"
#include "services/messaging/store/agency_store.h"

namespace fairlead::messaging {

namespace v1 = fairlead::messaging::v1;

// As this service calls itself when it calls others.
inline constexpr const char* kServiceName = "messaging";

class MessagingServer {
 public:
  // All outlive the server.
  MessagingServer(storage::Database& database, rpc::Channel& services, const Clock& clock,
                  Random& random, IdGenerator& ids);
  void Register(rpc::Registry& registry);

  Task<Result<v1::StartThreadResponse>> StartThread(rpc::CallContext context,
                                                    const v1::StartThreadRequest& request);
  Task<Result<v1::ListThreadsResponse>> ListThreads(rpc::CallContext context,
                                                    const v1::ListThreadsRequest& request);
  Task<Result<v1::GetThreadResponse>> GetThread(rpc::CallContext context,
                                                const v1::GetThreadRequest& request);
  Task<Result<v1::SendMessageResponse>> SendMessage(rpc::CallContext context,
                                                    const v1::SendMessageRequest& request);
  Task<Result<v1::EditMessageResponse>> EditMessage(rpc::CallContext context,
                                                    const v1::EditMessageRequest& request);
  Task<Result<v1::DeleteMessageResponse>> DeleteMessage(rpc::CallContext context,
                                                        const v1::DeleteMessageRequest& request);
  Task<Result<v1::ListMessagesResponse>> ListMessages(rpc::CallContext context,
                                                      const v1::ListMessagesRequest& request);
  Task<Result<v1::GetMessageResponse>> GetMessage(rpc::CallContext context,
                                                  const v1::GetMessageRequest& request);
  Task<Result<v1::MarkThreadResponse>> MarkThread(rpc::CallContext context,
                                                  const v1::MarkThreadRequest& request);

  Task<Result<v1::ListChannelsResponse>> ListChannels(rpc::CallContext context,
                                                      const v1::ListChannelsRequest& request);
  Task<Result<v1::CreateChannelResponse>> CreateChannel(rpc::CallContext context,
                                                        const v1::CreateChannelRequest& request);
  Task<Result<v1::UpdateChannelResponse>> UpdateChannel(rpc::CallContext context,
                                                        const v1::UpdateChannelRequest& request);
  Task<Result<v1::CreatePostResponse>> CreatePost(rpc::CallContext context,
                                                  const v1::CreatePostRequest& request);
  Task<Result<v1::DeletePostResponse>> DeletePost(rpc::CallContext context,
                                                  const v1::DeletePostRequest& request);
  Task<Result<v1::PinPostResponse>> PinPost(rpc::CallContext context,
                                            const v1::PinPostRequest& request);
  Task<Result<v1::GetPostResponse>> GetPost(rpc::CallContext context,
                                            const v1::GetPostRequest& request);
  Task<Result<v1::ListPostsResponse>> ListPosts(rpc::CallContext context,
                                                const v1::ListPostsRequest& request);
  Task<Result<v1::SearchPostsResponse>> SearchPosts(rpc::CallContext context,
                                                    const v1::SearchPostsRequest& request);

  Task<Result<v1::OpenBedCallResponse>> OpenBedCall(rpc::CallContext context,
                                                    const v1::OpenBedCallRequest& request);
  Task<Result<v1::AnswerBedCallResponse>> AnswerBedCall(rpc::CallContext context,
                                                        const v1::AnswerBedCallRequest& request);
  Task<Result<v1::TakeBedCallResponse>> TakeBedCall(rpc::CallContext context,
                                                    const v1::TakeBedCallRequest& request);
  Task<Result<v1::CloseBedCallResponse>> CloseBedCall(rpc::CallContext context,
                                                      const v1::CloseBedCallRequest& request);
  Task<Result<v1::GetBedCallResponse>> GetBedCall(rpc::CallContext context,
                                                  const v1::GetBedCallRequest& request);
  Task<Result<v1::ListBedCallsResponse>> ListBedCalls(rpc::CallContext context,
                                                      const v1::ListBedCallsRequest& request);

  Task<Result<v1::SendAlertResponse>> SendAlert(rpc::CallContext context,
                                                const v1::SendAlertRequest& request);
  Task<Result<v1::AcknowledgeAlertResponse>> AcknowledgeAlert(
      rpc::CallContext context, const v1::AcknowledgeAlertRequest& request);
  Task<Result<v1::GetAlertResponse>> GetAlert(rpc::CallContext context,
                                              const v1::GetAlertRequest& request);
  Task<Result<v1::ListAlertsResponse>> ListAlerts(rpc::CallContext context,
                                                  const v1::ListAlertsRequest& request);
  Task<Result<v1::ListAlertAgenciesResponse>> ListAlertAgencies(
      rpc::CallContext context, const v1::ListAlertAgenciesRequest& request);

  // The hub's own work; both block, and say how many they handled; 0: nothing is left to do.
  // Reads only, as long as nothing is due.
  Result<int64_t> RunClocks();
  Result<int64_t> EraseExpired();
  // At start, before anything is served, on a database that was put back. Blocks.
  Result<void> AfterRestore(const std::vector<ErasedRecord>& erased);

 private:
  template <class T>
  std::function<Result<T>(storage::Transaction&)> InUnit(
      const rpc::CallContext& context, std::function<Result<T>(Unit&)> command) const;
  // A mutation: Mutate around `command`.
  template <class Response>
  Task<Result<Response>> Change(rpc::CallContext context, const google::protobuf::Message& request,
                                std::function<Result<Response>(Unit&)> command);
  // The same of what our copies of other services' records decide on: `check` first, and where
  // those may have led to a refusal, once more after their owners have been asked.
  using Check = std::function<Result<bool>(storage::ReadTransaction&)>;
  template <class Response>
  Task<Result<Response>> ChangeAfresh(rpc::CallContext context,
                                      const google::protobuf::Message& request, Check check,
                                      std::function<Result<Response>(Unit&)> command);
  Task<Result<bool>> CheckAfresh(rpc::CallContext context, Check check);
  Task<Result<bool>> RefreshAgency(rpc::CallContext context, std::string agency_id);
  // A read.
  template <class Response>
  Task<Result<Response>> Read(std::function<Result<Response>(storage::ReadTransaction&)> job) {
    return database_.Read<Response>(std::move(job));
  }
  // Where the page before ended; empty: the first page. Error: INVALID_PAGE_TOKEN.
  Result<std::vector<std::string>> PositionOf(const std::string& key,
                                              const std::string& page_token) const;

  storage::Database& database_;
  rpc::Channel& services_;
  const Clock& clock_;
  IdGenerator& ids_;
  const rpc::PageTokens page_tokens_;
  NeedCodes need_codes_;
};

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_MESSAGING_SERVER_H_
