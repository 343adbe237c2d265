// The steps of an offer's clock: each once, in order, told to those whom it concerns.
#include "services/referral/commands/run_clocks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fairlead/events/v1/events.pb.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

class RunClocksTest : public CommandsTest {
 protected:
  Ladder Emergency() const {
    return FreezeLadder(DefaultClockPolicy(), Urgency::kEmergency, clock_.NowMs());
  }
  std::string AddEmergency(OfferState state = OfferState::kSent) {
    return Add(sender_, recipient_, ReferralState::kOpen, state, Emergency());
  }
  int Run() { return Do<int>(RunClocks); }
  // At so many minutes after the beginning.
  int RunAt(int64_t minute) {
    clock_.Advance(start_ms_ + minute * kMinuteMs - clock_.NowMs());
    return Run();
  }

  // The referral events in the outbox: "reminded → recipient".
  std::vector<std::string> Told() {
    return Do<std::vector<std::string>>([&](Unit& unit) -> Result<std::vector<std::string>> {
      const char* order = GetParam() == Engine::kPostgres ? "position" : "sequence";
      FAIRLEAD_ASSIGN(const auto rows, unit.tx.Query("SELECT envelope FROM outbox ORDER BY " +
                                                     std::string(order)));
      std::vector<std::string> told;
      for (const storage::Row& row : rows) {
        events::v1::EventEnvelope event;
        events::v1::ReferralChanged changed;
        EXPECT_TRUE(event.ParseFromString(row.Bytes(0)));
        if (event.data_schema() != "fairlead.events.v1.ReferralChanged") continue;
        EXPECT_TRUE(changed.ParseFromString(event.data()));
        EXPECT_EQ(event.type(), "fairlead.referral." + changed.change() + ".v1");
        std::string line = changed.change() + " →";
        for (const std::string& agency : event.audience_agency_ids()) {
          line += agency == sender_ ? " sender" : agency == recipient_ ? " recipient" : " ?";
        }
        if (event.for_coordinators()) line += " coordinators";
        told.push_back(line);
      }
      return told;
    });
  }

  std::string Reasons(const std::string& referral_id) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto story, unit.store.Timeline(referral_id, ""));
      std::string text;
      for (const TimelineEntry& entry : story) text += entry.event + "(" + entry.reason_code + ") ";
      return text;
    });
  }

  const std::string sender_ = ids_.New();
  const std::string recipient_ = ids_.New();
  const int64_t start_ms_ = clock_.NowMs();
};

