// Follow-ups: owed at their times, told once, recorded by whom they concern and by nobody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fairlead/events/v1/events.pb.h"
#include "services/referral/commands/close_agency_offers.h"
#include "services/referral/commands/close_referral.h"
#include "services/referral/commands/complete_referral.h"
#include "services/referral/commands/record_follow_up.h"
#include "services/referral/commands/run_follow_ups.h"
#include "services/referral/commands/start_service.h"
#include "services/referral/store/follow_up_store.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FollowUpCommandsTest : public CommandsTest {
 protected:
  std::string Matched() {
    return Add(sender_, recipient_, ReferralState::kMatched, OfferState::kAccepted);
  }
  std::string Begun() {
    const std::string id = Matched();
    EXPECT_EQ(As<Referral>(recipient_, "ReferralService/StartService",
                           [&](Unit& unit) { return StartService(unit, id, ""); }),
              "ok");
    return id;
  }
  std::string Record(const std::string& by, const std::string& id, FollowUpPoint point,
                     const std::string& code) {
    return As<FollowUp>(by, "FollowUpService/RecordFollowUp",
                        [&](Unit& unit) { return RecordFollowUp(unit, id, point, code); });
  }
  int RunAt(int64_t after_ms) {
    clock_.Advance(start_ms_ + after_ms - clock_.NowMs());
    return Do<int>(RunFollowUps);
  }

  // The story after the begin: "follow_up_due(day_1)".
  std::vector<std::string> Story(const std::string& id) {
    return Do<std::vector<std::string>>([&](Unit& unit) -> Result<std::vector<std::string>> {
      FAIRLEAD_ASSIGN(const auto entries, unit.store.Timeline(id, ""));
      std::vector<std::string> story;
      for (const TimelineEntry& entry : entries) {
        if (entry.event == "started") continue;
        story.push_back(entry.event + "(" + entry.reason_code + ")");
      }
      return story;
    });
  }
  // Every event in the outbox, as it leaves.
  std::vector<events::v1::EventEnvelope> Events() {
    using Envelopes = std::vector<events::v1::EventEnvelope>;
    return Do<Envelopes>([&](Unit& unit) -> Result<Envelopes> {
      const std::string order = GetParam() == Engine::kPostgres ? "position" : "sequence";
      FAIRLEAD_ASSIGN(const auto rows,
                      unit.tx.Query("SELECT envelope FROM outbox ORDER BY " + order));
      Envelopes all(rows.size());
      for (size_t i = 0; i < rows.size(); ++i) {
        EXPECT_TRUE(all[i].ParseFromString(rows[i].Bytes(0)));
      }
      return all;
    });
  }
  // "follow_up_due day_1 → recipient".
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    for (const events::v1::EventEnvelope& event : Events()) {
      events::v1::ReferralChanged changed;
      if (event.data_schema() != "fairlead.events.v1.ReferralChanged") continue;
      EXPECT_TRUE(changed.ParseFromString(event.data()));
      if (changed.change() == "started") continue;
      std::string line = changed.change() + " " + changed.reason_code() + " →";
      for (const std::string& agency : event.audience_agency_ids()) {
        line += agency == sender_ ? " sender" : agency == recipient_ ? " recipient" : " ?";
      }
      if (event.for_coordinators()) line += " coordinators";
      told.push_back(line);
    }
    return told;
  }
  std::vector<FollowUp> Page(const FollowUpQuery& query) {
    return Do<std::vector<FollowUp>>([&](Unit& unit) { return FindFollowUps(unit.tx, query); });
  }
  // Those of the recipient, two to a page.
  std::vector<std::string> All(FollowUpBox box) {
    std::vector<std::string> lines;
    FollowUpQuery query{.agency_id = recipient_,
                        .box = box,
                        .now_ms = clock_.NowMs(),
                        .after = {},
                        .limit = 2};
    while (true) {
      const std::vector<FollowUp> page = Page(query);
      if (page.empty()) return lines;
      for (const FollowUp& each : page) {
        EXPECT_EQ(each.sender_agency_id, sender_);
        EXPECT_EQ(each.need_code, "shelter_bed");
        lines.push_back(each.referral_id + " " + PointCode(each.point));
      }
      const FollowUp& last = page.back();
      query.after = FollowUpPlace{box == FollowUpBox::kDone ? last.record_ms : last.due_ms,
                                  last.referral_id, last.point};
    }
  }

  const std::string sender_ = ids_.New();
  const std::string recipient_ = ids_.New();
  const int64_t start_ms_ = clock_.NowMs();
};

