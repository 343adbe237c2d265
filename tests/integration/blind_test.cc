// Several agencies asked at once, through all services, on both engines: who is matched, what the
// others come to know, the packet after the match, and a match that came to nothing.
#include <gmock/gmock.h>

#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

TEST_P(BlindTest, TheFirstToAcceptIsMatchedAndGetsThePacket) {
  const v1::Referral asked = Asked({one_, two_, three_});
  EXPECT_EQ(asked.state(), v1::REFERRAL_STATE_OPEN);
  ASSERT_EQ(asked.offers_size(), 3);
  const v1::Referral before = Seen(two_, asked.id());
  EXPECT_EQ(before.offers_size(), 1) << "nobody sees who else is asked";
  EXPECT_EQ(before.case_handle(), "");
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "PACKET_NOT_SENT");

  const auto accepted = coalition_->Accept(one_, OfferTo(asked, one_));
  ASSERT_TRUE(accepted) << ToString(accepted.error());
  EXPECT_EQ(accepted->state(), v1::REFERRAL_STATE_MATCHED);
  EXPECT_EQ(ReasonOf(coalition_->Accept(two_, OfferTo(asked, two_))), "ALREADY_MATCHED");
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "PACKET_NOT_SENT");

  const consent_v1::Release release = ReleaseTo(one_, asked);
  const auto sent = SendPacket(one_, asked, release);
  ASSERT_TRUE(sent) << ToString(sent.error());
  EXPECT_TRUE(sent->referral().has_packet());
  for (const Agency& reader : {one_, from_}) {
    const Result<std::string> opened = coalition_->Open(reader, from_, asked.id());
    ASSERT_TRUE(opened) << ToString(opened.error());
    EXPECT_EQ(*opened, kPacket);
  }
  EXPECT_EQ(ReasonOf(coalition_->Open(two_, from_, asked.id())), "OFFER_NOT_OPEN");
  EXPECT_EQ(ReasonOf(SendPacket(one_, asked, release)), "PACKET_ALREADY_SENT");

  EXPECT_EQ(ReasonOf(coalition_->Start(two_, asked.id())), "ILLEGAL_TRANSITION");
  EXPECT_EQ(ReasonOf(coalition_->Start(one_, asked.id())), "ok");
  const v1::Referral lost = Seen(two_, asked.id());
  EXPECT_EQ(ReasonOf(coalition_->Complete(one_, asked.id())), "ok");
  EXPECT_THAT(
      Story(from_, asked.id()),
      ::testing::ElementsAre("offered", "offered", "offered", "accepted", "withdrawn", "withdrawn",
                             "packet_sent", "opened", "reread", "started", "completed"));
  // Revoked, nothing opens: the two-key rule holds for a packet that followed, too.
  ASSERT_TRUE(coalition_->Revoke(from_, release.id()));
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "RELEASE_REVOKED");

  // What has become of it elsewhere is nothing to those who were not taken.
  EXPECT_EQ(lost.state(), v1::REFERRAL_STATE_CANCELLED);
  EXPECT_EQ(lost.reason_code(), "matched_elsewhere");
  EXPECT_EQ(lost.release_id(), "");
  EXPECT_EQ(Seen(two_, asked.id()).SerializeAsString(), lost.SerializeAsString());
  EXPECT_THAT(Story(two_, asked.id()), ::testing::ElementsAre("offered", "withdrawn"));
}

TEST_P(BlindTest, ThoseWhoWaitDoNotHearWhatOthersAnswer) {
  const v1::Referral asked = Asked({one_, two_, three_});
  const v1::Referral before = Seen(two_, asked.id());
  v1::DeclineOfferRequest decline;
  decline.set_request_id(coalition_->ids().New());
  decline.set_offer_id(OfferTo(asked, one_));
  decline.set_reason_code("no_capacity");
  ASSERT_TRUE(Call<v1::DeclineOfferResponse>(one_, "DeclineOffer", decline));
  EXPECT_EQ(Seen(two_, asked.id()).SerializeAsString(), before.SerializeAsString());
  v1::AcceptOfferRequest accept;  // and it is no reason to read it anew
  accept.set_request_id(coalition_->ids().New());
  accept.set_offer_id(OfferTo(asked, two_));
  accept.set_etag(before.etag());
  EXPECT_EQ(ReasonOf(Call<v1::AcceptOfferResponse>(two_, "AcceptOffer", accept)), "ok");
  EXPECT_EQ(Seen(from_, asked.id()).state(), v1::REFERRAL_STATE_MATCHED);
}

