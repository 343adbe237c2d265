// The limits over real sockets: who is refused, how, and who is not. Counted, never timed: the
// rates are so slow that a test sees hardly more than the burst.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "tests/integration/gateway_fixture.h"

namespace fairlead::gateway {
namespace {

using testing::kToyStaff;

constexpr const char* kSignInBody =
    R"({"signInName":"ana","passphrase":"a long enough passphrase"})";
constexpr const char* kLineOneBody =
    R"({"signInName":"line.one","passphrase":"a long enough passphrase"})";

class GatewayLimitsTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    // The test is the front proxy: it may say for whom it asks.
    options_.trusted_proxies = *TrustedProxies::Parse("127.0.0.1");
  }
  static std::string Token(const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
  }
  static std::string From(const std::string& ip) { return "X-Forwarded-For: " + ip + "\r\n"; }
  static std::string TokenIn(const RawAnswer& signed_in) {
    const size_t at = signed_in.body.find(R"("sessionToken":")") + 16;
    return signed_in.body.substr(at, signed_in.body.find('"', at) - at);
  }
  // How many of `calls` are answered; every other must be refused as it should.
  int Answered(int calls, const std::string& headers, const std::string& limit) {
    RawHttp http = Connect();
    // A GET: after a refused POST, whose body stays unread, the connection ends.
    std::string target = kKeys;
    target += "?encoding=json&message=%7B%7D";
    int answered = 0;
    for (int i = 0; i < calls; ++i) {
      const RawAnswer answer = http.Ask("GET", target, headers);
      if (answer.status == 429) {
        EXPECT_EQ(answer.reason(), "RATE_LIMITED");
        EXPECT_NE(answer.body.find("\"limit\":\"" + limit + "\""), std::string::npos)
            << answer.body;
        EXPECT_GE(std::stoi(answer.headers.at("retry-after")), 1);
      } else {
        ++answered;
      }
    }
    return answered;
  }
};

TEST_F(GatewayLimitsTest, ARefusalIsConnectsAndSaysWhenToComeAgain) {
  options_.rates.person = {.per_s = 1, .burst = 1};
  Start();
  const std::string mine = Token(toys_.NewToken());
  const auto get_me = [&] { return Connect().Call(kGetMe, "{}", mine); };
  EXPECT_EQ(get_me().status, 200);
  RawAnswer refused = get_me();
  for (int i = 0; refused.status == 200 && i < 100; ++i) refused = get_me();  // a slow machine
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_EQ(refused.headers.at("content-type"), "application/json");
  EXPECT_TRUE(refused.body.starts_with(R"({"code":"resource_exhausted",)")) << refused.body;
  EXPECT_NE(refused.body.find(R"("retry_after_s":"1")"), std::string::npos) << refused.body;
  EXPECT_TRUE(WaitUntil([&] { return get_me().status == 200; })) << "and then there is a turn";
}

TEST_F(GatewayLimitsTest, AFloodOfOneAddressAndPersonKeepsNobodyElseWaiting) {
  options_.rates = {.network = {.per_s = 1, .burst = 200},
                    .sign_in = {.per_s = 1, .burst = 20},
                    .agency = {.per_s = 1, .burst = 90},
                    .person = {.per_s = 1, .burst = 50}};
  Start();
  const std::string office = From("203.0.113.7");
  const std::string ana = Token(toys_.NewToken(kToyAgency));
  const std::string ben = Token(toys_.NewToken(kToyAgency, "0190f000-0000-7000-8000-0000000000b2"));
  const std::string cam =
      Token(toys_.NewToken(kToyOtherAgency, "0190f000-0000-7000-8000-0000000000b3"));
  const std::string line =
      Token(toys_.NewToken(kToyAgency, "0190f000-0000-7000-8000-0000000000b4", /*hotline=*/true));
  constexpr int kSlow = 20;  // what the rate adds while a slow machine tests

  EXPECT_EQ(Answered(5, office + line, ""), 5);
  const int anas = Answered(150, office + ana, "person");
  EXPECT_GE(anas, 50);
  EXPECT_LE(anas, 50 + kSlow);
  EXPECT_EQ(Answered(30, office + ben, ""), 30) << "a colleague behind the same address";
  EXPECT_EQ(Answered(30, From("198.51.100.2") + cam, ""), 30);
  // Now the address: unknown tokens, so that no person's limit stops them.
  const int checks = toys_.session_checks();
  const int floods = Answered(300, office + Token("nobody"), "network");
  EXPECT_LE(floods, 200 - 5 - 150 - 30 + kSlow);
  EXPECT_LE(toys_.session_checks() - checks, floods) << "who is refused costs no look-up";
  EXPECT_EQ(Answered(10, From("198.51.100.2") + cam, ""), 10) << "another address";
  EXPECT_EQ(Answered(40, office + line, ""), 40) << "the hotline behind the same address";
  RawHttp http = Connect();
  EXPECT_EQ(http.Call(kSignIn, kSignInBody, office).status, 200) << "and whoever signs in";

  const std::string dee = Token(toys_.NewToken(kToyAgency, "0190f000-0000-7000-8000-0000000000b5"));
  EXPECT_LE(Answered(40, From("198.51.100.9") + dee, "agency"), 90 - 50 - 30 + kSlow);
  EXPECT_EQ(Answered(4, office + line, ""), 4) << "the hotline of a flooded agency";
}

