// Sealed threads between two agencies, on both engines: who reads, in which order, what is refused.
#include <algorithm>
#include <set>
#include <thread>

#include "fairlead/directory/v1/membership.pb.h"
#include "tests/integration/messaging_fixture.h"

namespace fairlead::testing {
namespace {

namespace v1 = fairlead::messaging::v1;
using ::testing::Values;

constexpr int64_t kMinuteOfThreads = 60'000;

class ThreadsTest : public MessagingTest {
 protected:
  void SetUp() override {
    MessagingTest::SetUp();
    if (HasFatalFailure()) return;
    from_ = Add("Harbor", auth::AgencyKind::kVictimServiceProvider);
    to_ = Add("Clinic", auth::AgencyKind::kHealthProvider);
  }
  std::string Edit(const auth::Actor& actor, const v1::Message& message, const std::string& text,
                   const std::string& etag = "") {
    v1::EditMessageRequest edit;
    edit.set_message_id(message.id());
    edit.set_etag(etag);
    edit.set_sealed(SealMessage(from_, to_,
                                {.thread_id = message.thread_id(),
                                 .message_id = message.id(),
                                 .text = text,
                                 .revision = message.revision() + 1,
                                 .now_ms = hub_->clock().NowMs()}));
    return Say<v1::EditMessageResponse>(actor, "ThreadService/EditMessage", edit);
  }
  std::string Delete(const auth::Actor& actor, const std::string& message_id) {
    v1::DeleteMessageRequest request;
    request.set_message_id(message_id);
    return Say<v1::DeleteMessageResponse>(actor, "ThreadService/DeleteMessage", request);
  }
  std::string Mark(const Agency& by, const std::string& thread_id, int64_t delivered,
                   int64_t read) {
    v1::MarkThreadRequest mark;
    mark.set_thread_id(thread_id);
    mark.set_delivered_sequence(delivered);
    mark.set_read_sequence(read);
    return Say<v1::MarkThreadResponse>(by.caseworker, "ThreadService/MarkThread", mark);
  }

