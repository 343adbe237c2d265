#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/telemetry/trace.h"

namespace fairlead::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kUuid = "0190163d-8694-739b-aea5-966c26f8ad90";

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { Configure(Level::kDebug, Format::kLogfmt); }
  void TearDown() override { ConfigureLog({}); }
  void Configure(Level level, Format format) {
    LogOptions options;
    options.level = level;
    options.format = format;
    options.clock = &clock_;
    options.sink = [this](std::string_view line) { lines_.emplace_back(line); };
    ConfigureLog(options);
  }
  FakeClock clock_{1'769'850'300'250};
  std::vector<std::string> lines_;
};

TEST_F(LogTest, WritesOneLogfmtLine) {
  RegisterNames({"/fairlead.referral.v1.ReferralService/CreateReferral"});
  Warn(Event::kCallRefused, Method("/fairlead.referral.v1.ReferralService/CreateReferral"),
       Outcome(Code::kPermissionDenied),
       Reason(Error{Code::kPermissionDenied, "RELEASE_REVOKED", "", {}}),
       Id(Key::kReferralId, LogId::From(kUuid)), Took(3));
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0],
            "time=2026-01-31T09:05:00.250Z level=warn event=call_refused "
            "method=/fairlead.referral.v1.ReferralService/CreateReferral code=permission_denied "
            "reason=RELEASE_REVOKED referral_id=0190163d-8694-739b-aea5-966c26f8ad90 "
            "duration_ms=3");
}

TEST_F(LogTest, WritesOneJsonObject) {
  Configure(Level::kDebug, Format::kJson);
  Info(Event::kServiceStarted, Service(Room::kReferral), Count(Key::kPort, uint16_t{7420}),
       Flag(Key::kState, true), Took(std::chrono::milliseconds(12)));
  const boost::json::object object = boost::json::parse(lines_.at(0)).as_object();
  EXPECT_EQ(object.at("event"), "service_started");
  EXPECT_EQ(object.at("service"), "referral");
  EXPECT_EQ(object.at("port"), 7420);
  EXPECT_EQ(object.at("state"), true);
  EXPECT_EQ(object.at("duration_ms"), 12);
}

TEST_F(LogTest, KeepsToItsLevel) {
  Configure(Level::kWarn, Format::kLogfmt);
  Debug(Event::kCheckpoint);
  Info(Event::kProcessReady);
  Warn(Event::kRedisLost);
  Critical(Event::kRelayStopped);
  EXPECT_EQ(lines_.size(), 2U);
}

// What a caller sends cannot be told from a client's name: only shapes without room for text pass.
TEST_F(LogTest, TextThatCameInDoesNotComeOut) {
  const std::string canary = "Canary Jane Doe";
  Info(Event::kCallRefused, Method(canary), Method("/a.b/CanaryMethod"),
       Id(Key::kAgencyId, LogId::From(canary)),
       Reason(Error{Code::kUnknown, canary, canary, {{"field", canary}}}));
  EXPECT_THAT(lines_.at(0), Not(HasSubstr("Canary")));
  EXPECT_THAT(lines_.at(0), HasSubstr("method=other method=other agency_id=invalid reason=OTHER"));
}

RC_GTEST_PROP(LogIdTest, IsTheUuidOrInvalid, ()) {
  const auto bytes = *rc::gen::container<std::string>(16, rc::gen::arbitrary<char>());
  std::string hex;
  for (const char c : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  for (const size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, 1, '-');
  const std::string back = LogId::From(hex).ToString();
  RC_ASSERT(back == hex || back == "invalid");
  RC_ASSERT(LogId::From(bytes).ToString() == "invalid");
}

TEST(EventTest, NamesAreUniqueAndSnakeCase) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i <= static_cast<size_t>(Event::kDemoSeeded); ++i) {
    const std::string_view name = LogName(static_cast<Event>(i));
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string_view::npos);
  }
  EXPECT_EQ(RoomFromName("consent"), Room::kConsent);
  EXPECT_EQ(RoomFromName("canary"), Room::kOther);
}

TEST(TraceTest, FollowsTheRecommendation) {
  const std::string text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const Result<TraceContext> trace = ParseTraceparent(text);
  ASSERT_TRUE(trace);
  EXPECT_TRUE(trace->sampled);
  EXPECT_EQ(FormatTraceparent(*trace), text);
  EXPECT_TRUE(ParseTraceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
  for (const char* bad :
       {"", "00", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-001",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}) {
    ASSERT_FALSE(ParseTraceparent(bad)) << bad;
    EXPECT_EQ(ParseTraceparent(bad).error().reason, "INVALID_TRACEPARENT");
  }
}

TEST(TraceTest, AChildStaysInItsTrace) {
  SeededRandom random(7);
  const TraceContext parent = NewTrace(random);
  const TraceContext child = ChildOf(parent, random);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
  EXPECT_EQ(*ParseTraceparent(FormatTraceparent(child)), child);
}

RC_GTEST_PROP(TraceTest, AnyBytesAreReadOrRefused, (const std::string& text)) {
  const Result<TraceContext> trace = ParseTraceparent(text);
  RC_ASSERT(!trace || text.size() >= 55);
}

TEST(MetricsTest, ShowsFamiliesInTheTextFormat) {
  Metrics metrics;
  CounterFamily<Room, Code> calls(metrics, "fairlead_calls_total", "Calls by outcome.",
                                  {Key::kService, Key::kCode});
  calls.Of(Room::kReferral, Code::kOk).Add();
  calls.Of(Room::kReferral, Code::kOk).Add(2);
  calls.Of(Room::kConsent, Code::kAborted).Add();
  GaugeFamily<> depth(metrics, "fairlead_queue_depth", "Jobs waiting.");
  metrics.OnScrape([&depth] { depth.Of().Set(5); });
  HistogramFamily<Room> time(metrics, "fairlead_call_duration_seconds", "Time to answer.",
                             {Key::kService});
  time.Of(Room::kReferral).Observe(0.004);

  const std::string text = metrics.Exposition();
  EXPECT_THAT(text, HasSubstr("# TYPE fairlead_calls_total counter"));
  EXPECT_THAT(text, HasSubstr("fairlead_calls_total{code=\"ok\",service=\"referral\"} 3"));
  EXPECT_THAT(text, HasSubstr("fairlead_calls_total{code=\"aborted\",service=\"consent\"} 1"));
  EXPECT_THAT(text, HasSubstr("fairlead_queue_depth 5"));
  EXPECT_THAT(text, HasSubstr("le=\"0.005\"} 1"));
  EXPECT_THAT(text, HasSubstr("le=\"0.0025\"} 0"));
}

TEST(MetricsTest, SameSeriesFromManyThreads) {
  Metrics metrics;
  CounterFamily<Room> total(metrics, "fairlead_t_total", "T.", {Key::kService});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&total] {
      for (int j = 0; j < 1000; ++j) total.Of(Room::kHub).Add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(total.Of(Room::kHub).value(), 4000);
}

}  // namespace
}  // namespace fairlead::telemetry
