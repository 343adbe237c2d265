// What two agencies write each other, and what is in channels that nobody but their two kinds of
// agency is a member of: records for the cross-agency test.
#ifndef TESTS_AUTHORITY_MESSAGING_RECORDS_H_
#define TESTS_AUTHORITY_MESSAGING_RECORDS_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/authority/protos.h"
#include "tests/support/coalition.h"
#include "tests/support/sealed_message.h"

namespace fairlead::authority {

class MessagingMaker {
 public:
  using Records = std::vector<std::pair<std::string, std::string>>;

  MessagingMaker(testing::Coalition& coalition, const testing::Agency& from,
                 const testing::Agency& to)
      : coalition_(coalition), from_(from), to_(to) {}

  Records Make() {
    MakeThread();
    MakePost(MakeChannel("the_two", messaging::v1::CHANNEL_KIND_PRACTICE));
    MakeBedCall(MakeChannel("the_two_beds", messaging::v1::CHANNEL_KIND_BED_CALLS));
    MakeAlert(MakeChannel("the_two_alerts", messaging::v1::CHANNEL_KIND_ALERTS));
    return records_;
  }

 private:
  template <class Response, class Request>
  Response Do(const auth::Actor& actor, const std::string& method, Request request) {
    request.set_request_id(coalition_.ids().New());
    const auto done = coalition_.Call<Response>(actor, "/fairlead.messaging.v1." + method, request);
    EXPECT_TRUE(done) << method << ": " << ToString(done.error());
    return done ? *done : Response();
  }

  void MakeThread() {
    messaging::v1::StartThreadRequest start;
    start.set_thread_id(coalition_.ids().New());
    start.set_to_agency_id(to_.id);
    Do<messaging::v1::StartThreadResponse>(from_.caseworker, "ThreadService/StartThread", start);
    messaging::v1::SendMessageRequest send;
    send.set_thread_id(start.thread_id());
    send.set_message_id(coalition_.ids().New());
    send.set_sealed(testing::SealMessage(
        from_, to_, {.thread_id = send.thread_id(), .message_id = send.message_id()}));
    Do<messaging::v1::SendMessageResponse>(from_.caseworker, "ThreadService/SendMessage", send);
    records_.emplace_back("thread", start.thread_id());
    records_.emplace_back("message", send.message_id());
  }

  std::string MakeChannel(const std::string& name, messaging::v1::ChannelKind kind) {
    messaging::v1::CreateChannelRequest create;
    create.set_name(name);
    create.set_kind(kind);
    create.add_agency_kinds("victim_service_provider");
    create.add_agency_kinds("health_provider");
    create.set_post_days(30);
    const std::string id = Do<messaging::v1::CreateChannelResponse>(
                               coalition_.MakeCoordinator(), "ChannelService/CreateChannel", create)
                               .channel()
                               .id();
    records_.emplace_back("channel", id);
    return id;
  }

  void MakePost(const std::string& channel_id) {
    messaging::v1::CreatePostRequest post;
    post.set_channel_id(channel_id);
    post.set_text("What has helped you with long waiting lists?");
    records_.emplace_back("post", Do<messaging::v1::CreatePostResponse>(
                                      from_.caseworker, "ChannelService/CreatePost", post)
                                      .post()
                                      .id());
  }

  void MakeBedCall(const std::string& channel_id) {
    messaging::v1::OpenBedCallRequest open;
    open.set_channel_id(channel_id);
    open.mutable_need()->set_need_code("shelter_bed");
    open.mutable_need()->set_urgency(messaging::v1::BED_CALL_URGENCY_URGENT);
    open.mutable_until_time()->set_seconds(SystemClock().NowMs() / 1000 + 3600);
    records_.emplace_back("bed_call", Do<messaging::v1::OpenBedCallResponse>(
                                          from_.caseworker, "BedCallService/OpenBedCall", open)
                                          .bed_call()
                                          .id());
  }

  void MakeAlert(const std::string& channel_id) {
    messaging::v1::SendAlertRequest send;
    send.set_channel_id(channel_id);
    send.set_urgency(messaging::v1::ALERT_URGENCY_STANDARD);
    send.set_title("The emergency line is down tonight");
    records_.emplace_back(
        "alert", Do<messaging::v1::SendAlertResponse>(from_.admin, "AlertService/SendAlert", send)
                     .alert()
                     .id());
  }

  testing::Coalition& coalition_;
  const testing::Agency& from_;
  const testing::Agency& to_;
  Records records_;
};

// All of it known to both.
inline MessagingMaker::Records MessagingRecords(testing::Coalition& coalition,
                                                const testing::Agency& from,
                                                const testing::Agency& to) {
  return MessagingMaker(coalition, from, to).Make();
}

}  // namespace fairlead::authority

#endif  // TESTS_AUTHORITY_MESSAGING_RECORDS_H_
