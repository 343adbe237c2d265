#include "services/referral/domain/states.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "services/referral/domain/codes.h"
#include "services/referral/domain/referral.h"

namespace fairlead::referral {
namespace {

using R = ReferralState;
using O = OfferState;

// The product's table, written out once more: what is not in it must be refused.
const std::map<R, std::set<R>> kReferralMoves = {
    {R::kDraft, {R::kOpen, R::kCancelled}},
    {R::kOpen, {R::kMatched, R::kCancelled, R::kClosed, R::kEnteredInError}},
    {R::kMatched, {R::kInService, R::kOpen, R::kCancelled, R::kClosed, R::kEnteredInError}},
    {R::kInService, {R::kCompleted, R::kClosed, R::kEnteredInError}},
    {R::kCompleted, {R::kEnteredInError}},
    {R::kCancelled, {R::kEnteredInError}},
    {R::kClosed, {R::kEnteredInError}},
    {R::kEnteredInError, {}},
};

TEST(StatesTest, ReferralMovesAreExactlyTheTable) {
  for (int from = 1; from <= 8; ++from) {
    for (int to = 1; to <= 8; ++to) {
      const bool allowed = kReferralMoves.at(static_cast<R>(from)).contains(static_cast<R>(to));
      EXPECT_EQ(CanMove(static_cast<R>(from), static_cast<R>(to)), allowed) << from << "→" << to;
    }
  }
}

const std::map<O, std::set<O>> kOfferMoves = {
    {O::kSent, {O::kDelivered, O::kAccepted, O::kDeclined, O::kExpired, O::kWithdrawn}},
    {O::kDelivered, {O::kQuestion, O::kAccepted, O::kDeclined, O::kExpired, O::kWithdrawn}},
    {O::kQuestion, {O::kDelivered, O::kAccepted, O::kDeclined, O::kExpired, O::kWithdrawn}},
    {O::kAccepted, {O::kFellThrough, O::kWithdrawn}},
    {O::kDeclined, {}},
    {O::kExpired, {}},
    {O::kWithdrawn, {}},
    {O::kFellThrough, {}},
};

TEST(StatesTest, OfferMovesAreExactlyTheTable) {
  for (int from = 1; from <= 8; ++from) {
    for (int to = 1; to <= 8; ++to) {
      const bool allowed = kOfferMoves.at(static_cast<O>(from)).contains(static_cast<O>(to));
      EXPECT_EQ(CanMove(static_cast<O>(from), static_cast<O>(to)), allowed) << from << "→" << to;
    }
  }
}

TEST(StatesTest, ARefusedMoveNamesTheLegalOnes) {
  R open = R::kOpen;
  EXPECT_EQ(Move(open, R::kCompleted).error().metadata.at("allowed"),
            "matched,closed,cancelled,entered_in_error");
  O declined = O::kDeclined;
  const Result<void> moved = Move(declined, O::kAccepted);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().metadata.at("allowed"), "");
  EXPECT_EQ(moved.error().message, "It is declined: it cannot become accepted, nor anything else.");
}

TEST(StatesTest, NoTransitionIsWrittenTwice) {
  std::set<std::string> seen;
  const auto look = [&seen](const auto& all) {
    for (const auto& each : all) {
      const std::string key = std::string(StateName(each.from)) + ">" +
                              std::string(StateName(each.to)) + " " +
                              std::to_string(static_cast<int>(each.by)) + std::string(each.how);
      EXPECT_TRUE(seen.insert(key).second) << key;
    }
  };
  look(ReferralTransitions());
  look(OfferTransitions());
}

TEST(StatesTest, ARefusedMoveChangesNothingAndSaysFromAndTo) {
  R state = R::kCompleted;
  const Result<void> moved = Move(state, R::kOpen);
  ASSERT_FALSE(moved);
  EXPECT_EQ(state, R::kCompleted);
  EXPECT_EQ(moved.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(moved.error().reason, "ILLEGAL_TRANSITION");
  EXPECT_EQ(moved.error().metadata.at("from"), "completed");
  EXPECT_EQ(moved.error().metadata.at("to"), "open");
  EXPECT_EQ(moved.error().metadata.at("allowed"), "entered_in_error");
}

TEST(CodesTest, KnowTheirListsApart) {
  EXPECT_TRUE(IsDeclineReason("no_capacity"));
  EXPECT_FALSE(IsDeclineReason("client_withdrew"));
  EXPECT_TRUE(IsCancelReason("client_withdrew"));
  EXPECT_FALSE(IsCancelReason("no_capacity"));
  EXPECT_TRUE(IsOutcome("enrolled"));
  EXPECT_FALSE(IsOutcome("Enrolled"));
  EXPECT_TRUE(IsAgeBand("60+"));
  EXPECT_FALSE(IsAgeBand("61+"));
}

Referral Offered(O offer_state) {
  Referral r;
  r.sender_agency_id = "sender";
  r.offers.push_back({.id = "o1",
                      .referral_id = "r",
                      .recipient_agency_id = "recipient",
                      .service_id = "",
                      .state = offer_state,
                      .reason_code = "",
                      .ladder = {}});
  return r;
}

// What a break-glass may open is what the agency itself has let go; never what its sender has
// ended, nor what the person does not want.
TEST(BreakGlassTest, OpensWhatTheAgencyItselfHasLetGo) {
  using enum OfferState;
  const std::set<OfferState> let_go = {kDeclined, kExpired, kFellThrough};
  for (const OfferState state :
       {kSent, kDelivered, kQuestion, kAccepted, kDeclined, kExpired, kWithdrawn, kFellThrough}) {
    Referral referral = Offered(state);
    Offer& own = referral.offers[0];
    for (const ReferralState whole :
         {ReferralState::kOpen, ReferralState::kClosed, ReferralState::kCancelled,
          ReferralState::kEnteredInError}) {
      referral.state = whole;
      own.reason_code = "no_show";
      const bool ended_by_sender =
          whole == ReferralState::kCancelled || whole == ReferralState::kEnteredInError;
      EXPECT_EQ(OpensBehindGlass(referral, own), let_go.contains(state) && !ended_by_sender)
          << StateName(state) << " of " << StateName(whole);
      own.reason_code = "client_declined";
      EXPECT_FALSE(OpensBehindGlass(referral, own));
    }
  }
}

TEST(VisibilityTest, ARecipientSeesNoOtherRecipientsStory) {
  Referral r = Offered(O::kDeclined);
  r.offers.push_back({.id = "o2",
                      .referral_id = "r",
                      .recipient_agency_id = "second",
                      .service_id = "",
                      .state = O::kSent,
                      .reason_code = "",
                      .ladder = {}});
  const TimelineEntry of_first{.id = "t",
                               .referral_id = "r",
                               .time_ms = 1,
                               .event = "sent",
                               .agency_id = "sender",
                               .staff_id = "",
                               .reason_code = "",
                               .offer_id = "o1"};
  EXPECT_TRUE(MaySeeEntry(r, of_first, "sender"));
  EXPECT_TRUE(MaySeeEntry(r, of_first, "recipient"));
  EXPECT_FALSE(MaySeeEntry(r, of_first, "second"));
}

}  // namespace
}  // namespace fairlead::referral
