// Channels, posts, bed calls and alerts, on both engines: who is a member, who writes, what the
// clock does.
#include <algorithm>

#include "tests/integration/messaging_fixture.h"

namespace fairlead::testing {
namespace {

namespace v1 = fairlead::messaging::v1;
using ::testing::Values;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kDay = 24 * 60 * kMinute;
constexpr char kPractice[] = "01980000-0000-7000-8000-000000000004";
constexpr char kAnnouncements[] = "01980000-0000-7000-8000-000000000001";
constexpr char kBedCalls[] = "01980000-0000-7000-8000-000000000002";

class ChannelsTest : public MessagingTest {
 protected:
  void SetUp() override {
    MessagingTest::SetUp();
    if (HasFatalFailure()) return;
    harbor_ = Add("Harbor", auth::AgencyKind::kVictimServiceProvider);
    clinic_ = Add("Clinic", auth::AgencyKind::kHealthProvider);
    office_ = coalition_->MakeCoordinator();
  }
  std::string Post(const auth::Actor& actor, const std::string& text, v1::Post* made = nullptr,
                   const std::string& channel = kPractice, const std::string& reply_to = "",
                   bool acknowledged = false) {
    v1::CreatePostRequest post;
    post.set_channel_id(channel);
    post.set_text(text);
    post.set_reply_to_post_id(reply_to);
    post.set_acknowledged_guard(acknowledged);
    if (reply_to.empty()) post.add_tags("waiting_lists");
    v1::CreatePostResponse answer;
    const std::string said =
        Say<v1::CreatePostResponse>(actor, "ChannelService/CreatePost", post, &answer);
    if (made != nullptr) *made = answer.post();
    return said;
  }
  std::vector<std::string> Found(const auth::Actor& actor, const std::string& query) {
    v1::SearchPostsRequest search;
    search.set_query(query);
    search.set_channel_id(kPractice);
    std::vector<std::string> ids;
    const auto found = Do<v1::SearchPostsResponse>(actor, "ChannelService/SearchPosts", search);
    for (const v1::Post& each : found.posts()) ids.push_back(each.id());
    return ids;
  }
  std::vector<v1::Channel> Channels(const auth::Actor& actor) {
    v1::ListChannelsRequest list;
    list.set_page_size(100);
    const auto page = Do<v1::ListChannelsResponse>(actor, "ChannelService/ListChannels", list);
    return {page.channels().begin(), page.channels().end()};
  }
  v1::Channel Create(const std::string& name, v1::ChannelKind kind,
                     const std::vector<std::string>& kinds, bool law_enforcement) {
    v1::CreateChannelRequest create;
    create.set_name(name + std::to_string(++channels_));
    create.set_kind(kind);
    for (const std::string& each : kinds) create.add_agency_kinds(each);
    create.set_law_enforcement(law_enforcement);
    create.set_post_days(1);
    return Do<v1::CreateChannelResponse>(office_, "ChannelService/CreateChannel", create).channel();
  }
  v1::BedCall Open(const Agency& by, int64_t minutes = 60) {
    v1::OpenBedCallRequest open;
    open.mutable_need()->set_need_code("shelter_bed");
    open.mutable_need()->set_urgency(v1::BED_CALL_URGENCY_EMERGENCY);
    open.mutable_need()->set_household_band("2-3");
    open.mutable_until_time()->set_seconds((hub_->clock().NowMs() + minutes * kMinute) / 1000);
    return Do<v1::OpenBedCallResponse>(by.caseworker, "BedCallService/OpenBedCall", open)
        .bed_call();
  }
  std::string Answer(const Agency& by, const std::string& call_id, v1::BedAnswer answer,
                     int units = 1) {
    v1::AnswerBedCallRequest request;
    request.set_bed_call_id(call_id);
    request.set_answer(answer);
    request.set_unit(units > 0 ? "bed" : "");
    request.set_units(units);
    return Say<v1::AnswerBedCallResponse>(by.caseworker, "BedCallService/AnswerBedCall", request);
  }
  std::string Take(const Agency& by, const std::string& call_id, const Agency& from) {
    v1::TakeBedCallRequest take;
    take.set_bed_call_id(call_id);
    take.set_agency_id(from.id);
    take.set_referral_id(coalition_->ids().New());
    return Say<v1::TakeBedCallResponse>(by.caseworker, "BedCallService/TakeBedCall", take);
  }
  v1::BedCall Look(const Agency& by, const std::string& call_id) {
    v1::GetBedCallRequest get;
    get.set_bed_call_id(call_id);
    return Do<v1::GetBedCallResponse>(by.caseworker, "BedCallService/GetBedCall", get).bed_call();
  }
  // How far it has gone with that agency.
  v1::AlertStep StepAt(const std::string& alert_id, const Agency& agency) {
    v1::ListAlertAgenciesRequest list;
    list.set_alert_id(alert_id);
    list.set_page_size(100);
    do {
      const auto page =
          Do<v1::ListAlertAgenciesResponse>(office_, "AlertService/ListAlertAgencies", list);
      for (const v1::AlertAgency& each : page.agencies()) {
        if (each.agency_id() == agency.id) return each.step();
      }
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
    return v1::ALERT_STEP_UNSPECIFIED;
  }

  Agency harbor_;
  Agency clinic_;
  auth::Actor office_;
  inline static int channels_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Engines, ChannelsTest,
                         Values(storage::Transaction::Engine::kSqlite,
                                storage::Transaction::Engine::kPostgres));

TEST_P(ChannelsTest, TheWallStandsUnlessAChannelSaysSo) {
  const Agency sheriff = Add("Sheriff", auth::AgencyKind::kLawEnforcement);
  const auto names_of = [&](const auth::Actor& actor) {
    std::string names;
    for (const v1::Channel& each : Channels(actor)) names += each.name() + " ";
    return names;
  };
  EXPECT_NE(names_of(harbor_.caseworker).find("practice"), std::string::npos);
  EXPECT_EQ(names_of(sheriff.caseworker).find("practice"), std::string::npos);
  v1::Post post;
  ASSERT_EQ(Post(harbor_.caseworker, "How we keep our files", &post), "ok");
  v1::GetPostRequest get;
  get.set_post_id(post.id());
  EXPECT_EQ(Say<v1::GetPostResponse>(sheriff.caseworker, "ChannelService/GetPost", get),
            "POST_NOT_FOUND");
  EXPECT_EQ(Post(sheriff.caseworker, "Hello there"), "CHANNEL_NOT_FOUND");
  const v1::Channel both = Create("both", v1::CHANNEL_KIND_PRACTICE, {}, true);
  EXPECT_NE(names_of(sheriff.caseworker).find(both.name()), std::string::npos);
  EXPECT_EQ(Post(sheriff.caseworker, "Hello there", nullptr, both.id()), "ok");
  const v1::Channel few = Create("few", v1::CHANNEL_KIND_PRACTICE, {"health_provider"}, false);
  EXPECT_EQ(names_of(harbor_.caseworker).find(few.name()), std::string::npos);
  EXPECT_EQ(Post(harbor_.caseworker, "Hello there", nullptr, few.id()), "CHANNEL_NOT_FOUND");
  EXPECT_EQ(Post(clinic_.caseworker, "Hello there", nullptr, few.id()), "ok");
  EXPECT_NE(names_of(office_).find(few.name()), std::string::npos) << "the office sees all";
  v1::ListBedCallsRequest calls;
  EXPECT_EQ(Say<v1::ListBedCallsResponse>(sheriff.caseworker, "BedCallService/ListBedCalls", calls),
            "AGENCY_KIND_NOT_ALLOWED");
  v1::CreateChannelRequest beds;
  beds.set_name("beds_for_all");
  beds.set_kind(v1::CHANNEL_KIND_BED_CALLS);
  beds.set_law_enforcement(true);
  beds.set_post_days(1);
  EXPECT_EQ(Say<v1::CreateChannelResponse>(office_, "ChannelService/CreateChannel", beds),
            "LAW_ENFORCEMENT_NOT_ALLOWED");
  beds.set_law_enforcement(false);
  EXPECT_EQ(Say<v1::CreateChannelResponse>(harbor_.admin, "ChannelService/CreateChannel", beds),
            "ROLE_NOT_ALLOWED");
}

TEST_P(ChannelsTest, WhoWritesWhere) {
  EXPECT_EQ(Post(harbor_.caseworker, "News for all", nullptr, kAnnouncements), "NOT_A_WRITER");
  EXPECT_EQ(Post(office_, "News for all", nullptr, kAnnouncements), "ok");
  EXPECT_EQ(Post(harbor_.caseworker, "A bed, please", nullptr, kBedCalls), "WRONG_CHANNEL_KIND");
  v1::Channel channel = Create("closing", v1::CHANNEL_KIND_PRACTICE, {}, false);
  v1::UpdateChannelRequest close;
  close.set_channel_id(channel.id());
  close.set_etag("v9");
  close.set_post_days(1);
  close.set_closed(true);
  EXPECT_EQ(Say<v1::UpdateChannelResponse>(office_, "ChannelService/UpdateChannel", close),
            "ETAG_MISMATCH");
  close.set_etag(channel.etag());
  EXPECT_EQ(Say<v1::UpdateChannelResponse>(office_, "ChannelService/UpdateChannel", close), "ok");
  EXPECT_EQ(Post(harbor_.caseworker, "Too late", nullptr, channel.id()), "CHANNEL_CLOSED");
}

TEST_P(ChannelsTest, PostsAreFoundByTheirWordsAndOnlyWhileTheyAreThere) {
  v1::Post first;
  v1::Post second;
  ASSERT_EQ(Post(harbor_.caseworker, "Listas de ESPERA: qué hacer con el albergue", &first), "ok");
  EXPECT_EQ(first.text(), "") << "the answer is kept for a repeat, and the text is not";
  ASSERT_EQ(Post(clinic_.caseworker, "Espera larga en la clínica", &second), "ok");
  EXPECT_EQ(Found(harbor_.caseworker, "espera clini"), std::vector<std::string>{second.id()});
  EXPECT_EQ(Found(harbor_.caseworker, "ALBERGUE que"), std::vector<std::string>{first.id()});
  EXPECT_TRUE(Found(harbor_.caseworker, "clini ").empty()) << "a whole word";
  v1::Post reply;
  ASSERT_EQ(Post(clinic_.caseworker, "Gracias por eso", &reply, kPractice, first.id()), "ok");
  EXPECT_EQ(Post(clinic_.caseworker, "Y otra", nullptr, kPractice, reply.id()), "REPLY_TO_REPLY");
  EXPECT_EQ(Found(harbor_.caseworker, "gracias eso "), std::vector<std::string>{reply.id()});
  v1::PinPostRequest pin;
  pin.set_post_id(first.id());
  pin.set_pinned(true);
  EXPECT_EQ(Say<v1::PinPostResponse>(harbor_.admin, "ChannelService/PinPost", pin),
            "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Say<v1::PinPostResponse>(office_, "ChannelService/PinPost", pin), "ok");
  v1::ListPostsRequest list;
  list.set_channel_id(kPractice);
  list.set_tag("waiting_lists");
  list.set_page_size(1);
  const auto page = Do<v1::ListPostsResponse>(clinic_.caseworker, "ChannelService/ListPosts", list);
  ASSERT_EQ(page.posts_size(), 1);
  EXPECT_EQ(page.posts(0).id(), first.id()) << "pinned comes first";
  EXPECT_EQ(page.posts(0).reply_count(), 1);
  list.set_page_token(page.next_page_token());
  EXPECT_EQ(
      Do<v1::ListPostsResponse>(clinic_.caseworker, "ChannelService/ListPosts", list).posts(0).id(),
      second.id());
  v1::DeletePostRequest remove;
  remove.set_post_id(first.id());
  EXPECT_EQ(Say<v1::DeletePostResponse>(clinic_.caseworker, "ChannelService/DeletePost", remove),
            "NOT_YOUR_POST");
  EXPECT_EQ(Say<v1::DeletePostResponse>(harbor_.caseworker, "ChannelService/DeletePost", remove),
            "ok");
  EXPECT_TRUE(Found(harbor_.caseworker, "albergue").empty());
  EXPECT_TRUE(Found(harbor_.caseworker, "gracias eso").empty()) << "with its replies";
}

TEST_P(ChannelsTest, WhatSeemsToNameAPersonIsAskedAboutOnce) {
  const std::string text = "Please call Maria Lopez at 512-555-0147, she was born on 03/04/1998.";
  EXPECT_EQ(Post(harbor_.caseworker, text), "POST_SEEMS_TO_IDENTIFY");
  EXPECT_TRUE(Found(harbor_.caseworker, "lopez").empty());
  EXPECT_EQ(Post(harbor_.caseworker, text, nullptr, kPractice, "", /*acknowledged=*/true), "ok");
  v1::SendAlertRequest alert;
  alert.set_urgency(v1::ALERT_URGENCY_URGENT);
  alert.set_title(text);
  EXPECT_EQ(Say<v1::SendAlertResponse>(harbor_.admin, "AlertService/SendAlert", alert),
            "POST_SEEMS_TO_IDENTIFY");
}

TEST_P(ChannelsTest, PostsExpireByTheirChannel) {
  const v1::Channel brief = Create("brief", v1::CHANNEL_KIND_PRACTICE, {}, false);
  v1::Post post;
  ASSERT_EQ(Post(harbor_.caseworker, "Gone tomorrow", &post, brief.id()), "ok");
  hub_->clock().Shift(kDay + kMinute);
  v1::GetPostRequest get;
  get.set_post_id(post.id());
  EXPECT_EQ(Say<v1::GetPostResponse>(harbor_.caseworker, "ChannelService/GetPost", get),
            "POST_NOT_FOUND")
      << "from that moment on, whenever it is erased";
}

TEST_P(ChannelsTest, ABedCallIsAnsweredAndTakenOnce) {
  const Agency shelter = Add("Shelter", auth::AgencyKind::kVictimServiceProvider);
  const v1::BedCall call = Open(harbor_);
  EXPECT_EQ(Answer(harbor_, call.id(), v1::BED_ANSWER_YES), "OWN_BED_CALL");
  EXPECT_EQ(Answer(clinic_, call.id(), v1::BED_ANSWER_YES, 0), "UNITS_REQUIRED");
  EXPECT_EQ(Answer(clinic_, call.id(), v1::BED_ANSWER_MAYBE), "ok");
  EXPECT_EQ(Answer(shelter, call.id(), v1::BED_ANSWER_NO, 0), "ok");
  EXPECT_EQ(Take(harbor_, call.id(), shelter), "NOT_ANSWERED_YES");
  EXPECT_EQ(Answer(shelter, call.id(), v1::BED_ANSWER_YES, 2), "ok") << "said anew";
  v1::BedCall seen = Look(harbor_, call.id());
  ASSERT_EQ(seen.answers_size(), 2);
  EXPECT_EQ(seen.answers(0).agency_id(), shelter.id) << "yes first";
  EXPECT_EQ(seen.answers(0).units(), 2);
  seen = Look(clinic_, call.id());
  ASSERT_EQ(seen.answers_size(), 1) << "nobody else's";
  EXPECT_EQ(seen.answers(0).agency_id(), clinic_.id);
  EXPECT_EQ(seen.yes_count(), 1);
  EXPECT_EQ(Take(clinic_, call.id(), shelter), "BED_CALL_NOT_FOUND") << "it does not ask";
  EXPECT_EQ(Take(harbor_, call.id(), shelter), "ok");
  EXPECT_EQ(Take(harbor_, call.id(), clinic_), "BED_CALL_NOT_OPEN");
  EXPECT_EQ(Answer(clinic_, call.id(), v1::BED_ANSWER_YES), "BED_CALL_NOT_OPEN");
  EXPECT_EQ(Look(harbor_, call.id()).taken_agency_id(), shelter.id);
  EXPECT_EQ(Look(shelter, call.id()).taken_agency_id(), shelter.id);
  EXPECT_EQ(Look(shelter, call.id()).referral_id(), "") << "the sender's own affair";
  EXPECT_EQ(Look(clinic_, call.id()).taken_agency_id(), "");
  EXPECT_EQ(Look(clinic_, call.id()).state(), v1::BED_CALL_STATE_TAKEN);
}

TEST_P(ChannelsTest, ABedCallClosesItselfWhenItsTimeIsOver) {
  const v1::BedCall call = Open(harbor_, 15);
  ASSERT_EQ(Answer(clinic_, call.id(), v1::BED_ANSWER_YES), "ok");
  hub_->clock().Shift(16 * kMinute);
  EXPECT_EQ(Take(harbor_, call.id(), clinic_), "BED_CALL_NOT_OPEN");
  EXPECT_EQ(Look(clinic_, call.id()).state(), v1::BED_CALL_STATE_LAPSED);
  const std::string open_etag = Look(clinic_, call.id()).etag();
  // Its clock has moved the record, too; once.
  EXPECT_TRUE(WaitUntil([&] { return Look(clinic_, call.id()).etag() == "v3"; })) << open_etag;
  v1::ListBedCallsRequest list;
  list.set_open_only(true);
  list.set_own_only(true);
  EXPECT_EQ(Do<v1::ListBedCallsResponse>(harbor_.caseworker, "BedCallService/ListBedCalls", list)
                .bed_calls_size(),
            0);
}

TEST_P(ChannelsTest, AnAlertWaitsForEveryAgencyAndTheClockTellsOnWhoDoesNot) {
  const Agency shelter = Add("Shelter", auth::AgencyKind::kVictimServiceProvider);
  v1::SendAlertRequest send;
  send.set_urgency(v1::ALERT_URGENCY_EMERGENCY);
  send.set_title("The emergency line is down tonight");
  EXPECT_EQ(Say<v1::SendAlertResponse>(harbor_.caseworker, "AlertService/SendAlert", send),
            "ROLE_NOT_ALLOWED");
  // Of agencies that are as new as these, messaging hears from the directory in a moment.
  std::string alert_id;
  const bool reached = WaitUntil(
      [&] {
        alert_id =
            Do<v1::SendAlertResponse>(harbor_.admin, "AlertService/SendAlert", send).alert().id();
        return StepAt(alert_id, clinic_) == v1::ALERT_STEP_SENT &&
               StepAt(alert_id, shelter) == v1::ALERT_STEP_SENT;
      },
      10'000, 1'500);
  ASSERT_TRUE(reached);
  EXPECT_EQ(StepAt(alert_id, harbor_), v1::ALERT_STEP_UNSPECIFIED) << "not to itself";
  v1::AcknowledgeAlertRequest acknowledge;
  acknowledge.set_alert_id(alert_id);
  EXPECT_EQ(Say<v1::AcknowledgeAlertResponse>(harbor_.admin, "AlertService/AcknowledgeAlert",
                                              acknowledge),
            "ALERT_NOT_FOUND");
  EXPECT_EQ(Say<v1::AcknowledgeAlertResponse>(clinic_.caseworker, "AlertService/AcknowledgeAlert",
                                              acknowledge),
            "ok");
  v1::GetAlertRequest get;
  get.set_alert_id(alert_id);
  EXPECT_EQ(Do<v1::GetAlertResponse>(harbor_.admin, "AlertService/GetAlert", get)
                .alert()
                .acknowledged_count(),
            1);
  const v1::Alert theirs =
      Do<v1::GetAlertResponse>(shelter.caseworker, "AlertService/GetAlert", get).alert();
  EXPECT_TRUE(theirs.waits_for_you());
  EXPECT_EQ(theirs.acknowledged_count(), 0) << "how others did is not told";
  const Agency sheriff = Add("Sheriff", auth::AgencyKind::kLawEnforcement);
  EXPECT_EQ(Say<v1::GetAlertResponse>(sheriff.caseworker, "AlertService/GetAlert", get),
            "ALERT_NOT_FOUND");
  hub_->clock().Shift(6 * kMinute);
  EXPECT_TRUE(WaitUntil([&] { return StepAt(alert_id, shelter) == v1::ALERT_STEP_REMINDED; }));
  hub_->clock().Shift(10 * kMinute);
  EXPECT_TRUE(
      WaitUntil([&] { return StepAt(alert_id, shelter) == v1::ALERT_STEP_ESCALATED_ADMIN; }));
  hub_->clock().Shift(15 * kMinute);
  EXPECT_TRUE(
      WaitUntil([&] { return StepAt(alert_id, shelter) == v1::ALERT_STEP_ESCALATED_COORDINATOR; }));
  EXPECT_EQ(StepAt(alert_id, clinic_), v1::ALERT_STEP_ACKNOWLEDGED);
}

}  // namespace
}  // namespace fairlead::testing
