// What becomes of an agency's offers when its membership is suspended or ends, told by call and by
// event, in whatever order, on both engines.
#include "services/referral/commands/close_agency_offers.h"

#include <gtest/gtest.h>

#include "services/referral/consumers/apply_events.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

class CloseAgencyOffersTest : public CommandsTest {
 protected:
  CloseAgencyOffersTest() { acting_agency_ = closing_; }

  int64_t Close(const std::string& membership, int64_t version) {
    return Do<int64_t>([&](Unit& unit) {
      return CloseAgencyOffers(
          unit, {.id = closing_, .membership = membership, .kind = "", .version = version});
    });
  }

  void Event(const std::string& membership, int64_t version) {
    events::v1::AgencyChanged changed;
    changed.set_agency_id(closing_);
    changed.set_membership(membership);
    changed.set_kind("legal_services");
    changed.set_version(version);
    events::v1::EventEnvelope event;
    event.set_data_schema("fairlead.events.v1.AgencyChanged");
    event.set_data(changed.SerializeAsString());
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(ApplyDirectoryEvent(unit.tx, event, ids_, clock_.NowMs()));
      return true;
    });
  }

  std::string Membership() {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto agency, unit.store.FindAgency(closing_));
      return agency ? agency->membership + " " + agency->kind : "none";
    });
  }

  // One of each, with the agency as recipient and as sender.
  void AddAll() {
    using enum ReferralState;
    sent_ = Add(other_, closing_, kOpen, OfferState::kSent);
    asked_ = Add(other_, closing_, kOpen, OfferState::kQuestion);
    matched_ = Add(other_, closing_, kMatched, OfferState::kAccepted);
    served_ = Add(other_, closing_, kInService, OfferState::kAccepted);
    done_ = Add(other_, closing_, kCompleted, OfferState::kAccepted);
    elsewhere_ = Add(other_, third_, kOpen, OfferState::kSent);
    own_draft_ = Add(closing_, "", kDraft, OfferState::kSent);
    own_sent_ = Add(closing_, third_, kOpen, OfferState::kDelivered);
    own_matched_ = Add(closing_, third_, kMatched, OfferState::kAccepted);
  }

  const std::string closing_ = ids_.New();
  const std::string other_ = ids_.New();
  const std::string third_ = ids_.New();
  std::string sent_, asked_, matched_, served_, done_, elsewhere_, own_draft_, own_sent_,
      own_matched_;
};

TEST_P(CloseAgencyOffersTest, Suspended) {
  AddAll();
  EXPECT_EQ(Close("suspended", 5), 2);
  EXPECT_EQ(Read(sent_), "closed/withdrawn agency_suspended: withdrawn");
  EXPECT_EQ(Read(asked_), "closed/withdrawn agency_suspended: withdrawn");
  EXPECT_EQ(Read(matched_), "matched/accepted : recipient_suspended");
  EXPECT_EQ(Read(served_), "in_service/accepted : recipient_suspended");
  EXPECT_EQ(Read(done_), "completed/accepted :");
  EXPECT_EQ(Read(elsewhere_), "open/sent :");
  EXPECT_EQ(Read(own_draft_), "draft :");
  EXPECT_EQ(Read(own_sent_), "open/delivered :") << "the client waits for help";
  EXPECT_EQ(Read(own_matched_), "matched/accepted :");
  EXPECT_EQ(Membership(), "suspended ");
}

TEST_P(CloseAgencyOffersTest, Departed) {
  AddAll();
  EXPECT_EQ(Close("departed", 5), 2);
  EXPECT_EQ(Read(sent_), "closed/withdrawn agency_departed: withdrawn");
  EXPECT_EQ(Read(matched_), "closed/fell_through agency_departed: closed");
  EXPECT_EQ(Read(served_), "closed/fell_through agency_departed: closed");
  EXPECT_EQ(Read(done_), "completed/accepted :");
  EXPECT_EQ(Read(elsewhere_), "open/sent :");
  EXPECT_EQ(Read(own_draft_), "cancelled agency_departed: cancelled");
  EXPECT_EQ(Read(own_sent_), "cancelled/withdrawn agency_departed: cancelled");
  EXPECT_EQ(Read(own_matched_), "matched/accepted :");
}

TEST_P(CloseAgencyOffersTest, CallAndEventDoItOnceInWhateverOrder) {
  AddAll();
  Event("active", 4);
  EXPECT_EQ(Membership(), "active legal_services");
  EXPECT_EQ(Read(sent_), "open/sent :");
  Event("suspended", 5);
  EXPECT_EQ(Read(sent_), "closed/withdrawn agency_suspended: withdrawn");
  EXPECT_EQ(Close("suspended", 5), 2) << "the count of this change, though the event came first";
  EXPECT_EQ(Close("suspended", 5), 2);
  Event("suspended", 5);
  EXPECT_EQ(Read(matched_), "matched/accepted : recipient_suspended") << "told once";
  EXPECT_EQ(Membership(), "suspended legal_services") << "a call knows no kind";
}

TEST_P(CloseAgencyOffersTest, WhatComesLateUndoesNothing) {
  Event("suspended", 5);
  Event("active", 6);
  const std::string fresh = Add(other_, closing_, ReferralState::kOpen, OfferState::kSent);
  EXPECT_EQ(Close("suspended", 5), 0);
  Event("suspended", 5);
  EXPECT_EQ(Membership(), "active legal_services");
  EXPECT_EQ(Read(fresh), "open/sent :");
  EXPECT_EQ(Close("suspended", 7), 1);
  EXPECT_EQ(Read(fresh), "closed/withdrawn agency_suspended: withdrawn");
}

TEST_P(CloseAgencyOffersTest, MoreThanAPage) {
  for (int i = 0; i < 205; ++i) {
    Add(other_, closing_, ReferralState::kOpen, OfferState::kDelivered);
  }
  EXPECT_EQ(Close("suspended", 2), 205);
}

FAIRLEAD_ON_BOTH_ENGINES(CloseAgencyOffersTest);

}  // namespace
}  // namespace fairlead::referral
