// Whom a coordinator may suggest, and that it learns nothing of the sender's list by trying.
#include "services/referral/commands/suggest_candidate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairlead/events/v1/events.pb.h"
#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/nudge_offer.h"
#include "services/referral/commands/shred_packets.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

using ::testing::ElementsAre;
using O = OfferState;
using R = ReferralState;

class SuggestCandidateTest : public CommandsTest {
 protected:
  std::string Member(const std::string& kind = "health_provider",
                     const std::string& membership = "active", bool has_keys = true) {
    const std::string id = ids_.New();
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgency(
          {.id = id, .membership = membership, .kind = kind, .version = 1}));
      if (!has_keys) return true;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgencyKey(
          {.agency_id = id, .epoch = 1, .epoch_kid = "e", .signing_kid = "s"}));
      return true;
    });
    return id;
  }

  rpc::CallContext By(auth::Role role, auth::AgencyKind kind) const {
    rpc::CallContext context;
    context.method = "/fairlead.referral.v1.RoutingService/SuggestCandidate";
    context.actor.kind = auth::ActorKind::kStaff;
    context.actor.agency_id = office_;
    context.actor.agency_kind = kind;
    context.actor.membership = auth::Membership::kActive;
    context.actor.roles = {role};
    context.actor.assurance = auth::kSignedIn;
    return context;
  }

  // "ok", or all that the refusal says.
  std::string Suggest(const std::string& referral_id, const std::string& agency_id,
                      auth::Role role = auth::Role::kCoordinator) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      unit.agency_id = office_;
      unit.context = By(role, auth::AgencyKind::kCoalitionOffice);
      const auto suggested = SuggestCandidate(unit, referral_id, agency_id);
      if (suggested) return std::string("ok");
      std::string text = suggested.error().reason;
      for (const auto& [key, value] : suggested.error().metadata) text += " " + key + "=" + value;
      return text;
    });
  }

  void LeaveOut(const std::string& referral_id, const std::vector<NotToBeAsked>& entries,
                const std::string& etag = "") {
    Do<bool>([&](Unit& unit) -> Result<bool> {
      unit.agency_id = sender_;
      FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(referral_id));
      FAIRLEAD_RETURN_IF_ERROR(SetDoNotRoute(
          unit, {.case_handle = referral->case_handle, .entries = entries, .etag = etag}));
      return true;
    });
  }

  std::vector<std::string> Shown(const std::string& referral_id) {
    return Do<std::vector<std::string>>([&](Unit& unit) -> Result<std::vector<std::string>> {
      FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(referral_id));
      FAIRLEAD_ASSIGN(const auto suggestions, SuggestionsFor(unit.tx, *referral));
      std::vector<std::string> agencies;
      for (const Suggestion& each : suggestions) agencies.push_back(each.agency_id);
      return agencies;
    });
  }

  const std::string sender_ = ids_.New();
  const std::string office_ = ids_.New();
};

TEST_P(SuggestCandidateTest, TheSenderAloneHearsOfItAndSeesIt) {
  const std::string asked = Member();
  const std::string referral = Add(sender_, asked, R::kOpen, O::kDelivered);
  const std::string first = Member();
  const std::string second = Member();
  EXPECT_EQ(Suggest(referral, first), "ok");
  clock_.Advance(1'000);
  EXPECT_EQ(Suggest(referral, second), "ok");
  EXPECT_THAT(Shown(referral), ElementsAre(second, first));
  EXPECT_EQ(Read(referral), "open/delivered : suggested suggested") << "and nothing has moved";
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto found, unit.store.Find(referral));
    FAIRLEAD_ASSIGN(const auto story, unit.store.Timeline(referral, ""));
    for (const TimelineEntry& entry : story) {
      EXPECT_TRUE(MaySeeEntry(*found, entry, sender_));
      EXPECT_FALSE(MaySeeEntry(*found, entry, asked));
      EXPECT_FALSE(MaySeeEntry(*found, entry, first));
    }
    FAIRLEAD_ASSIGN(const auto rows, unit.tx.Query("SELECT envelope FROM outbox"));
    int told = 0;
    for (const storage::Row& row : rows) {
      events::v1::EventEnvelope event;
      EXPECT_TRUE(event.ParseFromString(row.Bytes(0)));
      if (event.type() != "fairlead.referral.suggested.v1") continue;
      ++told;
      EXPECT_THAT(event.audience_agency_ids(), ElementsAre(sender_));
      EXPECT_FALSE(event.for_coordinators());
      EXPECT_FALSE(event.for_members());
    }
    EXPECT_EQ(told, 2);
    return true;
  });
}