  Agency from_;
  Agency to_;
};
INSTANTIATE_TEST_SUITE_P(Engines, ThreadsTest,
                         Values(storage::Transaction::Engine::kSqlite,
                                storage::Transaction::Engine::kPostgres));

TEST_P(ThreadsTest, WhatOneWritesTheOtherReadsAndNobodyElse) {
  const std::string thread = Start(from_, to_);
  ASSERT_EQ(Send(from_, Written(from_, to_, thread, "first")), "ok");
  ASSERT_EQ(Send(to_, Written(to_, from_, thread, "second")), "ok");
  const auto seen = All(to_, thread);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_NE(Read(to_, from_, to_, seen[0]).find("first"), std::string::npos);
  EXPECT_NE(Read(to_, to_, from_, seen[1]).find("second"), std::string::npos) << "one's own again";
  EXPECT_EQ(Read(from_, from_, to_, seen[0]), "INVALID_PACKET")
      << "the other's share has no key in it";
  EXPECT_EQ(seen[0].staff_id(), "") << "who it was is the other agency's affair";
  EXPECT_EQ(All(from_, thread)[0].staff_id(), from_.caseworker.staff_id);
  const Agency third = Add("Legal", auth::AgencyKind::kLegalServices);
  v1::GetMessageRequest get;
  get.set_message_id(seen[0].id());
  EXPECT_EQ(Say<v1::GetMessageResponse>(third.caseworker, "ThreadService/GetMessage", get),
            "MESSAGE_NOT_FOUND");
  EXPECT_EQ(Send(third, Written(third, to_, thread)), "THREAD_NOT_FOUND");
  v1::SendMessageRequest nonsense = Written(third, to_, thread);
  nonsense.set_sealed("{}");
  EXPECT_EQ(Send(third, nonsense), "THREAD_NOT_FOUND") << "before what is wrong with it";
  auth::Actor software = coalition_->MakeActor(from_.id, auth::AgencyKind::kVictimServiceProvider,
                                               {auth::Role::kIntegration});
  EXPECT_EQ(Say<v1::GetMessageResponse>(software, "ThreadService/GetMessage", get),
            "ROLE_NOT_ALLOWED");
}

TEST_P(ThreadsTest, ARepeatAfterALostAnswerIsWrittenOnce) {
  const std::string thread = Start(from_, to_);
  const v1::SendMessageRequest request = Written(from_, to_, thread);
  v1::SendMessageResponse first;
  v1::SendMessageResponse again;
  ASSERT_EQ(Send(from_, request, &first), "ok");
  ASSERT_TRUE(coalition_->BeginEpoch(to_));
  ASSERT_EQ(Send(from_, request, &again), "ok") << "whatever has happened since";
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_EQ(first.message().sealed(), "") << "it is kept for a day";
  EXPECT_EQ(All(to_, thread).size(), 1U);
  v1::SendMessageRequest other = Written(from_, to_, thread);
  other.set_request_id(request.request_id());
  EXPECT_EQ(Send(from_, other), "REQUEST_ID_REUSED");
  other = Written(from_, to_, thread);
  other.set_message_id(request.message_id());
  EXPECT_EQ(Send(from_, other), "MESSAGE_ID_TAKEN");
}

TEST_P(ThreadsTest, TheOrderHasNoGapsWhoeverWritesAtOnce) {
  const std::string thread = Start(from_, to_);
  constexpr int kWriters = 4;
  constexpr int kEach = 8;
  std::vector<v1::SendMessageRequest> ours;
  std::vector<v1::SendMessageRequest> theirs;
  for (int i = 0; i < kWriters * kEach; ++i) {
    ours.push_back(Written(from_, to_, thread));
    theirs.push_back(Written(to_, from_, thread));
  }
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = w * kEach; i < (w + 1) * kEach; ++i) {
        EXPECT_EQ(Send(from_, ours[static_cast<size_t>(i)]), "ok");
        EXPECT_EQ(Send(to_, theirs[static_cast<size_t>(i)]), "ok");
      }
    });
  }
  for (std::thread& each : writers) each.join();
  const auto seen = All(from_, thread, 0, 7);
  ASSERT_EQ(seen.size(), static_cast<size_t>(2 * kWriters * kEach));
  std::set<std::string> ids;
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].sequence(), static_cast<int64_t>(i + 1));
    ids.insert(seen[i].id());
  }
  EXPECT_EQ(ids.size(), seen.size());
  EXPECT_EQ(Look(from_, thread).unread_count(), kWriters * kEach);
  EXPECT_EQ(Look(to_, thread).unread_count(), kWriters * kEach);
  EXPECT_EQ(All(from_, thread, 60).size(), 4U) << "those after a number";
}

