#include <gtest/gtest.h>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {
namespace {

using auth::RecordState;
using auth::Relation;
using auth::Standing;
using auth::Verdict;
using O = OfferState;

Referral OfferedTo(const std::vector<std::pair<std::string, O>>& offers) {
  Referral referral;
  referral.sender_agency_id = "sender";
  referral.state = ReferralState::kOpen;
  for (const auto& [agency_id, state] : offers) {
    Offer offer;
    offer.recipient_agency_id = agency_id;
    offer.state = state;
    referral.offers.push_back(offer);
  }
  return referral;
}

Verdict Of(const char* verb, const Standing& standing) {
  rpc::CallContext context;
  context.method = std::string("/fairlead.referral.v1.ReferralService/") + verb;
  context.actor.kind = auth::ActorKind::kStaff;
  context.actor.agency_kind = auth::AgencyKind::kHotline;
  context.actor.membership = auth::Membership::kActive;
  context.actor.roles = {auth::Role::kHotlineOperator};
  context.actor.assurance = auth::kSignedIn;
  return Ask(context, standing);
}

TEST(StandingTest, OnlySenderAndRecipientsSee) {
  const Referral referral = OfferedTo({{"recipient", O::kSent}});
  EXPECT_EQ(Of("GetReferral", StandingOf(referral, "sender")), Verdict::kAllowed);
  EXPECT_EQ(Of("GetReferral", StandingOf(referral, "recipient")), Verdict::kAllowed);
  EXPECT_EQ(Of("GetReferral", StandingOf(referral, "third")), Verdict::kNotYours);
  EXPECT_EQ(Of("GetReferral", StandingOf(referral, "")), Verdict::kNotYours);
  // A sender without a name is nobody either.
  EXPECT_EQ(StandingOf(Referral(), "").relations, Relation::kNone);
}

TEST(StandingTest, OnlyAWaitingOrAcceptedOfferOpens) {
  const std::set<O> opens = {O::kSent, O::kDelivered, O::kQuestion, O::kAccepted};
  for (int state = 1; state <= 8; ++state) {
    const auto offer_state = static_cast<O>(state);
    const Referral referral = OfferedTo({{"recipient", offer_state}});
    EXPECT_EQ(Of("OpenPacket", StandingOf(referral, "recipient")),
              opens.contains(offer_state) ? Verdict::kReleaseNeeded : Verdict::kWrongState)
        << state;
    EXPECT_EQ(Of("OpenPacket", StandingOf(referral, "sender")), Verdict::kReleaseNeeded);
    EXPECT_EQ(Of("OpenPacket", StandingOf(referral, "third")), Verdict::kNotYours);
  }
}

TEST(StandingTest, AnOfferThatStandsGoesBeforeANewerOneThatEnded) {
  const Referral referral = OfferedTo(
      {{"recipient", O::kDeclined}, {"recipient", O::kAccepted}, {"recipient", O::kWithdrawn}});
  EXPECT_EQ(StandingOf(referral, "recipient").state, RecordState::kAccepted);
}

TEST(StandingTest, TheSendersStateIsTheReferrals) {
  const std::map<ReferralState, RecordState> states = {
      {ReferralState::kDraft, RecordState::kDraft},
      {ReferralState::kOpen, RecordState::kWaiting},
      {ReferralState::kMatched, RecordState::kAccepted},
      {ReferralState::kInService, RecordState::kAccepted},
      {ReferralState::kCompleted, RecordState::kAccepted},
      {ReferralState::kCancelled, RecordState::kEnded},
      {ReferralState::kClosed, RecordState::kEnded},
      {ReferralState::kEnteredInError, RecordState::kEnded}};
  Referral referral = OfferedTo({});
  for (const auto& [state, standing] : states) {
    referral.state = state;
    EXPECT_EQ(StandingOf(referral, "sender").state, standing);
  }
}

// The version counts what others were asked and answered before the match.
TEST(EtagTest, WhoWasOneOfSeveralCannotCountBehindIt) {
  Referral referral = OfferedTo({{"recipient", O::kAccepted}, {"other", O::kWithdrawn}});
  referral.case_handle = "a secret";
  referral.version = 17;
  EXPECT_EQ(Etag(referral, "recipient"), "v17") << "of one agency, which knows all there is";
  for (const Mode mode : {Mode::kFirstToAccept, Mode::kSurvivorChooses}) {
    referral.mode = mode;
    referral.state = ReferralState::kMatched;
    EXPECT_EQ(Etag(referral, "sender"), "v17");
    const std::string seen = Etag(referral, "recipient");
    EXPECT_EQ(seen.size(), 13U);
    EXPECT_EQ(seen.substr(0, 1), "v");
    EXPECT_EQ(Etag(referral, "recipient"), seen);
    Referral later = referral;
    later.version += 1;
    EXPECT_NE(Etag(later, "recipient"), seen);
    Referral of_another_case = referral;
    of_another_case.case_handle = "another secret";
    EXPECT_NE(Etag(of_another_case, "recipient"), seen) << "or it could be looked up";
    // Without the case handle it could be counted again: it is the same before and after.
    Referral ended = referral;
    ended.state = ReferralState::kCompleted;
    EXPECT_NE(Etag(ended, "recipient"), seen);
    Referral shredded = ended;
    shredded.case_handle.clear();
    EXPECT_EQ(Etag(shredded, "recipient"), Etag(ended, "recipient"));
    shredded.version += 1;
    EXPECT_EQ(Etag(shredded, "recipient"), Etag(ended, "recipient"));
  }
}

}  // namespace
}  // namespace fairlead::referral
