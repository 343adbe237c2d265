// channel … and alert …: in clear, so the guard stands before them.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <fstream>

#include "fairlead/messaging/v1/alert.pb.h"
#include "fairlead/messaging/v1/channel.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

namespace v1 = messaging::v1;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPractice[] = "01890a5d-ac96-774b-bcce-b302099a8021";
constexpr char kPost[] = "01890a5d-ac96-774b-bcce-b302099a8022";
constexpr char kAlert[] = "01890a5d-ac96-774b-bcce-b302099a8023";
constexpr char kSaysWho[] = "A cot\n\nMaria Lopez, born 3/14/1998, needs a cot.";

class ChannelVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    v1::ListChannelsResponse channels;
    v1::Channel* channel = channels.add_channels();
    channel->set_id(kPractice);
    channel->set_name("practice");
    channel->set_kind(v1::CHANNEL_KIND_PRACTICE);
    channel->set_writable(true);
    hub_.Answer(kListChannels, channels);
    hub_.OnCall(kCreatePost, [this](const FakeRequest& request) {
      EXPECT_TRUE(posted_.ParseFromString(request.body));
      v1::CreatePostResponse response;
      response.mutable_post()->set_id(kPost);
      return Protobuf(response);
    });
    hub_.OnCall(kSendAlert, [this](const FakeRequest& request) {
      EXPECT_TRUE(alerted_.ParseFromString(request.body));
      v1::SendAlertResponse response;
      response.mutable_alert()->set_id(kAlert);
      return Protobuf(response);
    });
  }

  v1::CreatePostRequest posted_;
  v1::SendAlertRequest alerted_;
};

TEST_F(ChannelVerbsTest, PostsATitleATextAndTags) {
  std::ofstream(folder_.File("post")) << "Cots\n\nWe have two.\n\nAsk at the desk.\n";
  EXPECT_EQ(Cli({"channel", "post", "practice", "--file", folder_.File("post"), "--tag",
                 "furniture,children"}),
            kExitOk)
      << err;
  EXPECT_EQ(posted_.channel_id(), kPractice);
  EXPECT_EQ(posted_.title(), "Cots");
  EXPECT_EQ(posted_.text(), "We have two.\n\nAsk at the desk.");
  EXPECT_EQ(posted_.tags_size(), 2);
  EXPECT_FALSE(posted_.acknowledged_guard());
  EXPECT_EQ(Cli({"channel", "post", "practice", "--stdin"}, "One line.\nAnd another.\n\nMore."),
            kExitOk)
      << err;
  EXPECT_EQ(posted_.title(), "");
  EXPECT_EQ(posted_.text(), "One line.\nAnd another.\n\nMore.");
  EXPECT_EQ(Cli({"channel", "post", "practice", "--reply-to", kPost, "--stdin"}, "Yes\n\nwe do"),
            kExitOk)
      << err;
  EXPECT_EQ(posted_.title(), "") << "a reply has none";
  EXPECT_EQ(posted_.text(), "Yes\n\nwe do");
  EXPECT_EQ(Cli({"channel", "post", "nowhere", "--stdin"}, "x"), kExitNotFound);
}

TEST_F(ChannelVerbsTest, WhatNamesAPersonIsShownAndAskedAboutOnce) {
  std::ofstream(folder_.File("post")) << kSaysWho;
  in_is_terminal_ = true;
  const std::vector<std::string> post = {"channel", "post", "practice", "--file",
                                         folder_.File("post")};
  EXPECT_NE(Cli(post, "n\n"), kExitOk);
  EXPECT_THAT(err, HasSubstr("This seems to name a person"));
  EXPECT_THAT(err, HasSubstr("Maria Lopez"));
  EXPECT_THAT(err, HasSubstr("Send anyway?"));
  EXPECT_TRUE(posted_.text().empty());
  EXPECT_EQ(Cli(post, "y\n"), kExitOk) << err;
  EXPECT_TRUE(posted_.acknowledged_guard());
}

TEST_F(ChannelVerbsTest, AScriptSaysSoByAFlagOfItsOwn) {
  for (const bool json : {false, true}) {
    std::vector<std::string> post = {"channel", "post", "practice", "--stdin"};
    if (json) post.push_back("--json");
    EXPECT_EQ(Cli(post, kSaysWho), kExitFailed);
    EXPECT_THAT(err, HasSubstr("POST_SEEMS_TO_IDENTIFY"));
    EXPECT_THAT(err, HasSubstr("name_and_date"));
    EXPECT_THAT(err, HasSubstr("--names-nobody"));
    EXPECT_EQ(err.find("Lopez") == std::string::npos, json) << "an error is often logged";
  }
  EXPECT_EQ(Cli({"channel", "post", "practice", "--stdin", "--yes"}, kSaysWho), kExitUsage);
  EXPECT_TRUE(posted_.text().empty());
  EXPECT_EQ(Cli({"channel", "post", "practice", "--stdin", "--names-nobody"}, kSaysWho), kExitOk)
      << err;
  EXPECT_TRUE(posted_.acknowledged_guard());
}