TEST_P(ThreadsTest, WhatIsSealedOtherwiseIsRefused) {
  const std::string thread = Start(from_, to_);
  const std::string elsewhere = Start(from_, to_);
  const Agency third = Add("Legal", auth::AgencyKind::kLegalServices);
  v1::SendMessageRequest send = Written(from_, to_, elsewhere);
  send.set_thread_id(thread);
  EXPECT_EQ(Send(from_, send), "MESSAGE_THREAD_MISMATCH");
  const auto sealed = [&](const Agency& writer, const Agency& reader, int64_t expire_in_s) {
    send = Written(from_, to_, thread);
    send.set_sealed(SealMessage(writer, reader,
                                {.thread_id = thread,
                                 .message_id = send.message_id(),
                                 .expire_in_s = expire_in_s,
                                 .now_ms = hub_->clock().NowMs()}));
    return Send(from_, send);
  };
  EXPECT_EQ(sealed(from_, third, 3600), "MESSAGE_THREAD_MISMATCH") << "other readers";
  EXPECT_EQ(sealed(to_, from_, 3600), "PACKET_SENDER_AGENCY_MISMATCH");
  EXPECT_EQ(sealed(from_, to_, -1), "PACKET_EXPIRED");
  EXPECT_EQ(sealed(from_, to_, 91LL * 24 * 3600), "MESSAGE_THREAD_MISMATCH") << "for too long";
  send = Written(from_, to_, thread);
  send.set_sealed("{}");
  EXPECT_EQ(Send(from_, send), "INVALID_PACKET");
  send.set_sealed(std::string(65'537, 'x'));
  EXPECT_EQ(Send(from_, send), "FIELD_TOO_LONG");
  send = Written(from_, to_, thread);
  send.set_message_id("0b0e1c9e-4c5b-4d3a-9b61-0d6f6ad0a001");
  EXPECT_EQ(Send(from_, send), "INVALID_ID") << "of version 4";
  EXPECT_EQ(All(to_, thread).size(), 0U);
}

TEST_P(ThreadsTest, AStaleEpochIsRefusedAndTheCurrentOneTaken) {
  const std::string thread = Start(from_, to_);
  const v1::SendMessageRequest stale = Written(from_, to_, thread, "to the old key");
  const Agency before = to_;
  ASSERT_TRUE(coalition_->BeginEpoch(to_));
  // As soon as our copy knows of it; the hub asks where it does not.
  EXPECT_TRUE(WaitUntil([&] {
    v1::SendMessageRequest probe = stale;
    probe.set_request_id(coalition_->ids().New());
    probe.set_message_id(coalition_->ids().New());
    return Send(from_, probe) == "MESSAGE_KEY_NOT_CURRENT";
  }));
  EXPECT_EQ(Send(from_, stale), "MESSAGE_KEY_NOT_CURRENT");
  v1::SendMessageResponse sent;
  const v1::SendMessageRequest fresh = Written(from_, to_, thread, "to the new key");
  ASSERT_EQ(Send(from_, fresh, &sent), "ok");
  const auto seen = All(to_, thread);
  ASSERT_FALSE(seen.empty());
  EXPECT_NE(Read(to_, from_, to_, seen.back()).find("new key"), std::string::npos);
  EXPECT_EQ(Read(before, from_, to_, seen.back()), "NOT_A_RECIPIENT");
}

TEST_P(ThreadsTest, ItsWriterPutsAMessageRightAndTakesItBack) {
  const std::string thread = Start(from_, to_);
  ASSERT_EQ(Send(from_, Written(from_, to_, thread, "rihgt")), "ok");
  ASSERT_EQ(Send(from_, Written(from_, to_, thread, "wrong")), "ok");
  auto seen = All(from_, thread);
  EXPECT_EQ(Edit(from_.admin, seen[0], "mine"), "NOT_YOUR_MESSAGE") << "a colleague";
  EXPECT_EQ(Edit(to_.caseworker, seen[0], "theirs"), "NOT_YOUR_MESSAGE");
  EXPECT_EQ(Edit(from_.caseworker, seen[0], "x", "v7"), "ETAG_MISMATCH");
  EXPECT_EQ(Edit(from_.caseworker, seen[0], "right", "v0"), "ok");
  EXPECT_EQ(Delete(to_.caseworker, seen[1].id()), "NOT_YOUR_MESSAGE");
  EXPECT_EQ(Delete(from_.caseworker, seen[1].id()), "ok");
  EXPECT_EQ(Delete(from_.caseworker, seen[1].id()), "ok") << "once more is no change";
  EXPECT_EQ(Edit(from_.caseworker, seen[1], "again"), "MESSAGE_DELETED");
  seen = All(to_, thread);
  ASSERT_EQ(seen.size(), 2U) << "its place stays";
  EXPECT_NE(Read(to_, from_, to_, seen[0]).find(R"("revision":1,"text":"right")"),
            std::string::npos);
  EXPECT_TRUE(seen[0].has_edit_time());
  EXPECT_TRUE(seen[1].deleted());
  EXPECT_EQ(seen[1].sealed(), "");
  EXPECT_EQ(Look(to_, thread).unread_count(), 1);
  hub_->clock().Shift(16 * kMinuteOfThreads);
  EXPECT_EQ(Edit(from_.caseworker, seen[0], "late"), "EDIT_WINDOW_OVER");
  EXPECT_EQ(Delete(from_.caseworker, seen[0].id()), "EDIT_WINDOW_OVER");
}

TEST_P(ThreadsTest, MarksNeverGoBack) {
  const std::string thread = Start(from_, to_);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Send(from_, Written(from_, to_, thread)), "ok");
  EXPECT_EQ(Mark(to_, thread, 4, 0), "SEQUENCE_NOT_THERE");
  EXPECT_EQ(Mark(to_, thread, 3, 2), "ok");
  EXPECT_EQ(Mark(to_, thread, 1, 1), "ok");
  const v1::Thread seen = Look(to_, thread);
  EXPECT_EQ(seen.unread_count(), 1);
  EXPECT_EQ(seen.participants(1).delivered_sequence(), 3);
  EXPECT_EQ(seen.participants(1).read_sequence(), 2);
  const auto own = All(from_, thread);
  EXPECT_TRUE(own[1].read());
  EXPECT_FALSE(own[2].read());
  EXPECT_TRUE(own[2].delivered());
  EXPECT_EQ(Look(from_, thread).unread_count(), 0) << "one's own are not unread";
  EXPECT_EQ(Mark(to_, thread, 0, 3), "ok");
  v1::ListThreadsRequest list;
  list.set_unread_only(true);
  EXPECT_EQ(
      Do<v1::ListThreadsResponse>(to_.caseworker, "ThreadService/ListThreads", list).threads_size(),
      0);
  list.set_unread_only(false);
  EXPECT_EQ(
      Do<v1::ListThreadsResponse>(to_.caseworker, "ThreadService/ListThreads", list).threads_size(),
      1);
}

TEST_P(ThreadsTest, ASuspendedAgencyHearsNothingMore) {
  const std::string thread = Start(from_, to_);
  directory::v1::SuspendAgencyRequest suspend;
  suspend.set_request_id(coalition_->ids().New());
  suspend.set_agency_id(to_.id);
  suspend.set_reason(directory::v1::MEMBERSHIP_REASON_REVIEW_DUE);
  const auto suspended = coalition_->Call<directory::v1::SuspendAgencyResponse>(
      coalition_->MakeCoordinator(), "/fairlead.directory.v1.MembershipService/SuspendAgency",
      suspend);
  ASSERT_TRUE(suspended) << ToString(suspended.error());
  EXPECT_TRUE(
      WaitUntil([&] { return Send(from_, Written(from_, to_, thread)) == "AGENCY_NOT_ACTIVE"; }));
  auth::Actor theirs = to_.caseworker;
  theirs.membership = auth::Membership::kSuspended;
  v1::GetThreadRequest get;
  get.set_thread_id(thread);
  EXPECT_EQ(Say<v1::GetThreadResponse>(theirs, "ThreadService/GetThread", get),
            "AGENCY_NOT_ACTIVE");
  v1::StartThreadRequest start;
  start.set_thread_id(coalition_->ids().New());
  start.set_to_agency_id(to_.id);
  EXPECT_EQ(Say<v1::StartThreadResponse>(from_.caseworker, "ThreadService/StartThread", start),
            "AGENCY_NOT_ACTIVE");
  start.set_to_agency_id(from_.id);
  EXPECT_EQ(Say<v1::StartThreadResponse>(from_.caseworker, "ThreadService/StartThread", start),
            "RECIPIENT_IS_SENDER");
}

TEST_P(ThreadsTest, WhatHasExpiredIsErased) {
  const std::string thread = Start(from_, to_);
  v1::SendMessageRequest brief = Written(from_, to_, thread);
  brief.set_sealed(SealMessage(from_, to_,
                               {.thread_id = thread,
                                .message_id = brief.message_id(),
                                .expire_in_s = 3600,
                                .now_ms = hub_->clock().NowMs()}));
  ASSERT_EQ(Send(from_, brief), "ok");
  ASSERT_EQ(Send(from_, Written(from_, to_, thread)), "ok");
  EXPECT_EQ(Look(to_, thread).unread_count(), 2);
  hub_->clock().Shift(2 * 60 * kMinuteOfThreads);
  EXPECT_TRUE(WaitUntil([&] { return All(to_, thread).size() == 1; }, 40'000, 200));
  EXPECT_EQ(Look(to_, thread).unread_count(), 1);
  EXPECT_EQ(All(to_, thread)[0].sequence(), 2) << "the others keep their places";
}

}  // namespace
}  // namespace fairlead::testing
