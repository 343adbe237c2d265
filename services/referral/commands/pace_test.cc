// What is kept of how soon offers are answered: the first answer, whatever follows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/referral/commands/accept_offer.h"
#include "services/referral/commands/cancel_referral.h"
#include "services/referral/commands/choose_offer.h"
#include "services/referral/commands/decline_offer.h"
#include "services/referral/commands/reopen_referral.h"
#include "services/referral/commands/run_clocks.h"
#include "services/referral/commands/shred_packets.h"
#include "services/referral/commands/start_service.h"
#include "services/referral/store/pace_store.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PaceCommandsTest : public CommandsTest {
 protected:
  // An offer that waits; the id of its referral.
  std::string Asked() {
    return Add(sender_, recipient_, ReferralState::kOpen, OfferState::kDelivered,
               FreezeLadder(DefaultClockPolicy(), Urgency::kEmergency, clock_.NowMs()));
  }
  std::string OfferOfReferral(const std::string& id) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(id));
      return referral->offers.at(0).id;
    });
  }
  std::string Accept(const std::string& id) {
    const std::string offer = OfferOfReferral(id);
    return As<Referral>(recipient_, "ReferralService/AcceptOffer",
                        [&](Unit& unit) { return AcceptOffer(unit, offer, ""); });
  }
  std::string Start(const std::string& id) {
    return As<Referral>(recipient_, "ReferralService/StartService",
                        [&](Unit& unit) { return StartService(unit, id, ""); });
  }
  // Of the recipient, the newest first: "answered 10 min", with "begun 5 min" where it has.
  std::vector<std::string> Pace(int64_t since_ms = 0) {
    return Do<std::vector<std::string>>([&](Unit& unit) -> Result<std::vector<std::string>> {
      FAIRLEAD_ASSIGN(const auto offers, PaceOf(unit.tx, recipient_, since_ms));
      std::vector<std::string> lines;
      for (const OfferPace& each : offers) {
        std::string line = each.answered ? "answered " : "expired ";
        line += std::to_string(each.wait_ms / kMinuteMs) + " min";
        if (each.begin_ms >= 0) line += ", begun " + std::to_string(each.begin_ms / kMinuteMs);
        lines.push_back(line);
      }
      return lines;
    });
  }

  const std::string sender_ = ids_.New();
  const std::string recipient_ = ids_.New();
};

TEST_P(PaceCommandsTest, AYesANoAndNoAnswer) {
  const std::string accepted = Asked();
  const std::string declined = Asked();
  const std::string ignored = Asked();
  const std::string cancelled = Asked();
  EXPECT_THAT(Pace(), IsEmpty()) << "they wait";
  clock_.Advance(10 * kMinuteMs);
  EXPECT_EQ(Accept(accepted), "ok");
  clock_.Advance(5 * kMinuteMs);
  const std::string offer = OfferOfReferral(declined);
  EXPECT_EQ(As<Referral>(
                recipient_, "ReferralService/DeclineOffer",
                [&](Unit& unit) { return DeclineOffer(unit, offer, "", "no_capacity"); }),
            "ok");
  EXPECT_EQ(As<Referral>(sender_, "ReferralService/CancelReferral",
                         [&](Unit& unit) {
                           return CancelReferral(unit, cancelled, "", "client_withdrew");
                         }),
            "ok");
  EXPECT_EQ(Start(accepted), "ok");
  clock_.Advance(4 * kHourMs);
  EXPECT_EQ(Do<int>(RunClocks), 1);
  EXPECT_EQ(Read(ignored).substr(0, 14), "closed/expired");
  EXPECT_THAT(Pace(),
              ElementsAre("expired 255 min", "answered 15 min", "answered 10 min, begun 5"));
}

// Sums by agency and day; what has fallen through is accepted no more.
TEST_P(PaceCommandsTest, HowMuchAnAgencyWasAskedForIsASum) {
  const auto loads = [&](int64_t from_ms, int64_t to_ms, const std::string& after = "") {
    return Do<std::vector<std::string>>([&](Unit& unit) -> Result<std::vector<std::string>> {
      FAIRLEAD_ASSIGN(const auto sums, LoadsBetween(unit.tx, from_ms, to_ms, after, 10));
      std::vector<std::string> lines;
      for (const AgencyLoadSum& sum : sums) {
        EXPECT_EQ(sum.agency_id, recipient_);
        lines.push_back(std::to_string(sum.ended) + " " + std::to_string(sum.accepted));
      }
      return lines;
    });
  };
  const std::string accepted = Asked();
  const std::string declined = Asked();
  Asked();  // which waits
  const int64_t begin_ms = clock_.NowMs();
  EXPECT_THAT(loads(0, begin_ms + 1), IsEmpty());
  EXPECT_EQ(Accept(accepted), "ok");
  const std::string offer = OfferOfReferral(declined);
  EXPECT_EQ(As<Referral>(
                recipient_, "ReferralService/DeclineOffer",
                [&](Unit& unit) { return DeclineOffer(unit, offer, "", "no_capacity"); }),
            "ok");
  EXPECT_THAT(loads(begin_ms, begin_ms + 1), ElementsAre("2 1"));
  EXPECT_THAT(loads(begin_ms + 1, begin_ms + kHourMs), IsEmpty());
  EXPECT_THAT(loads(begin_ms - kHourMs, begin_ms), IsEmpty()) << "its end is another's begin";
  EXPECT_THAT(loads(begin_ms, begin_ms + 1, recipient_), IsEmpty()) << "the next page";
}