TEST_P(RunClocksTest, EachStepAtItsTimeAndOnce) {
  const std::string id = AddEmergency();
  EXPECT_EQ(RunAt(14), 0);
  EXPECT_EQ(Read(id), "open/sent :");
  EXPECT_EQ(RunAt(15), 1);
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(Read(id), "open/sent : reminded");
  EXPECT_EQ(RunAt(29), 0);
  EXPECT_EQ(RunAt(31), 1);
  EXPECT_EQ(RunAt(60), 1);
  EXPECT_EQ(Read(id), "open/sent : reminded escalated_admin escalated_coordinator");
  EXPECT_EQ(RunAt(239), 0);
  EXPECT_EQ(RunAt(240), 1);
  EXPECT_EQ(RunAt(100'000), 0);
  EXPECT_EQ(Reasons(id),
            "reminded() escalated_admin() escalated_coordinator() expired(expired) ");
  EXPECT_EQ(Read(id),
            "closed/expired expired: reminded escalated_admin escalated_coordinator expired");
}

TEST_P(RunClocksTest, EachIsToldToThoseWhomItConcernsAndStandsInTheTrail) {
  AddEmergency();
  for (const int64_t minute : {15, 30, 60, 240}) RunAt(minute);
  EXPECT_EQ(Told(), (std::vector<std::string>{
                        "reminded → recipient", "escalated_admin → recipient",
                        "escalated_coordinator → sender recipient coordinators",
                        "expired → sender recipient"}));
  const std::string acts = Do<std::string>([&](Unit& unit) -> Result<std::string> {
    FAIRLEAD_ASSIGN(const auto rows,
                    unit.tx.Query("SELECT action FROM audit_record ORDER BY position"));
    std::string text;
    for (const storage::Row& row : rows) text += row.Text(0) + " ";
    return text;
  });
  EXPECT_EQ(acts,
            "referral_reminded referral_escalated_admin referral_escalated_coordinator "
            "referral_expired ");
}

TEST_P(RunClocksTest, WhatIsDueAtOnceIsDoneInOrderAndSaysWhatWasOvertaken) {
  const std::string id = AddEmergency();
  EXPECT_EQ(RunAt(45), 1);
  EXPECT_EQ(Reasons(id), "reminded(overtaken) escalated_admin() ");
  EXPECT_EQ(RunAt(600), 1);
  EXPECT_EQ(Reasons(id),
            "reminded(overtaken) escalated_admin() escalated_coordinator(overtaken) "
            "expired(expired) ")
      << "coordinators hear of it all the same";
  EXPECT_EQ(Told().size(), 4U);
}

TEST_P(RunClocksTest, AClockThatIsSetBackDoesNothingAgain) {
  const std::string id = AddEmergency();
  EXPECT_EQ(RunAt(31), 1);
  EXPECT_EQ(RunAt(-29), 0);
  EXPECT_EQ(RunAt(16), 0);
  EXPECT_EQ(RunAt(59), 0);
  EXPECT_EQ(RunAt(60), 1);
  EXPECT_EQ(Read(id), "open/sent : reminded escalated_admin escalated_coordinator");
}

TEST_P(RunClocksTest, OnlyAnOfferThatWaits) {
  std::vector<std::string> answered;
  for (const OfferState state : {OfferState::kAccepted, OfferState::kDeclined, OfferState::kExpired,
                                 OfferState::kWithdrawn, OfferState::kFellThrough}) {
    answered.push_back(AddEmergency(state));
  }
  const std::string asked = AddEmergency(OfferState::kQuestion);
  EXPECT_EQ(RunAt(20), 1);
  EXPECT_EQ(Read(asked), "open/question : reminded");
  for (const std::string& id : answered) EXPECT_EQ(Reasons(id), "");
}

TEST_P(RunClocksTest, AnAnswerBetweenTwoStepsEndsTheClock) {
  const std::string id = AddEmergency();
  EXPECT_EQ(RunAt(15), 1);
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
    Offer& offer = referral->offers.at(0);
    EXPECT_EQ(offer.next_step, Step::kEscalateAdmin);
    FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kAccepted));
    FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
    return true;
  });
  EXPECT_EQ(RunAt(1'000), 0);
  EXPECT_EQ(Reasons(id), "reminded() ");
}

TEST_P(RunClocksTest, ManyAtOnceTakeSeveralRunsAndThoseOverdueLongestComeFirst) {
  for (int i = 0; i < kOffersPerRun; ++i) AddEmergency();
  clock_.Advance(-kMinuteMs);
  const std::string oldest = AddEmergency();
  EXPECT_EQ(RunAt(15), kOffersPerRun);
  EXPECT_EQ(Reasons(oldest), "reminded() ");
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(Run(), 0);
}

TEST_P(RunClocksTest, ThereIsSomethingToDoExactlyWhenSomethingIsDue) {
  const auto is_due = [&](int64_t minute) {
    return Do<bool>([&](Unit& unit) {
      return unit.store.IsClockDue(start_ms_ + minute * kMinuteMs);
    });
  };
  EXPECT_FALSE(is_due(1'000'000));
  AddEmergency();
  AddEmergency(OfferState::kAccepted);
  EXPECT_FALSE(is_due(14));
  EXPECT_TRUE(is_due(15));
  RunAt(15);
  EXPECT_FALSE(is_due(29));
  EXPECT_TRUE(is_due(30));
}

FAIRLEAD_ON_BOTH_ENGINES(RunClocksTest);

}  // namespace
}  // namespace fairlead::referral