TEST_P(FollowUpCommandsTest, EachIsToldAtItsTimeOnceAndToWhomItIsOwed) {
  const std::string id = Begun();
  EXPECT_EQ(RunAt(kDayMs - 1), 0);
  EXPECT_EQ(RunAt(kDayMs), 1);
  EXPECT_EQ(RunAt(kDayMs), 0);
  EXPECT_EQ(RunAt(7 * kDayMs - 1), 0);
  EXPECT_EQ(RunAt(7 * kDayMs), 1);
  EXPECT_EQ(RunAt(2 * kDayMs), 0) << "a clock that is set back tells nothing again";
  EXPECT_EQ(RunAt(30 * kDayMs - 1), 0);
  EXPECT_EQ(RunAt(40 * kDayMs), 1);
  EXPECT_EQ(RunAt(400 * kDayMs), 0);
  EXPECT_THAT(Story(id), ElementsAre("follow_up_due(day_1)", "follow_up_due(day_7)",
                                     "follow_up_due(day_30)"));
  EXPECT_THAT(Told(),
              ElementsAre("follow_up_due day_1 → recipient", "follow_up_due day_7 → recipient",
                          "follow_up_due day_30 → recipient"));
}

TEST_P(FollowUpCommandsTest, ThereIsSomethingToTellExactlyWhenOneIsDue) {
  const auto is_due = [&] {
    return Do<bool>([](Unit& unit) { return IsFollowUpDue(unit.tx, unit.now_ms); });
  };
  Begun();
  clock_.Advance(kDayMs - 1);
  EXPECT_FALSE(is_due());
  clock_.Advance(1);
  EXPECT_TRUE(is_due());
  EXPECT_EQ(Do<int>(RunFollowUps), 1);
  EXPECT_FALSE(is_due());
}

TEST_P(FollowUpCommandsTest, NoneIsRecordedBeforeItsTimeAndWhatIsRecordedIsNotToldToBeDue) {
  const std::string id = Begun();
  clock_.Advance(kDayMs - 1);
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "not_reached"), "FOLLOW_UP_NOT_DUE");
  clock_.Advance(1);
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay7, "not_reached"), "FOLLOW_UP_NOT_DUE");
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "not_reached"), "ok");
  EXPECT_EQ(RunAt(kDayMs + 1), 0);
  EXPECT_THAT(Story(id), ElementsAre("followed_up(day_1)"));
}

TEST_P(FollowUpCommandsTest, TheSameAgainIsNothingAndAnotherCodeCorrectsItForADay) {
  const std::string id = Begun();
  clock_.Advance(kDayMs);
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "not_reached"), "ok");
  clock_.Advance(kDayMs);
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "not_reached"), "ok");
  EXPECT_THAT(Story(id), ElementsAre("followed_up(day_1)"));
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "left_early"), "ok");
  EXPECT_THAT(Story(id), ElementsAre("followed_up(day_1)", "follow_up_corrected(day_1)"));
  clock_.Advance(1);
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "not_reached"), "FOLLOW_UP_RECORDED")
      << "a day after the first recording, whatever was corrected since";
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "left_early"), "ok");
  EXPECT_EQ(Do<std::string>([&](Unit& unit) -> Result<std::string> {
              FAIRLEAD_ASSIGN(const auto all, FollowUpsOf(unit.tx, id));
              return all.at(0).outcome_code;
            }),
            "left_early");
}

