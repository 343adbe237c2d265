// referral watch, up to the end of its session and beyond.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/home.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/clock.h"
#include "services/common/base/strict_json.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReady[] = "event: ready\nid: e-0\ndata: {}\n\n";
constexpr char kEnded[] = "event: session_ended\ndata: \n\n";

std::string Event(const std::string& id) {
  return "id: " + id +
         "\ndata: {\"type\":\"fairlead.referral.sent.v1\",\"time\":\"2026-01-31T09:05:00.250Z\","
         "\"data\":{\"change\":\"sent\"}}\n\n";
}

std::string AskedToDestroy(const std::string& recipient) {
  return "id: d-1\ndata: {\"type\":\"fairlead.consent.destruction_requested.v1\","
         "\"time\":\"2026-01-31T09:05:00.250Z\",\"data\":{\"noticeId\":"
         "\"0190f000-0000-7000-8000-0000000000d1\","
         "\"change\":\"requested\",\"recipientAgencyId\":\"" +
         recipient + "\"}}\n\n";
}

class WatchTest : public CliTest {
 protected:
  // What /events says to one connection after the other; the last again and again.
  void Streams(const std::vector<std::string>& bodies) {
    hub_.OnCall("/events", [this, bodies](const FakeRequest&) {
      const size_t at = std::min(connections_++, bodies.size() - 1);
      return FakeAnswer{
          .content_type = "text/event-stream", .body = bodies[at], .extra_headers = {}};
    });
  }
  void SignInEndsIn(int64_t seconds) {
    identity::v1::GetMeResponse me;
    const int64_t now_s = SystemClock().NowMs() / 1000;
    me.mutable_session()->mutable_idle_expire_time()->set_seconds(now_s + seconds);
    me.mutable_session()->mutable_expire_time()->set_seconds(now_s + 12 * 3600);
    hub_.Answer(kGetMe, me);
  }
  FakeRequest LastStream() {
    FakeRequest last;
    for (const FakeRequest& each : hub_.requests()) {
      if (each.path == "/events") last = each;
    }
    return last;
  }
  void NextSignInGives(const std::string& token) {
    identity::v1::SignInResponse response;
    response.set_session_token(token);
    response.mutable_staff()->set_agency_id(kOwnAgency);
    hub_.Answer(kSignIn, response);
  }

  std::atomic<size_t> connections_ = 0;
};