TEST_F(ChannelVerbsTest, PostsAreShownWithoutSteeringTheTerminal) {
  v1::ListPostsResponse posts;
  v1::Post* post = posts.add_posts();
  post->set_id(kPost);
  post->set_title("Cots");
  post->set_text("Two\x1b[31m cots\nat the desk");
  post->set_pinned(true);
  post->add_tags("furniture");
  v1::ListPostsRequest asked;
  hub_.OnCall(kListPosts, [&](const FakeRequest& request) {
    EXPECT_TRUE(asked.ParseFromString(request.body));
    return Protobuf(posts);
  });
  EXPECT_EQ(Cli({"channel", "view", "practice", "--tag", "furniture", "--count", "5"}), kExitOk)
      << err;
  EXPECT_EQ(asked.channel_id(), kPractice);
  EXPECT_EQ(asked.tag(), "furniture");
  EXPECT_EQ(asked.page_size(), 5);
  EXPECT_THAT(out, HasSubstr("cots\nat the desk"));
  EXPECT_THAT(out, HasSubstr("pinned"));
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  EXPECT_EQ(Cli({"channel", "view", "practice", "--replies", "@last", "--json"}), kExitOk) << err;
  EXPECT_EQ(asked.reply_to_post_id(), kPost);
  EXPECT_EQ(boost::json::parse(out).as_object().at("posts").as_array().size(), 1u);
}

TEST_F(ChannelVerbsTest, SearchPinAndDelete) {
  v1::SearchPostsRequest searched;
  hub_.OnCall(kSearchPosts, [&](const FakeRequest& request) {
    EXPECT_TRUE(searched.ParseFromString(request.body));
    return Protobuf(v1::SearchPostsResponse());
  });
  EXPECT_EQ(Cli({"channel", "search", "two cots", "--channel", "practice"}), kExitOk) << err;
  EXPECT_EQ(searched.query(), "two cots");
  EXPECT_EQ(searched.channel_id(), kPractice);
  v1::PinPostRequest pinned;
  hub_.OnCall(kPinPost, [&](const FakeRequest& request) {
    EXPECT_TRUE(pinned.ParseFromString(request.body));
    return Protobuf(v1::PinPostResponse());
  });
  EXPECT_EQ(Cli({"channel", "pin", kPost}), kExitOk) << err;
  EXPECT_TRUE(pinned.pinned());
  EXPECT_EQ(Cli({"channel", "pin", kPost, "--off"}), kExitOk) << err;
  EXPECT_FALSE(pinned.pinned());
  hub_.Answer(kDeletePost, v1::DeletePostResponse());
  EXPECT_EQ(Cli({"channel", "delete", kPost}), kExitUsage);
  EXPECT_EQ(Cli({"channel", "delete", kPost, "--yes"}), kExitOk) << err;
}

TEST_F(ChannelVerbsTest, AnAlertHasATitleAndTheGuardBeforeIt) {
  EXPECT_EQ(Cli({"alert", "send", "--stdin", "--urgency", "emergency"},
                "The hotline is down\nUse the second number."),
            kExitOk)
      << err;
  EXPECT_EQ(alerted_.title(), "The hotline is down");
  EXPECT_EQ(alerted_.text(), "Use the second number.");
  EXPECT_EQ(alerted_.urgency(), v1::ALERT_URGENCY_EMERGENCY);
  alerted_.Clear();
  EXPECT_EQ(Cli({"alert", "send", "--stdin"}, kSaysWho), kExitFailed);
  EXPECT_THAT(err, HasSubstr("POST_SEEMS_TO_IDENTIFY"));
  EXPECT_TRUE(alerted_.title().empty());
  EXPECT_EQ(Cli({"alert", "send", "--stdin"}, std::string(300, 'x')), kExitUsage);
}

TEST_F(ChannelVerbsTest, AlertsThatWaitAreAcknowledged) {
  v1::ListAlertsResponse alerts;
  v1::Alert* alert = alerts.add_alerts();
  alert->set_id(kAlert);
  alert->set_agency_id(kOtherAgency);
  alert->set_title("The hotline is down");
  alert->set_waits_for_you(true);
  hub_.Answer(kListAlerts, alerts);
  EXPECT_EQ(Cli({"alert", "list", "--waiting"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("waits"));
  EXPECT_THAT(err, HasSubstr(std::string("alert show ") + kAlert));
  v1::GetAlertResponse shown;
  *shown.mutable_alert() = *alert;
  hub_.Answer(kGetAlert, shown);
  EXPECT_EQ(Cli({"alert", "show", "@last"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr(std::string("alert ack ") + kAlert));
  v1::AcknowledgeAlertRequest acknowledged;
  hub_.OnCall(kAcknowledgeAlert, [&](const FakeRequest& request) {
    EXPECT_TRUE(acknowledged.ParseFromString(request.body));
    return Protobuf(v1::AcknowledgeAlertResponse());
  });
  EXPECT_EQ(Cli({"alert", "ack", "@last"}), kExitOk) << err;
  EXPECT_EQ(acknowledged.alert_id(), kAlert);
}

TEST_F(ChannelVerbsTest, TheSenderSeesWhomAnAlertWaitsFor) {
  v1::GetAlertResponse shown;
  shown.mutable_alert()->set_id(kAlert);
  shown.mutable_alert()->set_agency_count(2);
  shown.mutable_alert()->set_acknowledged_count(1);
  hub_.Answer(kGetAlert, shown);
  v1::ListAlertAgenciesResponse agencies;
  v1::AlertAgency* done = agencies.add_agencies();
  done->set_agency_id(kOwnAgency);
  done->set_step(v1::ALERT_STEP_ACKNOWLEDGED);
  v1::AlertAgency* waits = agencies.add_agencies();
  waits->set_agency_id(kOtherAgency);
  waits->set_step(v1::ALERT_STEP_REMINDED);
  hub_.Answer(kListAlertAgencies, agencies);
  EXPECT_EQ(Cli({"alert", "show", kAlert}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("1 of 2"));
  EXPECT_THAT(out, HasSubstr("reminded"));
  EXPECT_THAT(out, Not(HasSubstr("  acknowledged")));
}

}  // namespace
}  // namespace fairlead::cli