TEST_F(GatewayLimitsTest, TheLaneIsOpenFromTheSignIn) {
  options_.rates.network = {.per_s = 1, .burst = 3};
  Start();
  const std::string office = From("203.0.113.7");
  EXPECT_LE(Answered(100, office + Token("nobody"), "network"), 20);
  RawHttp http = Connect();
  const std::string line = TokenIn(http.Call(kSignIn, kLineOneBody, office));
  const std::string ana = TokenIn(http.Call(kSignIn, kSignInBody, office));
  EXPECT_EQ(Answered(30, office + Token(line), ""), 30);
  EXPECT_LE(Answered(30, office + Token(ana), "network"), 10);
  toys_.EndSession(line);
  EXPECT_EQ(Answered(1, office + Token(line), ""), 1) << "is told that the session has ended";
  EXPECT_LE(Answered(30, office + Token(line), "network"), 10) << "and the lane with it";
}

TEST_F(GatewayLimitsTest, EventStreamsCountLikeCalls) {
  options_.rates.person = {.per_s = 1, .burst = 2};
  Start();
  const std::string mine = Token(toys_.NewToken());
  EXPECT_GE(Answered(60, mine, "person"), 2);
  const RawAnswer refused = Connect().Ask("GET", "/events", mine);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.reason(), "RATE_LIMITED");
}

TEST_F(GatewayLimitsTest, SignInsOfOneAddressHaveAShareOfTheirOwn) {
  options_.rates.sign_in = {.per_s = 1, .burst = 3};
  Start();
  const auto statuses = [&](const std::string& from) {
    std::map<int, int> counts;
    for (int i = 0; i < 30; ++i) ++counts[Connect().Call(kSignIn, kSignInBody, from).status];
    return counts;
  };
  std::map<int, int> office = statuses(From("2001:db8:0:1::1"));
  EXPECT_GE(office[200], 3);
  EXPECT_GE(office[429], 10);
  EXPECT_GE(statuses(From("2001:db8:0:1:ffff::3"))[429], 10) << "the same /64";
  EXPECT_EQ(Connect().Call(kSignIn, kSignInBody, From("2001:db8:0:2::1")).status, 200);
}

// What services are told is where the connection comes from, and nothing that a caller wrote.
TEST_F(GatewayLimitsTest, ACallerCannotSayFromWhere) {
  options_.trusted_proxies = *TrustedProxies::Parse("192.0.2.1");
  Start();
  const std::string lies =
      "X-Forwarded-For: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\nX-Real-IP: 203.0.113.7\r\n"
      "Fairlead-Actor: x\r\nFairlead-Network: 203.0.113.7\r\n";
  EXPECT_EQ(Connect().Call(kSignIn, kSignInBody, lies).status, 200);
  EXPECT_EQ(toys_.last_network(), "127.0.0.1");
}

TEST_F(GatewayLimitsTest, AProxyIsBelievedInItsLastWord) {
  Start();
  const std::string hops = From("1.2.3.4") + From("5.6.7.8, 203.0.113.7");
  EXPECT_EQ(Connect().Call(kSignIn, kSignInBody, hops).status, 200);
  EXPECT_EQ(toys_.last_network(), "203.0.113.7");
  EXPECT_EQ(Connect().Call(kSignIn, kSignInBody).status, 200);
  EXPECT_EQ(toys_.last_network(), "127.0.0.1") << "a proxy that says nothing asks for itself";
}

// The loopback is an address like any other, so that a proxy that was not named is not unlimited.
TEST_F(GatewayLimitsTest, TheLoopbackIsNoException) {
  options_.trusted_proxies = {};
  options_.rates.network = {.per_s = 1, .burst = 3};
  options_.limits.max_connections_per_client = 2;
  Start();
  EXPECT_LE(Answered(60, "", "network"), 20);
  EXPECT_TRUE(WaitUntil([&] { return gateway_->connections() == 0; }));
  RawHttp one = Connect();
  RawHttp two = Connect();
  EXPECT_TRUE(WaitUntil([&] { return gateway_->connections() == 2; }));
  EXPECT_EQ(Connect().Ask("GET", "/healthz").reason(), "TOO_MANY_CONNECTIONS");
}