TEST_P(SuggestCandidateTest, WhoCannotBeAskedIsRefusedAlikeWhateverTheReason) {
  const std::string asked = Member();
  const std::string referral = Add(sender_, asked, R::kOpen, O::kDeclined);
  const std::string listed = Member();
  const std::string suggested = Member();
  ASSERT_EQ(Suggest(referral, suggested), "ok");
  LeaveOut(referral, {{listed, "past_harm"}});
  for (const std::string& agency :
       {listed, asked, suggested, sender_, ids_.New(), Member("health_provider", "suspended"),
        Member("law_enforcement"), Member(""), Member("health_provider", "active", false)}) {
    EXPECT_EQ(Suggest(referral, agency), "NOT_POSSIBLE");
  }
  EXPECT_EQ(Suggest(referral, Member()), "ok") << "what is refused takes no place";
  LeaveOut(referral, {}, "v1");
  EXPECT_EQ(Suggest(referral, listed), "ok") << "it was the list";
}

TEST_P(SuggestCandidateTest, FiveAtATimeAndTheListMakesNoRoom) {
  const std::string referral = Add(sender_, Member(), R::kOpen, O::kSent);
  std::vector<std::string> agencies;
  for (size_t i = 0; i < kMostSuggestions; ++i) {
    agencies.push_back(Member());
    EXPECT_EQ(Suggest(referral, agencies.back()), "ok");
  }
  const std::string more = Member();
  EXPECT_EQ(Suggest(referral, more), "TOO_MANY_SUGGESTIONS");
  LeaveOut(referral, {{agencies[0], "survivor_refuses"}});
  EXPECT_EQ(Shown(referral).size(), kMostSuggestions - 1);
  EXPECT_EQ(Suggest(referral, more), "TOO_MANY_SUGGESTIONS");
  Do<bool>([&](Unit& unit) -> Result<bool> {
    Offer offer;
    offer.id = ids_.New();
    offer.referral_id = referral;
    offer.recipient_agency_id = agencies[1];
    FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(offer));
    return true;
  });
  EXPECT_EQ(Shown(referral).size(), kMostSuggestions - 2) << "it has been asked";
  EXPECT_EQ(Suggest(referral, more), "ok");
}