TEST_P(FollowUpCommandsTest, ALaterOneSettlesWhatWasRecordedBefore) {
  const std::string id = Begun();
  clock_.Advance(7 * kDayMs);
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "not_reached"), "ok");
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay7, "still_in_service"), "ok");
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "left_early"), "FOLLOW_UP_RECORDED");
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay7, "left_early"), "ok");
}

TEST_P(FollowUpCommandsTest, NobodyElseHearsTheCode) {
  const std::string code = "returned_to_sender";
  const std::string corrected = "declined_follow_up";
  const std::string id = Begun();
  clock_.Advance(kDayMs);
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, code), "ok");
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, corrected), "ok");
  EXPECT_THAT(Told(), ElementsAre("followed_up day_1 → sender recipient",
                                  "follow_up_corrected day_1 → recipient"));
  for (const events::v1::EventEnvelope& event : Events()) {
    const std::string bytes = event.SerializeAsString();
    EXPECT_EQ(bytes.find(code), std::string::npos) << event.type();
    EXPECT_EQ(bytes.find(corrected), std::string::npos) << event.type();
  }
  for (const std::string& line : Story(id)) {
    EXPECT_EQ(line.find(code), std::string::npos);
    EXPECT_EQ(line.find(corrected), std::string::npos);
  }
}

// What the sender's administrators find in the trail: that one was recorded, and no more.
TEST_P(FollowUpCommandsTest, TheTrailOfWhatIsTheRecipientsOwnIsTheRecipients) {
  const std::string id = Begun();
  EXPECT_EQ(RunAt(kDayMs), 1);
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "not_reached"), "ok");
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "left_early"), "ok");
  const auto records =
      Do<std::vector<std::string>>([&](Unit& unit) -> Result<std::vector<std::string>> {
        FAIRLEAD_ASSIGN(const auto rows,
                        unit.tx.Query("SELECT action, subject_agency_id, case_handle, referral_id "
                                      "FROM audit_record ORDER BY position"));
        std::vector<std::string> all;
        for (const storage::Row& row : rows) {
          EXPECT_EQ(row.Text(3), id);
          all.push_back(row.Text(0) + (row.Text(1) == sender_      ? " of sender"
                                       : row.Text(1) == recipient_ ? " of recipient"
                                                                   : " of ?") +
                        (row.Text(2).empty() ? "" : " with case"));
        }
        return all;
      });
  EXPECT_THAT(records, ElementsAre("referral_started of sender with case",
                                   "referral_follow_up_due of recipient",
                                   "referral_followed_up of sender with case",
                                   "referral_follow_up_corrected of recipient"));
}

TEST_P(FollowUpCommandsTest, OnlyTheAgencyThatGivesTheServiceRecords) {
  const std::string id = Begun();
  clock_.Advance(kDayMs);
  EXPECT_EQ(Record(sender_, id, FollowUpPoint::kDay1, "not_reached"), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Record(ids_.New(), id, FollowUpPoint::kDay1, "not_reached"), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Record(recipient_, ids_.New(), FollowUpPoint::kDay1, "not_reached"),
            "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "enrolled"), "UNKNOWN_OUTCOME_CODE");
  const std::string declined =
      Add(sender_, recipient_, ReferralState::kClosed, OfferState::kDeclined);
  EXPECT_EQ(Record(recipient_, declined, FollowUpPoint::kDay1, "not_reached"),
            "FOLLOW_UP_NOT_OWED");
  EXPECT_THAT(Story(id), IsEmpty());
}

TEST_P(FollowUpCommandsTest, WhatHasNotBegunOrCameToNothingOwesNone) {
  const std::string matched = Matched();
  const std::string closed = Begun();
  const std::string in_error = Begun();
  const std::string completed = Begun();
  EXPECT_EQ(As<Referral>(recipient_, "ReferralService/CloseReferral",
                         [&](Unit& unit) { return CloseReferral(unit, closed, "", "no_show"); }),
            "ok");
  EXPECT_EQ(As<Referral>(sender_, "ReferralService/EnterReferralInError",
                         [&](Unit& unit) { return EnterReferralInError(unit, in_error, ""); }),
            "ok");
  EXPECT_EQ(As<Referral>(
                recipient_, "ReferralService/CompleteReferral",
                [&](Unit& unit) { return CompleteReferral(unit, completed, "", "served_once"); }),
            "ok");
  EXPECT_EQ(RunAt(kDayMs), 1) << "of what was completed";
  for (const std::string& id : {matched, closed, in_error}) {
    EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "not_reached"), "FOLLOW_UP_NOT_OWED");
  }
  EXPECT_THAT(All(FollowUpBox::kDue), ElementsAre(completed + " day_1"));
  EXPECT_EQ(Record(recipient_, completed, FollowUpPoint::kDay1, "moved_on_safely"), "ok");
}