TEST_P(PaceCommandsTest, WhatIsRefusedIsNoAnswer) {
  const std::string id = Asked();
  clock_.Advance(5 * kHourMs);
  EXPECT_EQ(Accept(id), "OFFER_EXPIRED");
  EXPECT_THAT(Pace(), IsEmpty());
}

TEST_P(PaceCommandsTest, TheFirstAnswerCountsAndTheBeginFromTheMatch) {
  const std::string id = Asked();
  const std::string offer = OfferOfReferral(id);
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
    referral->mode = Mode::kSurvivorChooses;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
    return true;
  });
  const auto answer = [&](Answer what) {
    return As<Referral>(recipient_, "ReferralService/AnswerOffer",
                        [&](Unit& unit) { return AnswerOffer(unit, offer, "", what); });
  };
  clock_.Advance(3 * kMinuteMs);
  EXPECT_EQ(answer(Answer::kMaybe), "ok");
  clock_.Advance(3 * kMinuteMs);
  EXPECT_EQ(answer(Answer::kYes), "ok");
  clock_.Advance(30 * kMinuteMs);
  EXPECT_EQ(As<Referral>(sender_, "ReferralService/ChooseOffer",
                         [&](Unit& unit) { return ChooseOffer(unit, offer, ""); }),
            "ok");
  clock_.Advance(7 * kMinuteMs);
  EXPECT_EQ(Start(id), "ok");
  EXPECT_THAT(Pace(), ElementsAre("answered 3 min, begun 7"));
}

TEST_P(PaceCommandsTest, AMatchThatCameToNothingWasAnAnswerAllTheSame) {
  const std::string id = Asked();
  clock_.Advance(2 * kMinuteMs);
  EXPECT_EQ(Accept(id), "ok");
  clock_.Advance(kHourMs);
  EXPECT_EQ(As<Referral>(sender_, "ReferralService/ReopenReferral",
                         [&](Unit& unit) { return ReopenReferral(unit, id, "", "no_show"); }),
            "ok");
  EXPECT_THAT(Pace(), ElementsAre("answered 2 min"));
}

TEST_P(PaceCommandsTest, AnOfferSaidYesToThatNobodyTookDidNotGoUnanswered) {
  const std::string id = Asked();
  const std::string offer = OfferOfReferral(id);
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
    referral->mode = Mode::kSurvivorChooses;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
    return true;
  });
  EXPECT_EQ(As<Referral>(recipient_, "ReferralService/AnswerOffer",
                         [&](Unit& unit) { return AnswerOffer(unit, offer, "", Answer::kYes); }),
            "ok");
  clock_.Advance(5 * kHourMs);
  EXPECT_EQ(Do<int>(RunClocks), 1);
  EXPECT_THAT(Pace(), ElementsAre("answered 0 min"));
}

TEST_P(PaceCommandsTest, OnlyWhatEndedInTheWindowAndAtThatAgency) {
  const std::string old = Asked();
  EXPECT_EQ(Accept(old), "ok");
  const int64_t then_ms = clock_.NowMs();
  clock_.Advance(kHourMs);
  const std::string fresh = Asked();
  clock_.Advance(kMinuteMs);
  EXPECT_EQ(Accept(fresh), "ok");
  EXPECT_EQ(Pace(then_ms - 1).size(), 2U);
  EXPECT_THAT(Pace(then_ms), ElementsAre("answered 1 min"));
  EXPECT_TRUE(Do<std::vector<OfferPace>>([&](Unit& unit) {
                return PaceOf(unit.tx, sender_, 0);
              }).empty());
}

TEST_P(PaceCommandsTest, WhatNoMedianLooksBackToIsDeleted) {
  EXPECT_EQ(Accept(Asked()), "ok");
  clock_.Advance(kKeepPacesMs - 1);
  EXPECT_EQ(Accept(Asked()), "ok");
  Do<int64_t>(ShredOldPackets);
  EXPECT_EQ(Pace().size(), 2U);
  clock_.Advance(1);
  Do<int64_t>(ShredOldPackets);
  EXPECT_EQ(Pace().size(), 1U);
}

TEST_P(PaceCommandsTest, MembersAreThoseThatAreActiveOrSuspendedPageByPage) {
  std::vector<std::string> ids;
  for (const char* membership : {"applied", "active", "suspended", "departed", "active"}) {
    ids.push_back(ids_.New());
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(
          unit.store.PutAgency({.id = ids.back(), .membership = membership, .version = 1}));
      return true;
    });
  }
  const auto page = [&](const std::string& after, int limit) {
    return Do<std::vector<std::string>>(
        [&](Unit& unit) { return MemberIds(unit.tx, after, limit); });
  };
  EXPECT_THAT(page("", 2), ElementsAre(ids[1], ids[2]));
  EXPECT_THAT(page(ids[2], 2), ElementsAre(ids[4]));
}

FAIRLEAD_ON_BOTH_ENGINES(PaceCommandsTest);

}  // namespace
}  // namespace fairlead::referral
