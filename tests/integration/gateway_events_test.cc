// Server-sent events over real sockets, and how the gateway stops.
#include <gtest/gtest.h>

#include "tests/integration/gateway_fixture.h"

namespace fairlead::gateway {
namespace {

class EventStreamTest : public GatewayTest {
 protected:
  // Opens a stream and reads up to its `ready`.
  std::string Open(RawHttp& http, const std::string& headers) {
    http.Send("GET /events HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n");
    const RawAnswer head = http.Read();
    EXPECT_EQ(head.status, 200);
    if (head.status != 200) return "";
    EXPECT_EQ(head.headers.at("content-type"), "text/event-stream");
    EXPECT_EQ(head.headers.at("cache-control"), "no-store");
    const std::string text = http.ReadUntil("data: {}\n\n");
    EXPECT_NE(text.find("event: ready"), std::string::npos);
    const size_t at = text.rfind("id: ");
    return text.substr(at + 4, text.find('\n', at) - at - 4);
  }
};

TEST_F(EventStreamTest, DeliversToTheAudienceAndReplays) {
  Start();
  RawHttp anonymous = Connect();
  EXPECT_EQ(anonymous.Ask("GET", "/events").reason(), "SIGN_IN_REQUIRED");
  RawHttp mine = Connect();
  RawHttp other = Connect();
  const std::string bearer = Bearer();
  const std::string start = Open(mine, bearer);
  Open(other, Bearer(kToyOtherAgency));
  toys_.Publish("for-mine", {kToyAgency});
  toys_.Publish("for-other", {kToyOtherAgency});
  EXPECT_NE(mine.ReadUntil("for-mine\",").find("for-mine"), std::string::npos);
  const std::string seen = other.ReadUntil("for-other\",");
  EXPECT_NE(seen.find("for-other"), std::string::npos);
  EXPECT_EQ(seen.find("for-mine"), std::string::npos);

  const int looks = toys_.passive_checks();
  RawHttp again = Connect();
  again.Send("GET /events HTTP/1.1\r\nHost: a\r\n" + bearer + "Last-Event-ID: " + start +
             "\r\n\r\n");
  EXPECT_NE(again.ReadUntil("for-mine\",").find("for-mine"), std::string::npos);
  EXPECT_GT(toys_.passive_checks(), looks) << "to come back by itself is no use of the session";
  toys_.Gap();
  EXPECT_NE(again.ReadUntil("event: resync").find("event: resync"), std::string::npos);
  RawHttp late = Connect();
  late.Send("GET /events HTTP/1.1\r\nHost: a\r\n" + bearer + "Last-Event-ID: " + start +
            "\r\n\r\n");
  const std::string resync = late.ReadUntil("event: resync");
  EXPECT_NE(resync.find("event: resync"), std::string::npos);
  EXPECT_EQ(resync.find("for-mine"), std::string::npos);
}

TEST_F(EventStreamTest, BeatsAndEndsWithTheSession) {
  options_.limits.heartbeat_ms = 100;
  Start();
  const std::string token = toys_.NewToken();
  RawHttp http = Connect();
  Open(http, "Authorization: Bearer " + token + "\r\n");
  EXPECT_NE(http.ReadUntil(": heartbeat").find(": heartbeat"), std::string::npos);
  EXPECT_GT(toys_.passive_checks(), 0) << "a look, not a use";
  toys_.EndSession(token);
  EXPECT_NE(http.ReadUntil("event: session_ended").find("session_ended"), std::string::npos);
  EXPECT_NE(http.ReadUntil("0\r\n\r\n").find("0\r\n\r\n"), std::string::npos);
  EXPECT_TRUE(http.Closed());
}

TEST_F(EventStreamTest, EndsAtOnceOnSignOut) {
  Start();
  const std::string bearer = Bearer();
  RawHttp stream = Connect();
  Open(stream, bearer);
  RawHttp http = Connect();
  EXPECT_EQ(http.Call(kSignOut, "{}", bearer).status, 200);
  EXPECT_NE(stream.ReadUntil("session_ended", 3000).find("session_ended"), std::string::npos);
}

TEST_F(EventStreamTest, NoticesThatTheClientHasGone) {
  options_.max_streams_per_session = 2;
  Start();
  const std::string bearer = Bearer();
  auto first = std::make_unique<RawHttp>(gateway_->port());
  RawHttp second = Connect();
  Open(*first, bearer);
  Open(second, bearer);
  RawHttp third = Connect();
  EXPECT_EQ(third.Ask("GET", "/events", bearer).reason(), "TOO_MANY_STREAMS");
  first.reset();
  EXPECT_TRUE(WaitUntil([&] { return gateway_->event_streams() == 1; }))
      << "long before the next heartbeat";
  RawHttp fourth = Connect();
  Open(fourth, bearer);
}

// A reader that does not read costs no memory: the ring is the only buffer.
TEST_F(EventStreamTest, DropsAReaderThatDoesNotRead) {
  options_.limits.write_ms = 500;
  options_.event_ring = 64 * 1024;
  Start();
  RawHttp stuck = Connect();
  Open(stuck, Bearer());
  for (int i = 0; i < 60'000; ++i) toys_.Publish("event-number-" + std::to_string(i), {kToyAgency});
  EXPECT_TRUE(WaitUntil([&] { return gateway_->event_streams() == 0; }));
  RawHttp http = Connect();
  EXPECT_EQ(http.Ask("GET", "/healthz").status, 200);
}

TEST_F(EventStreamTest, DrainsInOrder) {
  Start();
  RawHttp idle = Connect();
  EXPECT_EQ(idle.Ask("GET", "/healthz").status, 200);
  RawHttp stream = Connect();
  Open(stream, Bearer());
  RawHttp busy = Connect();
  busy.Send(HangingCall());
  ASSERT_TRUE(WaitUntil([&] { return toys_.hanging() == 1; }));
  const int port = gateway_->port();
  std::thread shutdown([&] { gateway_->Shutdown(10'000); });
  EXPECT_TRUE(idle.Closed());
  EXPECT_NE(stream.ReadUntil("0\r\n\r\n").find("0\r\n\r\n"), std::string::npos);
  EXPECT_TRUE(WaitUntil([&] { return !RawHttp(port).connected(); }));
  toys_.ReleaseHanging();
  const RawAnswer answer = busy.Read();
  EXPECT_EQ(answer.status, 200) << "what was under way is answered";
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(busy.Closed()) << "and then nothing more is taken on it";
  shutdown.join();
}

}  // namespace
}  // namespace fairlead::gateway