TEST_P(BlindTest, WhatIsMatchedIsOfferedToNobodyElse) {
  const v1::Referral asked = Asked({one_, two_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  v1::OfferReferralRequest more = Asking({three_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  more.set_referral_id(asked.id());
  more.clear_facets();
  more.clear_case_handle();
  EXPECT_EQ(ReasonOf(Call<v1::OfferReferralResponse>(from_, "OfferReferral", more)),
            "ILLEGAL_TRANSITION");
  auto packet = coalition_->Packet(from_, three_, ReleaseTo(three_, asked), kPacket);
  ASSERT_TRUE(packet);
  // Nor by the way that is for one agency, nor under the id of an offer.
  for (const std::string& id : {asked.id(), OfferTo(asked, one_)}) {
    const auto sealed = coalition_->SealedPacket(from_, three_, ReleaseTo(three_, asked), id, "{}");
    packet->set_referral_id(id);
    packet->set_packet(*sealed);
    packet->set_request_id(coalition_->ids().New());
    EXPECT_THAT(ReasonOf(coalition_->Send(*packet, from_)),
                ::testing::AnyOf("ILLEGAL_TRANSITION", "REFERRAL_ALREADY_EXISTS"));
  }
  // Where it stands is not to be had by asking for each state in turn, either.
  ASSERT_TRUE(coalition_->Start(one_, asked.id()));
  for (int state = 1; state <= 8; ++state) {
    v1::ListReferralsRequest inbox;
    inbox.set_box(v1::BOX_INBOX);
    inbox.add_states(static_cast<v1::ReferralState>(state));
    const auto listed = Call<v1::ListReferralsResponse>(two_, "ListReferrals", inbox);
    ASSERT_TRUE(listed) << ToString(listed.error());
    EXPECT_EQ(listed->referrals_size(), state == v1::REFERRAL_STATE_CANCELLED ? 1 : 0) << state;
  }
}

TEST_P(BlindTest, TheSurvivorChoosesAmongThoseThatSaidYes) {
  const v1::Referral asked = Asked({one_, two_, three_}, v1::REFERRAL_MODE_SURVIVOR_CHOOSES);
  EXPECT_EQ(ReasonOf(coalition_->Accept(one_, OfferTo(asked, one_))), "CHOICE_IS_SENDERS");
  EXPECT_EQ(ReasonOf(Answer(one_, asked, v1::OFFER_ANSWER_MAYBE)), "ok");
  EXPECT_EQ(ReasonOf(Answer(two_, asked, v1::OFFER_ANSWER_YES)), "ok");
  EXPECT_EQ(ReasonOf(Choose(asked, one_)), "NOT_ANSWERED_YES");
  EXPECT_EQ(ReasonOf(Choose(asked, three_)), "NOT_ANSWERED_YES");
  EXPECT_EQ(ReasonOf(Answer(one_, asked, v1::OFFER_ANSWER_YES)), "ok") << "said anew";
  const auto chosen = Choose(asked, two_);
  ASSERT_TRUE(chosen) << ToString(chosen.error());
  EXPECT_EQ(chosen->referral().state(), v1::REFERRAL_STATE_MATCHED);
  EXPECT_EQ(ReasonOf(Choose(asked, one_)), "ALREADY_MATCHED");
  EXPECT_EQ(ReasonOf(Answer(one_, asked, v1::OFFER_ANSWER_YES)), "ILLEGAL_TRANSITION");
  EXPECT_EQ(Seen(one_, asked.id()).reason_code(), "matched_elsewhere");
  ASSERT_TRUE(SendPacket(two_, asked, ReleaseTo(two_, asked)));
  EXPECT_EQ(ReasonOf(coalition_->Open(two_, from_, asked.id())), "ok");

  const v1::Referral first = Asked({one_, two_});
  EXPECT_EQ(ReasonOf(Answer(one_, first, v1::OFFER_ANSWER_YES)), "CHOICE_NOT_OPEN");
  EXPECT_EQ(ReasonOf(Choose(first, one_)), "CHOICE_NOT_OPEN");
  // Another's choice is not there.
  v1::ChooseOfferRequest others;
  others.set_request_id(coalition_->ids().New());
  others.set_offer_id(OfferTo(asked, one_));
  EXPECT_EQ(ReasonOf(Call<v1::ChooseOfferResponse>(two_, "ChooseOffer", others)),
            "REFERRAL_NOT_FOUND");
}

TEST_P(BlindTest, WhoMayNotBeAskedIsNot) {
  const auto ask = [&](const v1::OfferReferralRequest& request, const Agency& by) {
    return ReasonOf(Call<v1::OfferReferralResponse>(by, "OfferReferral", request));
  };
  const auto first = v1::REFERRAL_MODE_FIRST_TO_ACCEPT;
  const Agency sheriff = Add("Sheriff", auth::AgencyKind::kLawEnforcement);
  EXPECT_EQ(ask(Asking({one_, sheriff}, first), from_), "LAW_ENFORCEMENT_NOT_OFFERED");
  EXPECT_EQ(ask(Asking({one_}, first), sheriff), "AGENCY_KIND_NOT_ALLOWED");
  EXPECT_EQ(ask(Asking({one_, from_}, first), from_), "RECIPIENT_IS_SENDER");
  EXPECT_EQ(ask(Asking({one_, one_}, first), from_), "DUPLICATE_RECIPIENT");
  EXPECT_EQ(ask(Asking({one_}, v1::REFERRAL_MODE_DIRECT), from_), "MODE_NOT_BLIND");
  Agency nobody;
  nobody.id = coalition_->ids().New();
  EXPECT_EQ(ask(Asking({one_, nobody}, first), from_), "AGENCY_NOT_ACTIVE");
  EXPECT_EQ(ask(Asking(std::vector<Agency>(21, one_), first), from_), "TOO_MANY_ITEMS");
  Agency auditor = from_;
  auditor.caseworker.roles = {auth::Role::kAuditor};
  EXPECT_EQ(ask(Asking({one_}, first), auditor), "ROLE_NOT_ALLOWED");

  v1::OfferReferralRequest request = Asking({one_}, first);
  EXPECT_EQ(ask(request, from_), "ok");
  EXPECT_EQ(ask(request, from_), "ok") << "a repeat is the same call";
  request.set_request_id(coalition_->ids().New());
  request.clear_facets();
  request.clear_case_handle();
  EXPECT_EQ(ask(request, from_), "ALREADY_OFFERED");
  EXPECT_EQ(ask(request, two_), "FACETS_REQUIRED") << "not its draft";
  request.mutable_recipients(0)->set_recipient_agency_id(two_.id);
  request.set_mode(v1::REFERRAL_MODE_SURVIVOR_CHOOSES);
  EXPECT_EQ(ask(request, from_), "MODE_MISMATCH");
  request.set_mode(first);
  EXPECT_EQ(ask(request, from_), "ok") << "further agencies";
  EXPECT_EQ(Seen(from_, request.referral_id()).offers_size(), 2);
}

TEST_P(BlindTest, APacketFollowsAMatchAndNothingElse) {
  const v1::Referral asked = Asked({one_, two_});
  const consent_v1::Release to_one = ReleaseTo(one_, asked);
  EXPECT_EQ(ReasonOf(SendPacket(one_, asked, to_one)), "NOT_MATCHED");
  ASSERT_TRUE(coalition_->Accept(two_, OfferTo(asked, two_)));
  EXPECT_EQ(ReasonOf(SendPacket(one_, asked, to_one)), "PACKET_RECIPIENT_MISMATCH");
  EXPECT_EQ(ReasonOf(SendPacket(two_, asked, to_one)), "RELEASE_RECIPIENT_MISMATCH");
  v1::Referral another = asked;
  another.set_case_handle(coalition_->ids().New());
  EXPECT_EQ(ReasonOf(SendPacket(two_, asked, ReleaseTo(two_, another))),
            "RELEASE_SUBJECT_MISMATCH");
  EXPECT_EQ(ReasonOf(SendPacket(two_, asked, ReleaseTo(two_, asked))), "ok");
}

TEST_P(BlindTest, AMatchThatCameToNothingOpensTheNeedAgain) {
  const v1::Referral asked = Asked({one_, two_});
  EXPECT_EQ(ReasonOf(Reopen(from_, asked.id())), "ILLEGAL_TRANSITION");
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  const consent_v1::Release once = ReleaseTo(one_, asked, consent_v1::RELEASE_ACTION_ONCE);
  ASSERT_EQ(ReasonOf(SendPacket(one_, asked, once)), "ok");
  ASSERT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "ok");
  const auto not_its_match = Reopen(two_, asked.id());
  EXPECT_EQ(ReasonOf(not_its_match), "ILLEGAL_TRANSITION");
  EXPECT_EQ(not_its_match.error().metadata.at("from"), "cancelled") << "as it is shown";
  EXPECT_EQ(ReasonOf(Reopen(one_, asked.id(), "no_such")), "UNKNOWN_REASON_CODE");

  const auto reopened = Reopen(one_, asked.id(), "client_not_reached");
  ASSERT_TRUE(reopened) << ToString(reopened.error());
  const v1::Referral open = Seen(from_, asked.id());
  EXPECT_EQ(open.state(), v1::REFERRAL_STATE_OPEN);
  EXPECT_FALSE(open.has_packet());
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "OFFER_NOT_OPEN");
  EXPECT_EQ(ReasonOf(coalition_->Open(from_, from_, asked.id())), "PACKET_NOT_SENT");
  EXPECT_EQ(Seen(one_, asked.id()).state(), v1::REFERRAL_STATE_CLOSED);

  // Offered again, to the one that was told it had gone elsewhere; under a release of its own.
  v1::OfferReferralRequest again = Asking({two_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  again.set_referral_id(asked.id());
  again.clear_facets();
  again.clear_case_handle();
  const auto offered = Call<v1::OfferReferralResponse>(from_, "OfferReferral", again);
  ASSERT_TRUE(offered) << ToString(offered.error());
  ASSERT_EQ(offered->referral().offers_size(), 3);
  ASSERT_TRUE(coalition_->Accept(two_, offered->referral().offers(2).id()));
  ASSERT_EQ(ReasonOf(SendPacket(two_, asked, ReleaseTo(two_, asked))), "ok");
  const Result<std::string> opened = coalition_->Open(two_, from_, asked.id());
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_EQ(*opened, kPacket);
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "OFFER_NOT_OPEN");
}

TEST_P(BlindTest, AReleaseForOneDisclosureIsForOneAgency) {
  const v1::Referral asked = Asked({one_, two_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  // Names both, and is for once.
  const auto draft = coalition_->DraftRelease(from_, one_,
                                              {.categories = {"needs"},
                                               .action = consent_v1::RELEASE_ACTION_ONCE,
                                               .case_handle = asked.case_handle(),
                                               .also_to = {two_.id}});
  ASSERT_TRUE(draft) << ToString(draft.error());
  const auto once = coalition_->Sign(from_, draft->id());
  ASSERT_TRUE(once) << ToString(once.error());
  ASSERT_EQ(ReasonOf(SendPacket(one_, asked, *once)), "ok");
  ASSERT_EQ(ReasonOf(Reopen(from_, asked.id())), "ok");
  v1::OfferReferralRequest again = Asking({two_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  again.set_referral_id(asked.id());
  again.clear_facets();
  again.clear_case_handle();
  const auto offered = Call<v1::OfferReferralResponse>(from_, "OfferReferral", again);
  ASSERT_TRUE(offered) << ToString(offered.error());
  ASSERT_TRUE(coalition_->Accept(two_, offered->referral().offers(2).id()));
  EXPECT_EQ(ReasonOf(SendPacket(two_, asked, *once)), "RELEASE_ALREADY_USED");
}

TEST_P(BlindTest, AnEarlierOfferIsJudgedByTheSameEtagAsTheLaterOne) {
  const v1::Referral asked = Asked({one_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  ASSERT_EQ(ReasonOf(Reopen(from_, asked.id())), "ok");
  v1::OfferReferralRequest again = Asking({one_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  again.set_referral_id(asked.id());
  again.clear_facets();
  again.clear_case_handle();
  const auto offered = Call<v1::OfferReferralResponse>(from_, "OfferReferral", again);
  ASSERT_TRUE(offered) << ToString(offered.error());
  ASSERT_TRUE(coalition_->Accept(one_, offered->referral().offers(1).id()));
  v1::AcceptOfferRequest accept;
  accept.set_request_id(coalition_->ids().New());
  accept.set_offer_id(OfferTo(asked, one_));
  accept.set_etag(Seen(one_, asked.id()).etag());
  EXPECT_EQ(ReasonOf(Call<v1::AcceptOfferResponse>(one_, "AcceptOffer", accept)),
            "ILLEGAL_TRANSITION");
}

TEST_P(BlindTest, AcceptingMayHoldABed) {
  const std::string beds = Beds(1);
  const v1::Referral asked = Asked({one_, two_});
  v1::AcceptOfferRequest accept;
  accept.set_request_id(coalition_->ids().New());
  accept.set_offer_id(OfferTo(asked, one_));
  accept.mutable_hold()->set_service_id(beds);
  accept.mutable_hold()->set_unit(directory_v1::CAPACITY_UNIT_BED);
  const auto accepted = Call<v1::AcceptOfferResponse>(one_, "AcceptOffer", accept);
  ASSERT_TRUE(accepted) << ToString(accepted.error());
  EXPECT_NE(accepted->hold_id(), "");
  EXPECT_EQ(FreeBeds(beds), 0);
  const auto again = Call<v1::AcceptOfferResponse>(one_, "AcceptOffer", accept);
  ASSERT_TRUE(again) << ToString(again.error());
  EXPECT_EQ(again->hold_id(), accepted->hold_id()) << "a repeat holds no second bed";

  const v1::Referral other = Asked({two_, three_});
  accept.set_request_id(coalition_->ids().New());
  accept.set_offer_id(OfferTo(other, two_));
  const auto without = Call<v1::AcceptOfferResponse>(two_, "AcceptOffer", accept);
  ASSERT_TRUE(without) << ToString(without.error());
  EXPECT_EQ(without->referral().state(), v1::REFERRAL_STATE_MATCHED);
  EXPECT_EQ(without->hold_id(), "");
  EXPECT_EQ(without->hold_refused_reason(), "CAPACITY_EXHAUSTED");
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(BlindTest);

}  // namespace
}  // namespace fairlead::testing