// Four addresses could otherwise hold every place for nothing.
TEST_F(GatewayLimitsTest, WhenAllPlacesAreTakenTheBusiestClientsLongestWaitingGivesWay) {
  options_.trusted_proxies = {};
  options_.limits.max_connections = 6;
  Start();
  const auto open = [&](const std::string& ip) {
    auto http = std::make_unique<RawHttp>(gateway_->port(), ip);
    EXPECT_EQ(http->Ask("GET", "/healthz").status, 200) << ip;
    return http;
  };
  const auto others = open("127.0.0.3");  // the longest of all, but one of one
  std::vector<std::unique_ptr<RawHttp>> crowd;
  for (int i = 0; i < 5; ++i) {
    const int64_t before_ms = SystemClock().SteadyMs();
    crowd.push_back(open("127.0.0.2"));
    // So that their order is known.
    ASSERT_TRUE(WaitUntil([&] { return SystemClock().SteadyMs() > before_ms + 1; }));
  }
  ASSERT_TRUE(crowd[1]->Send("GET /healthz HTTP/1.1\r\nHost"));  // half a head asks nothing
  const auto first = open("127.0.0.4");
  EXPECT_TRUE(crowd[0]->Closed());
  const auto second = open("127.0.0.5");
  EXPECT_TRUE(crowd[1]->Closed());
  EXPECT_EQ(others->Ask("GET", "/healthz").status, 200);
  EXPECT_EQ(first->Ask("GET", "/healthz").status, 200);
  for (size_t i = 2; i < crowd.size(); ++i) {
    EXPECT_EQ(crowd[i]->Ask("GET", "/healthz").status, 200) << i;
  }
  EXPECT_TRUE(WaitUntil([&] { return gateway_->connections() == 6; }));
}

TEST_F(GatewayLimitsTest, TheHotlineKeepsItsPlaces) {
  options_.trusted_proxies = {};
  options_.limits.max_connections = 16;  // two of them kept
  Start();
  const std::string line =
      Token(toys_.NewToken(kToyAgency, "0190f000-0000-7000-8000-0000000000b4", /*hotline=*/true));
  RawHttp operators(gateway_->port(), "127.0.0.5");
  EXPECT_EQ(operators.Call(kGetMe, "{}", line).status, 200);
  std::vector<std::unique_ptr<RawHttp>> crowd;
  for (int i = 0; i < 14; ++i) {
    crowd.push_back(std::make_unique<RawHttp>(gateway_->port(), "127.0.0.2"));
    ASSERT_TRUE(crowd.back()->Send(HangingCall()));
  }
  ASSERT_TRUE(WaitUntil([&] { return toys_.hanging() == 14; }));
  RawHttp anybody(gateway_->port(), "127.0.0.3");
  EXPECT_EQ(anybody.Ask("GET", "/healthz").reason(), "TOO_MANY_CONNECTIONS");
  EXPECT_TRUE(anybody.Closed());
  EXPECT_EQ(operators.Call(kGetMe, "{}", line).status, 200) << "it has not given way";
  RawHttp another(gateway_->port(), "127.0.0.5");
  EXPECT_EQ(another.Call(kGetMe, "{}", line).status, 200) << "nor are its colleagues kept out";
  toys_.ReleaseHanging();
}

TEST_F(GatewayLimitsTest, EventStreamsLeaveRoomForCalls) {
  options_.trusted_proxies = {};
  options_.limits.max_connections = 4;
  Start();
  const std::string mine = Token(toys_.NewToken());
  RawHttp one = Connect();
  RawHttp two = Connect();
  for (RawHttp* http : {&one, &two}) {
    ASSERT_TRUE(http->Send("GET /events HTTP/1.1\r\nHost: a\r\n" + mine + "\r\n"));
    ASSERT_EQ(http->Read(true).status, 200);
  }
  EXPECT_EQ(Connect().Ask("GET", "/events", mine).status, 429);
  EXPECT_EQ(Connect().Call(kGetMe, "{}", mine).status, 200);
}

TEST_F(GatewayLimitsTest, AProxyMayHaveAllTheConnectionsThatThereAre) {
  options_.limits.max_connections_per_client = 2;
  Start();
  std::vector<std::unique_ptr<RawHttp>> open;
  for (int i = 0; i < 10; ++i) {
    open.push_back(std::make_unique<RawHttp>(gateway_->port()));
    EXPECT_EQ(open.back()->Ask("GET", "/healthz").status, 200) << i;
  }
}

}  // namespace
}  // namespace fairlead::gateway
