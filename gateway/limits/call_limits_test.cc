#include "gateway/limits/call_limits.h"

#include <gtest/gtest.h>
#include <malloc.h>

namespace fairlead::gateway {
namespace {

constexpr const char* kOffice = "203.0.113.7";

auth::Actor Person(const std::string& id, const std::string& agency,
                   auth::Role role = auth::Role::kCaseworker) {
  auth::Actor actor;
  actor.kind = auth::ActorKind::kStaff;
  actor.staff_id = id;
  actor.agency_id = agency;
  actor.roles = {role};
  return actor;
}

class CallLimitsTest : public ::testing::Test {
 protected:
  // How many of `tries` are let in.
  template <class Admit>
  static int Passed(int tries, Admit admit) {
    int passed = 0;
    for (int i = 0; i < tries; ++i) passed += admit() ? 1 : 0;
    return passed;
  }
  int Requests(int tries, const std::string& network, const std::string& token = "") {
    return Passed(tries, [&] { return limits_.AdmitRequest(network, token).has_value(); });
  }
  int Calls(int tries, const auth::Actor& actor, const std::string& token = "t") {
    return Passed(tries, [&] { return limits_.AdmitCaller(actor, token).has_value(); });
  }

  FakeClock clock_;
  SeededRandom random_{1};
  CallLimits limits_{{.network = {.per_s = 100, .burst = 1000},
                      .sign_in = {.per_s = 2, .burst = 120},
                      .agency = {.per_s = 50, .burst = 500},
                      .person = {.per_s = 5, .burst = 60}},
                     clock_,
                     random_};
};

TEST_F(CallLimitsTest, APersonGetsABurstAndThenFiveASecond) {
  EXPECT_EQ(Calls(100, Person("ana", "a")), 60);
  const auto refused = limits_.AdmitCaller(Person("ana", "a"), "t");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_EQ(refused.error().reason, "RATE_LIMITED");
  EXPECT_EQ(refused.error().metadata.at("limit"), "person");
  EXPECT_EQ(refused.error().metadata.at("retry_after_s"), "1");
  EXPECT_EQ(Calls(100, Person("ben", "a")), 60) << "a colleague";
  clock_.Advance(1'000);
  EXPECT_EQ(Calls(100, Person("ana", "a")), 5);
}

TEST_F(CallLimitsTest, AnAgencyHasAShareOfItsOwn) {
  int passed = 0;
  for (int i = 0; i < 20; ++i) passed += Calls(40, Person("p" + std::to_string(i), "a"));
  EXPECT_EQ(passed, 500);
  EXPECT_EQ(limits_.AdmitCaller(Person("late", "a"), "t").error().metadata.at("limit"), "agency");
  EXPECT_EQ(Calls(40, Person("other", "b")), 40) << "another agency";
  clock_.Advance(1'000);
  passed = 0;
  for (int i = 0; i < 20; ++i) passed += Calls(10, Person("q" + std::to_string(i), "a"));
  EXPECT_EQ(passed, 50);
}

TEST_F(CallLimitsTest, AFloodOfOneTakesAPersonsShareOfTheAgencysOnly) {
  EXPECT_EQ(Calls(100'000, Person("flood", "a")), 60);
  int passed = 0;
  for (int i = 0; i < 8; ++i) passed += Calls(50, Person("p" + std::to_string(i), "a"));
  EXPECT_EQ(passed, 400);
}

TEST_F(CallLimitsTest, AnAddressHasRoomForAnOfficeAndNotForAFlood) {
  EXPECT_EQ(Requests(100'000, kOffice), 1000);
  EXPECT_EQ(limits_.AdmitRequest(kOffice, "").error().metadata.at("limit"), "network");
  EXPECT_EQ(Requests(50, "198.51.100.2"), 50) << "another address";
  EXPECT_EQ(Passed(1000, [&] { return limits_.AdmitSignIn(kOffice).has_value(); }), 120)
      << "who is not signed in yet has a share apart";
  EXPECT_EQ(limits_.AdmitSignIn(kOffice).error().metadata.at("limit"), "sign_in");
  clock_.Advance(1'000);
  EXPECT_EQ(Requests(1000, kOffice), 100);
}

TEST_F(CallLimitsTest, TheHotlineIsServedBehindAFloodedAddressAndInAFloodedAgency) {
  const auth::Actor line = Person("line", "h", auth::Role::kHotlineOperator);
  EXPECT_EQ(Calls(1, line, "line-token"), 1);
  EXPECT_EQ(Requests(5'000, kOffice, "another-token"), 1000);
  int passed = 0;
  for (int i = 0; i < 20; ++i) passed += Calls(60, Person("p" + std::to_string(i), "h"));
  EXPECT_EQ(passed, 500) << "nor do operators use up their agency's share";
  EXPECT_EQ(Requests(59, kOffice, "line-token"), 59);
  EXPECT_EQ(Calls(59, line, "line-token"), 59);
  // An operator is a person too: the lane is no way round that.
  EXPECT_EQ(Calls(10, line, "line-token"), 0);
  EXPECT_EQ(Requests(100, kOffice, "line-token"), 1);
  EXPECT_EQ(Requests(100, kOffice, "guessed"), 0);
  clock_.Advance(200);
  EXPECT_EQ(Calls(10, line, "line-token"), 1);
}

TEST_F(CallLimitsTest, TheLaneIsOpenFromTheSignInToTheSessionsEnd) {
  EXPECT_EQ(Requests(2'000, kOffice), 1000);
  EXPECT_EQ(Requests(1, kOffice, "fresh"), 0);
  limits_.RememberHotline("fresh");
  EXPECT_EQ(Requests(1, kOffice, "fresh"), 1);
  limits_.Forget("fresh");
  EXPECT_EQ(Requests(1, kOffice, "fresh"), 0);
  limits_.Forget("never known");
  for (size_t i = 0; i <= CallLimits::kMostHotlineTokens; ++i) {
    limits_.RememberHotline("token " + std::to_string(i));
  }
  EXPECT_EQ(Requests(1, kOffice, "token 0"), 0) << "the longest known gives way";
  EXPECT_EQ(Requests(1, kOffice, "token 1"), 1);
  limits_.RememberHotline("");
  EXPECT_EQ(Requests(1, kOffice, ""), 0);
}

TEST_F(CallLimitsTest, MemoryIsTheSameForAMillionAddresses) {
  EXPECT_EQ(Requests(2'000, kOffice), 1000);
  const size_t before = mallinfo2().uordblks;
  for (int i = 0; i < 1'000'000; ++i) {
    const std::string network = "2001:db8:" + std::to_string(i) + "::/64";
    static_cast<void>(limits_.AdmitRequest(network, "token " + network));
    static_cast<void>(limits_.AdmitSignIn(network));
  }
  EXPECT_LE(mallinfo2().uordblks, before + 64 * 1024);
  EXPECT_EQ(Requests(10, kOffice), 0) << "and who was refused before still is";
}

TEST_F(CallLimitsTest, WithoutRatesNothingIsLimited) {
  CallLimits none({}, clock_, random_);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(none.AdmitRequest(kOffice, ""));
    ASSERT_TRUE(none.AdmitSignIn(kOffice));
    ASSERT_TRUE(none.AdmitCaller(Person("a", "b"), "t"));
  }
}

}  // namespace
}  // namespace fairlead::gateway
