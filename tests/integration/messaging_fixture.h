// What tests of messaging do again and again: threads, messages sealed as clients seal them, posts.
#ifndef TESTS_INTEGRATION_MESSAGING_FIXTURE_H_
#define TESTS_INTEGRATION_MESSAGING_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fairlead/messaging/v1/alert.pb.h"
#include "fairlead/messaging/v1/bed_call.pb.h"
#include "fairlead/messaging/v1/channel.pb.h"
#include "fairlead/messaging/v1/thread.pb.h"
#include "services/common/testing/wait_until.h"
#include "tests/support/hub_test.h"
#include "tests/support/sealed_message.h"

namespace fairlead::testing {

class MessagingTest : public HubTest {
 protected:
  // The reason, or "ok".
  template <class Response, class Request>
  std::string Say(const auth::Actor& actor, const std::string& method, Request request,
                  Response* answer = nullptr) {
    if constexpr (requires { request.request_id(); }) {
      if (request.request_id().empty()) request.set_request_id(coalition_->ids().New());
    }
    const auto reply =
        coalition_->Call<Response>(actor, "/fairlead.messaging.v1." + method, request);
    if (!reply) return reply.error().reason;
    if (answer != nullptr) *answer = *reply;
    return "ok";
  }
  // Must succeed.
  template <class Response, class Request>
  Response Do(const auth::Actor& actor, const std::string& method, Request request) {
    Response answer;
    EXPECT_EQ(Say<Response>(actor, method, request, &answer), "ok") << method;
    return answer;
  }

  std::string Start(const Agency& from, const Agency& to) {
    messaging::v1::StartThreadRequest start;
    start.set_thread_id(coalition_->ids().New());
    start.set_to_agency_id(to.id);
    Do<messaging::v1::StartThreadResponse>(from.caseworker, "ThreadService/StartThread", start);
    return start.thread_id();
  }
  // As the hub's clock has it.
  messaging::v1::SendMessageRequest Written(const Agency& from, const Agency& to,
                                            const std::string& thread_id,
                                            const std::string& text = "hello") {
    messaging::v1::SendMessageRequest send;
    send.set_request_id(coalition_->ids().New());
    send.set_thread_id(thread_id);
    send.set_message_id(coalition_->ids().New());
    send.set_sealed(SealMessage(from, to,
                                {.thread_id = thread_id,
                                 .message_id = send.message_id(),
                                 .text = text,
                                 .now_ms = hub_->clock().NowMs()}));
    return send;
  }
  std::string Send(const Agency& from, const messaging::v1::SendMessageRequest& request,
                   messaging::v1::SendMessageResponse* answer = nullptr) {
    return Say<messaging::v1::SendMessageResponse>(from.caseworker, "ThreadService/SendMessage",
                                                   request, answer);
  }
  messaging::v1::Thread Look(const Agency& by, const std::string& thread_id) {
    messaging::v1::GetThreadRequest get;
    get.set_thread_id(thread_id);
    return Do<messaging::v1::GetThreadResponse>(by.caseworker, "ThreadService/GetThread", get)
        .thread();
  }
  std::vector<messaging::v1::Message> All(const Agency& by, const std::string& thread_id,
                                          int64_t after = 0, int page_size = 100) {
    messaging::v1::ListMessagesRequest list;
    list.set_thread_id(thread_id);
    list.set_after_sequence(after);
    list.set_page_size(page_size);
    std::vector<messaging::v1::Message> all;
    do {
      const auto page = Do<messaging::v1::ListMessagesResponse>(by.caseworker,
                                                                "ThreadService/ListMessages", list);
      all.insert(all.end(), page.messages().begin(), page.messages().end());
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty() && all.size() < 10'000);
    return all;
  }
  // What it says, for an agency that holds a key to it; the error's reason otherwise.
  std::string Read(const Agency& by, const Agency& writer, const Agency& other,
                   const messaging::v1::Message& message) {
    const auto opened =
        seal::Open(message.sealed(), by.epoch,
                   {.referral_id = message.thread_id(),
                    .release_hash = ThreadHash(message.thread_id(), writer.id, other.id),
                    .sender_agency_id = writer.id,
                    .sender_signing_key = writer.signing.public_key,
                    .now_s = hub_->clock().NowMs() / 1000});
    return opened ? opened->plaintext : opened.error().reason;
  }
};

}  // namespace fairlead::testing

#endif  // TESTS_INTEGRATION_MESSAGING_FIXTURE_H_