TEST_F(WatchTest, WatchPrintsEachEventAndEndsAfterTheCount) {
  SignIn();
  const std::string stream =
      "event: ready\nid: e-0\ndata: {}\n\n: heartbeat\n\n"
      "id: e-1\ndata: {\"type\":\"fairlead.directory.changed.v1\",\"subject\":\"x\"}\n\n"
      "id: e-2\ndata: {\"type\":\"fairlead.referral.sent.v1\",\"subject\":\"r\",\n"
      "data: \"time\":\"2026-01-31T09:05:00.250Z\",\"data\":{\"referralId\":\"r\","
      "\"change\":\"sent\"}}\n\n";
  hub_.OnCall("/events", [stream](const FakeRequest&) {
    return FakeAnswer{.content_type = "text/event-stream", .body = stream, .extra_headers = {}};
  });
  EXPECT_EQ(Cli({"referral", "watch", "--json", "--count", "1"}), kExitOk) << err;
  const auto value = ParseStrictJson(out, 10'000, 8);
  ASSERT_TRUE(value) << out;
  EXPECT_EQ(value->at("type").as_string(), "fairlead.referral.sent.v1");
  EXPECT_TRUE(value->at("receivedTime").is_string());
  // Cut off before the count: it comes back where it stopped.
  EXPECT_EQ(Cli({"referral", "watch", "--json", "--count", "2"}), kExitOk) << err;
  EXPECT_EQ(hub_.requests().back().headers.at("last-event-id"), "e-2");
  hub_.OnCall("/events", [](const FakeRequest&) {
    return Refusal(401, {Code::kUnauthenticated, "SESSION_INVALID", "Sign in.", {}});
  });
  EXPECT_EQ(Cli({"referral", "watch"}), kExitNotAllowed);
}

TEST_F(WatchTest, AClockThatRunsIsALine) {
  SignIn();
  std::string event = Event("e-1");
  for (size_t at = event.find("sent"); at != std::string::npos; at = event.find("sent")) {
    event.replace(at, 4, "escalated_coordinator");
  }
  Streams({kReady + event});
  EXPECT_EQ(Cli({"referral", "watch", "--count", "1"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("escalated_coordinator"));
}

TEST_F(WatchTest, BrokenGlassIsALineWithTheWordForTheColleague) {
  SignIn();
  const std::string id = "0190f000-0000-7000-8000-0000000000b1";
  const auto glass = [&](const std::string& change) {
    return "id: g-" + change + "\ndata: {\"type\":\"fairlead.consent.break_glass_" + change +
           ".v1\",\"subject\":\"r\",\"data\":{\"breakGlassId\":\"" + id +
           "\",\"referralId\":\"0190f000-0000-7000-8000-0000000000e1\",\"agencyId\":\"" +
           kOwnAgency + "\",\"change\":\"" + change +
           "\",\"reasonCode\":\"child_in_danger\"}}\n\n";
  };
  Streams({std::string(kReady) + glass("requested") + glass("approved")});
  EXPECT_EQ(Cli({"referral", "watch", "--count", "2"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("break_glass requested"));
  EXPECT_THAT(out, HasSubstr("whoever did not ask runs fairlead breakglass approve " + id));
  EXPECT_THAT(out, HasSubstr("break_glass approved"));
  EXPECT_THAT(out, HasSubstr("child_in_danger"));
}

TEST_F(WatchTest, ARequestToDestroyIsShownToWhoeverIsAsked) {
  SignIn();
  Streams({std::string(kReady) + AskedToDestroy(kOtherAgency) + AskedToDestroy(kOwnAgency)});
  EXPECT_EQ(Cli({"referral", "watch", "--count", "1"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("release destroyed 0190f000-0000-7000-8000-0000000000d1"));
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
}

TEST_F(WatchTest, ItsEndIsToldBeforehandAndNothingEndsSilently) {
  SignIn();
  SignInEndsIn(15 * 60);
  Streams({std::string(kReady) + Event("e-1") + kEnded});
  EXPECT_EQ(Cli({"referral", "watch"}), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("Left alone, the session ends in 15 min"));
  EXPECT_THAT(err, HasSubstr("such as fairlead whoami"));
  EXPECT_THAT(err, HasSubstr("nothing is watched any more"));
  EXPECT_THAT(out, HasSubstr("sent"));
  EXPECT_THAT(out, Not(HasSubstr("\a"))) << "a file does not ring";
  EXPECT_EQ(connections_, 1U);
}

TEST_F(WatchTest, OnATerminalASignInTakesItUpWhereItStopped) {
  SignIn();
  NextSignInGives("the-second-token");
  in_is_terminal_ = out_is_terminal_ = true;
  Streams({std::string(kReady) + Event("e-1") + kEnded, kReady + Event("e-2")});
  EXPECT_EQ(Cli({"referral", "watch", "--count", "2"}, "four plain words here\n287082\n"), kExitOk)
      << err;
  EXPECT_THAT(err, HasSubstr("NOTHING IS WATCHED until you sign in again as ana"));
  EXPECT_EQ(LastStream().headers.at("last-event-id"), "e-1");
  EXPECT_EQ(LastStream().headers.at("authorization"), "Bearer the-second-token");
  EXPECT_EQ(std::count(out.begin(), out.end(), '\a'), 3) << "two arrivals and the end";
  // Nobody answers.
  Streams({std::string(kReady) + kEnded});
  EXPECT_EQ(Cli({"referral", "watch"}), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("nothing is watched any more"));
}

TEST_F(WatchTest, AWrongCodeAtTheEndIsAskedForAgain) {
  SignIn();
  in_is_terminal_ = true;
  hub_.OnCall(kSignIn, [this](const FakeRequest&) {
    NextSignInGives("the-second-token");
    return Refusal(401, {Code::kUnauthenticated, "SIGN_IN_FAILED", "Not accepted.", {}});
  });
  Streams({std::string(kReady) + kEnded, kReady + Event("e-2")});
  EXPECT_EQ(Cli({"referral", "watch", "--count", "1"},
                "four plain words here\n287082\nfour plain words here\n287083\n"),
            kExitOk)
      << err;
}

TEST_F(WatchTest, ASignInFromAnotherWindowCarriesItOn) {
  SignIn();
  hub_.OnCall("/events", [this](const FakeRequest& request) {
    const bool first = connections_++ == 0;
    if (first) {
      Home home(folder_.File("home"), "default");
      SavedSession session = **home.LoadSession(hub_.url());
      EXPECT_EQ(request.headers.at("authorization"), "Bearer " + session.token);
      session.token = "of-another-window";
      EXPECT_TRUE(home.SaveSession(session));
    }
    return FakeAnswer{.content_type = "text/event-stream",
                      .body = kReady + (first ? std::string(kEnded) : Event("e-3")),
                      .extra_headers = {}};
  });
  EXPECT_EQ(Cli({"referral", "watch", "--count", "1"}), kExitOk) << err;
  EXPECT_EQ(LastStream().headers.at("authorization"), "Bearer of-another-window");
}

TEST_F(WatchTest, ALimitOfTimeIsNamedByItsFlag) {
  SignIn();
  Streams({kReady});
  EXPECT_EQ(Cli({"referral", "watch", "--count", "2", "--for", "1"}), kExitUnavailable);
  EXPECT_THAT(err, HasSubstr("1 seconds of --for only 0 of the 2 events of --count"));
}

}  // namespace
}  // namespace fairlead::cli
