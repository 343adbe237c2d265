// The pure rules: words, the wall, ladders, windows.
#include <gtest/gtest.h>

#include "services/common/base/text.h"
#include "services/messaging/domain/alert.h"
#include "services/messaging/domain/bed_call.h"
#include "services/messaging/domain/channel.h"
#include "services/messaging/domain/limits.h"
#include "services/messaging/domain/thread.h"
#include "services/messaging/domain/words.h"

namespace fairlead::messaging {
namespace {

std::string WordsOf(std::string_view text, size_t most = 100) {
  return Join(Words(text, most), ' ');
}

TEST(WordsTest, CaseAccentsAndWidthDoNotMatter) {
  EXPECT_EQ(WordsOf("Sí, habló con MARÍA"), "con hablo maria si");
  EXPECT_EQ(WordsOf("STRASSE straße"), "strasse");
  EXPECT_EQ(WordsOf("Ｆａｘ 24h"), "24h fax");
  EXPECT_EQ(WordsOf("niño-NIÑO nino"), "nino");
  EXPECT_EQ(WordsOf("a . — ! é"), "") << "no word of two letters";
  EXPECT_EQ(WordsOf(""), "");
}

TEST(WordsTest, AreBounded) {
  EXPECT_EQ(WordsOf("one two three four", 2), "one two");
  EXPECT_EQ(WordsOf(std::string(100, 'x')), std::string(32, 'x'));
  EXPECT_EQ(WordsOf("\xF0\x9D\x94\xB8\xF0\x9D\x94\xB9"), "ab") << "beyond the first 65,536";
}

TEST(WordsTest, TheLastWordOfAQueryMayBeABeginning) {
  const auto open = ParseQuery("long WAIT");
  ASSERT_TRUE(open);
  EXPECT_EQ(open->whole, std::vector<std::string>{"long"});
  EXPECT_EQ(open->beginning, "wait");
  const auto closed = ParseQuery("long wait ");
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->whole, (std::vector<std::string>{"long", "wait"}));
  EXPECT_EQ(closed->beginning, "");
  EXPECT_EQ(ParseQuery("a ?").error().reason, "QUERY_TOO_SHORT");
  EXPECT_EQ(ParseQuery("aa bb cc dd ee ff gg hh ii").error().reason, "TOO_MANY_WORDS");
}

TEST(ChannelTest, TheWallStands) {
  Channel channel{.id = "", .name = "all"};
  EXPECT_TRUE(IsMember(channel, "health_provider"));
  EXPECT_FALSE(IsMember(channel, "law_enforcement"));
  EXPECT_FALSE(IsMember(channel, ""));
  channel.law_enforcement = true;
  EXPECT_TRUE(IsMember(channel, "law_enforcement"));
  channel.agency_kinds = {"hotline"};
  EXPECT_TRUE(IsMember(channel, "law_enforcement"));
  EXPECT_TRUE(IsMember(channel, "hotline"));
  EXPECT_FALSE(IsMember(channel, "health_provider"));
  EXPECT_TRUE(CheckChannel(channel));
  channel.kind = ChannelKind::kBedCalls;
  EXPECT_EQ(CheckChannel(channel).error().reason, "LAW_ENFORCEMENT_NOT_ALLOWED");
  channel.law_enforcement = false;
  channel.agency_kinds = {"law_enforcement"};
  EXPECT_EQ(CheckChannel(channel).error().reason, "UNKNOWN_AGENCY_KIND") << "by its own word only";
  channel.agency_kinds = {"circus"};
  EXPECT_EQ(CheckChannel(channel).error().reason, "UNKNOWN_AGENCY_KIND");
}

TEST(AlertTest, EveryStepIsDueAfterTheOneBefore) {
  for (const Urgency urgency : {Urgency::kEmergency, Urgency::kUrgent, Urgency::kStandard}) {
    const AlertLadder ladder = LadderOf(urgency, 1000);
    int64_t last_ms = 1000;
    AlertStep step = AlertStep::kSent;
    while (NextDueMs(ladder, step) != 0) {
      EXPECT_GT(NextDueMs(ladder, step), last_ms);
      last_ms = NextDueMs(ladder, step);
      step = After(step);
    }
    EXPECT_EQ(step, AlertStep::kEscalatedCoordinator);
  }
  EXPECT_EQ(NextDueMs(LadderOf(Urgency::kUrgent, 1), AlertStep::kAcknowledged), 0);
}

TEST(ThreadTest, WhatIsDeletedIsNotUnread) {
  const Party party{.agency_id = "b", .read_sequence = 3};
  Message message{.id = "m", .thread_id = "t", .sequence = 4, .from_agency_id = "a"};
  EXPECT_TRUE(IsUnreadBy(party, message));
  message.sequence = 3;
  EXPECT_FALSE(IsUnreadBy(party, message));
  message.sequence = 5;
  message.from_agency_id = "b";
  EXPECT_FALSE(IsUnreadBy(party, message)) << "one's own";
  message.from_agency_id = "a";
  message.deleted = true;
  EXPECT_FALSE(IsUnreadBy(party, message));
}

TEST(ThreadTest, TheWindowCloses) {
  const Message message{.id = "m", .thread_id = "t", .create_ms = 1000};
  EXPECT_TRUE(CheckEditWindow(message, 1000 + kEditWindowMs));
  EXPECT_EQ(CheckEditWindow(message, 1001 + kEditWindowMs).error().reason, "EDIT_WINDOW_OVER");
}

TEST(BedCallTest, IsOverWhenItsTimeIs) {
  BedCall call{.id = "c", .channel_id = "b", .agency_id = "a", .until_ms = 5000};
  EXPECT_TRUE(CheckOpen(call, 4999));
  EXPECT_EQ(CheckOpen(call, 5000).error().metadata.at("state"), "lapsed");
  call.state = CallState::kTaken;
  EXPECT_EQ(CheckOpen(call, 4999).error().metadata.at("state"), "taken");
  EXPECT_TRUE(CheckUntil(kShortestCallMs, 0));
  EXPECT_FALSE(CheckUntil(kShortestCallMs - 1, 0));
  EXPECT_TRUE(CheckUntil(kLongestCallMs, 0));
  EXPECT_FALSE(CheckUntil(kLongestCallMs + 1, 0));
}

TEST(BedCallTest, AYesSaysHowMany) {
  EXPECT_EQ(CheckCallAnswer({.agency_id = "a", .answer = BedAnswer::kYes}).error().reason,
            "UNITS_REQUIRED");
  EXPECT_EQ(
      CheckCallAnswer({.agency_id = "a", .answer = BedAnswer::kMaybe, .unit = "tent", .units = 1})
          .error()
          .reason,
      "UNKNOWN_UNIT");
  EXPECT_TRUE(
      CheckCallAnswer({.agency_id = "a", .answer = BedAnswer::kYes, .unit = "bed", .units = 2}));
  EXPECT_TRUE(CheckCallAnswer({.agency_id = "a", .answer = BedAnswer::kNo}));
}

}  // namespace
}  // namespace fairlead::messaging