TEST_P(FollowUpCommandsTest, AnAgencyThatHasLeftOwesNoneAndOneThatIsSuspendedDoes) {
  const std::string id = Begun();
  const auto now_is = [&](const char* membership, int64_t version) {
    acting_agency_ = recipient_;
    Do<int64_t>([&](Unit& unit) {
      return CloseAgencyOffers(
          unit,
          {.id = recipient_, .membership = membership, .kind = "", .version = version});
    });
    acting_agency_.clear();
  };
  now_is("suspended", 2);
  EXPECT_EQ(All(FollowUpBox::kLater).size(), 3U);
  clock_.Advance(kDayMs);
  EXPECT_EQ(Record(recipient_, id, FollowUpPoint::kDay1, "left_early"), "ok");
  now_is("departed", 3);
  EXPECT_THAT(All(FollowUpBox::kLater), IsEmpty());
  EXPECT_THAT(All(FollowUpBox::kDone), ElementsAre(id + " day_1")) << "what is said stays said";
  EXPECT_EQ(RunAt(40 * kDayMs), 0);
}

TEST_P(FollowUpCommandsTest, EachListHasItsOwnInOrderAndEachPageGoesOn) {
  const std::string first = Begun();
  clock_.Advance(1);
  const std::string second = Begun();
  EXPECT_THAT(All(FollowUpBox::kDue), IsEmpty());
  EXPECT_EQ(All(FollowUpBox::kLater).size(), 6U);
  clock_.Advance(start_ms_ + 7 * kDayMs - clock_.NowMs());
  EXPECT_THAT(All(FollowUpBox::kDue),
              ElementsAre(first + " day_1", second + " day_1", first + " day_7"));
  EXPECT_THAT(All(FollowUpBox::kLater),
              ElementsAre(second + " day_7", first + " day_30", second + " day_30"));
  // Two of one referral at the very same moment are two.
  EXPECT_EQ(Record(recipient_, first, FollowUpPoint::kDay1, "left_early"), "ok");
  EXPECT_EQ(Record(recipient_, first, FollowUpPoint::kDay7, "left_early"), "ok");
  clock_.Advance(1);
  EXPECT_EQ(Record(recipient_, second, FollowUpPoint::kDay1, "left_early"), "ok");
  EXPECT_THAT(All(FollowUpBox::kDone),
              ElementsAre(second + " day_1", first + " day_7", first + " day_1"));
  EXPECT_THAT(All(FollowUpBox::kDue), ElementsAre(second + " day_7"));
  for (const FollowUpBox box : {FollowUpBox::kDue, FollowUpBox::kLater, FollowUpBox::kDone}) {
    EXPECT_TRUE(Page({.agency_id = sender_,
                      .box = box,
                      .now_ms = clock_.NowMs(),
                      .after = {},
                      .limit = 9})
                    .empty())
        << "another agency's";
  }
}

FAIRLEAD_ON_BOTH_ENGINES(FollowUpCommandsTest);

}  // namespace
}  // namespace fairlead::referral