TEST_P(SuggestCandidateTest, OnlyWhereSomebodyIsLookedFor) {
  const std::string agency = Member();
  const auto in = [&](R state, O offer_state) {
    return Suggest(Add(sender_, Member(), state, offer_state), agency);
  };
  EXPECT_EQ(in(R::kDraft, O::kSent), "REFERRAL_NOT_FOUND") << "nobody knows of a draft";
  EXPECT_EQ(Suggest(ids_.New(), agency), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(in(R::kOpen, O::kExpired), "ok");
  EXPECT_EQ(in(R::kClosed, O::kDeclined), "HAND_OFF_NOT_STUCK") << "it is not offered again";
  EXPECT_EQ(in(R::kMatched, O::kAccepted), "HAND_OFF_NOT_STUCK");
  EXPECT_EQ(in(R::kInService, O::kAccepted), "HAND_OFF_NOT_STUCK");
  EXPECT_EQ(in(R::kCompleted, O::kAccepted), "HAND_OFF_NOT_STUCK");
  EXPECT_EQ(in(R::kCancelled, O::kWithdrawn), "HAND_OFF_NOT_STUCK");
  EXPECT_EQ(in(R::kEnteredInError, O::kWithdrawn), "HAND_OFF_NOT_STUCK");
  const std::string open = Add(sender_, Member(), R::kOpen, O::kSent);
  EXPECT_EQ(Suggest(open, agency, auth::Role::kAuditor), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Suggest(open, agency, auth::Role::kCaseworker), "REFERRAL_NOT_FOUND");
}

TEST_P(SuggestCandidateTest, ItGoesWithTheCaseHandle) {
  const std::string referral = Add(sender_, Member(), R::kOpen, O::kDelivered);
  ASSERT_EQ(Suggest(referral, Member()), "ok");
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto closed, unit.store.Find(referral));
    closed->state = R::kClosed;
    closed->update_ms = unit.now_ms;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*closed));
    return true;
  });
  EXPECT_TRUE(Shown(referral).empty()) << "nobody can be asked any more";
  clock_.Advance(2 * kRetentionMs);
  Do<int64_t>(ShredOldPackets);
  Do<bool>([](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto rows, unit.tx.Query("SELECT agency_id FROM suggestion"));
    EXPECT_TRUE(rows.empty());
    return true;
  });
}

// It would tie two referrals of one person together, in the trail of the coordinator's office.
TEST_P(SuggestCandidateTest, TheCoordinatorsRecordsDoNotNameTheRelease) {
  const std::string release = ids_.New();
  const std::string referral =
      Add(sender_, Member(), R::kOpen, O::kDelivered,
          FreezeLadder(DefaultClockPolicy(), Urgency::kEmergency, clock_.NowMs()));
  const auto tell = [&](const std::string& agency, const std::string& change) {
    Do<bool>([&](Unit& unit) -> Result<bool> {
      unit.agency_id = agency;
      FAIRLEAD_ASSIGN(const auto found, unit.store.Find(referral));
      FAIRLEAD_RETURN_IF_ERROR(Tell(unit, *found, &found->offers.at(0), change));
      return true;
    });
  };
  const std::string asked = Do<std::string>([&](Unit& unit) -> Result<std::string> {
    FAIRLEAD_ASSIGN(auto found, unit.store.Find(referral));
    found->release_id = release;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*found));
    return found->offers.at(0).recipient_agency_id;
  });
  ASSERT_EQ(Suggest(referral, Member()), "ok");
  Do<Referral>([&](Unit& unit) {
    unit.agency_id = office_;
    unit.context = By(auth::Role::kCoordinator, auth::AgencyKind::kCoalitionOffice);
    unit.context.method = "/fairlead.referral.v1.HandOffService/NudgeOffer";
    const auto found = unit.store.Find(referral);
    return NudgeOffer(unit, (*found)->offers.at(0).id);
  });
  tell(asked, "delivered");
  tell(sender_, "cancelled");
  tell("", "expired");
  const auto records =
      Do<std::vector<std::string>>([&](Unit& unit) -> Result<std::vector<std::string>> {
        FAIRLEAD_ASSIGN(
            const auto rows,
            unit.tx.Query("SELECT action, release_id FROM audit_record ORDER BY position"));
        std::vector<std::string> all;
        for (const storage::Row& row : rows) {
          EXPECT_TRUE(row.Text(1).empty() || row.Text(1) == release);
          all.push_back(row.Text(0) + (row.Text(1).empty() ? "" : " named"));
        }
        return all;
      });
  EXPECT_THAT(records, ElementsAre("referral_suggested", "referral_nudged",
                                   "referral_delivered named", "referral_cancelled named",
                                   "referral_expired named"));
}

FAIRLEAD_ON_BOTH_ENGINES(SuggestCandidateTest);

}  // namespace
}  // namespace fairlead::referral
