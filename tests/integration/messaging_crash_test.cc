// Promises 1 and 10 for messages: whatever is killed, each arrives once, in its place, on both
// sides.
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include "fairlead/messaging/v1/thread.pb.h"
#include "services/common/testing/temp_dir.h"
#include "tests/support/coalition.h"
#include "tests/support/hub_process.h"
#include "tests/support/sealed_message.h"

namespace fairlead::testing {
namespace {

namespace v1 = fairlead::messaging::v1;

constexpr int kMessages = 90;
constexpr int kKillEvery = 30;
constexpr int kMostTries = 50;
const std::string kThreads = "/fairlead.messaging.v1.ThreadService/";

class MessagingCrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto hub = HubProcess::Start({.data_dir = folder_.File("data")});
    ASSERT_TRUE(hub) << ToString(hub.error());
    hub_ = std::move(*hub);
    channel_ = hub_->shared_channel();
    coalition_ = std::make_unique<Coalition>(*channel_);
    auto from = coalition_->AddAgency("Harbor", auth::AgencyKind::kVictimServiceProvider);
    auto to = coalition_->AddAgency("Clinic", auth::AgencyKind::kHealthProvider);
    ASSERT_TRUE(from && to);
    from_ = *from;
    to_ = *to;
  }
  void Restart() {
    ASSERT_TRUE(hub_->Restart());
    channel_ = hub_->shared_channel();
    coalition_->UseChannel(*channel_);
  }
  // Again, with the same request, until it has an answer.
  template <class Response, class Request>
  Response Insist(const Agency& by, const std::string& verb, const Request& request) {
    for (int i = 0; i < kMostTries; ++i) {
      const auto reply = coalition_->Call<Response>(by.caseworker, kThreads + verb, request, 4'000);
      if (reply) return *reply;
      const bool passes = reply.error().code == Code::kUnavailable ||
                          reply.error().code == Code::kDeadlineExceeded ||
                          reply.error().code == Code::kCancelled;
      EXPECT_TRUE(passes) << ToString(reply.error());
      if (!passes) break;
      if (!hub_->Running()) Restart();
    }
    ADD_FAILURE() << verb << " has never been answered";
    return {};
  }

  TempDir folder_;
  std::unique_ptr<HubProcess> hub_;
  std::shared_ptr<rpc::Channel> channel_;
  std::unique_ptr<Coalition> coalition_;
  Agency from_;
  Agency to_;
};

TEST_F(MessagingCrashTest, EachMessageArrivesOnceAndInOrder) {
  v1::StartThreadRequest start;
  start.set_request_id(coalition_->ids().New());
  start.set_thread_id(coalition_->ids().New());
  start.set_to_agency_id(to_.id);
  Insist<v1::StartThreadResponse>(from_, "StartThread", start);
  std::vector<std::string> sent;
  for (int i = 0; i < kMessages; ++i) {
    v1::SendMessageRequest send;
    send.set_request_id(coalition_->ids().New());
    send.set_thread_id(start.thread_id());
    send.set_message_id(coalition_->ids().New());
    send.set_sealed(
        SealMessage(from_, to_, {.thread_id = send.thread_id(), .message_id = send.message_id()}));
    // At some moment of the call: before its commit, after it, on the way back.
    std::thread killer;
    if (i % kKillEvery == kKillEvery / 2) {
      killer = std::thread([this, i] {
        std::this_thread::sleep_for(std::chrono::milliseconds(i % 7));
        hub_->Kill9();
      });
    }
    const auto place = Insist<v1::SendMessageResponse>(from_, "SendMessage", send).message();
    if (killer.joinable()) killer.join();
    if (!hub_->Running()) Restart();
    EXPECT_EQ(place.sequence(), i + 1);
    sent.push_back(send.message_id());
  }
  for (const Agency& side : {from_, to_}) {
    v1::ListMessagesRequest list;
    list.set_thread_id(start.thread_id());
    list.set_page_size(100);
    const auto page = Insist<v1::ListMessagesResponse>(side, "ListMessages", list);
    std::vector<std::string> seen;
    for (const v1::Message& each : page.messages()) seen.push_back(each.id());
    EXPECT_EQ(seen, sent);
  }
  v1::GetThreadRequest get;
  get.set_thread_id(start.thread_id());
  EXPECT_EQ(Insist<v1::GetThreadResponse>(to_, "GetThread", get).thread().unread_count(),
            kMessages);
}

}  // namespace
}  // namespace fairlead::testing
