// Break-glass between the agencies and through the pipeline: what it opens, what it does not, and
// who hears of it.
#include <gmock/gmock.h>

#include "fairlead/consent/v1/break_glass.pb.h"
#include "fairlead/referral/v1/attachment.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "fairlead/referral/v1/sealed_note.pb.h"
#include "services/common/testing/wait_until.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr char kGlass[] = "/fairlead.consent.v1.BreakGlassService/";

class BreakGlassTest : public BlindTest {
 protected:
  // To One, with its packet.
  v1::Referral Sent() {
    ReleaseOptions options;
    options.two_way = true;
    const auto release = coalition_->SignedRelease(from_, one_, options);
    EXPECT_TRUE(release) << ToString(release.error());
    if (!release) return {};
    release_ = *release;
    const auto packet = coalition_->Packet(from_, one_, *release, kPacket);
    EXPECT_TRUE(packet) << ToString(packet.error());
    if (!packet) return {};
    auto sent = coalition_->Send(*packet, from_);
    EXPECT_TRUE(sent) << ToString(sent.error());
    return sent ? *sent : v1::Referral();
  }
  void Decline(const v1::Referral& referral) {
    v1::DeclineOfferRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_offer_id(OfferTo(referral, one_));
    request.set_reason_code("no_capacity");
    const auto declined = Call<v1::DeclineOfferResponse>(one_, "DeclineOffer", request);
    EXPECT_TRUE(declined) << ToString(declined.error());
  }
  // By two people of One.
  void Break(const v1::Referral& referral) {
    consent_v1::RequestBreakGlassRequest ask;
    ask.set_request_id(coalition_->ids().New());
    ask.set_referral_id(referral.id());
    ask.set_reason_code("imminent_danger_to_life");
    const auto asked = coalition_->Call<consent_v1::RequestBreakGlassResponse>(
        one_.caseworker, std::string(kGlass) + "RequestBreakGlass", ask);
    ASSERT_TRUE(asked) << ToString(asked.error());
    consent_v1::ApproveBreakGlassRequest approve;
    approve.set_request_id(coalition_->ids().New());
    approve.set_break_glass_id(asked->break_glass().id());
    auth::Actor colleague = one_.admin;
    colleague.assurance = auth::kSignedIn;
    EXPECT_EQ(ReasonOf(coalition_->Call<consent_v1::ApproveBreakGlassResponse>(
                  colleague, std::string(kGlass) + "ApproveBreakGlass", approve)),
              "STEP_UP_REQUIRED");
    colleague.assurance = auth::kProvenLately;
    const auto approved = coalition_->Call<consent_v1::ApproveBreakGlassResponse>(
        colleague, std::string(kGlass) + "ApproveBreakGlass", approve);
    ASSERT_TRUE(approved) << ToString(approved.error());
  }
  std::string Opens(const v1::Referral& referral) {
    const auto opened = coalition_->Open(one_, from_, referral.id());
    return opened ? *opened : opened.error().reason;
  }
  consent_v1::Release release_;  // of the last one that was sent
};

TEST_P(BreakGlassTest, OpensWhatTheAgencyHasDeclinedAndItsSenderHears) {
  const v1::Referral referral = Sent();
  Decline(referral);
  EXPECT_EQ(Opens(referral), "OFFER_NOT_OPEN");
  Break(referral);
  EXPECT_EQ(Opens(referral), kPacket);
  // With what it is held against, which else is not shown of what has ended.
  v1::OpenPacketRequest again;
  again.set_referral_id(referral.id());
  const auto opened = Call<v1::OpenPacketResponse>(one_, "OpenPacket", again);
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_TRUE(opened->by_break_glass());
  EXPECT_EQ(opened->referral().release_hash(), release_.release_hash());
  EXPECT_EQ(opened->referral().purpose(), "referral");
  EXPECT_THAT(opened->referral().categories(), ElementsAre("needs"));
  EXPECT_EQ(opened->referral().case_handle(), "");
  EXPECT_EQ(Seen(one_, referral.id()).release_hash(), "");
  for (const Agency& party : {from_, one_}) {
    EXPECT_TRUE(WaitUntil([&] {
      const std::vector<std::string> story = Story(party, referral.id());
      return std::ranges::count(story, "break_glass_approved") == 1;
    }));
    EXPECT_THAT(Story(party, referral.id()), Contains("break_glass_opened"));
  }
  // Of the packet alone: whatever is attached stays closed.
  v1::OpenAttachmentChunkRequest chunk;
  chunk.set_referral_id(referral.id());
  chunk.set_attachment_id(coalition_->ids().New());
  EXPECT_EQ(ReasonOf(coalition_->Call<v1::OpenAttachmentChunkResponse>(
                one_.caseworker, "/fairlead.referral.v1.AttachmentService/OpenAttachmentChunk",
                chunk)),
            "OFFER_NOT_OPEN");
  // Not to be sealed anew, and for nobody else.
  v1::OpenPacketRequest fetch;
  fetch.set_referral_id(referral.id());
  fetch.set_to_reseal(true);
  EXPECT_EQ(ReasonOf(Call<v1::OpenPacketResponse>(one_, "OpenPacket", fetch)), "OFFER_NOT_OPEN");
  fetch.set_to_reseal(false);
  EXPECT_EQ(ReasonOf(Call<v1::OpenPacketResponse>(two_, "OpenPacket", fetch)),
            "REFERRAL_NOT_FOUND");
  ASSERT_TRUE(coalition_->Revoke(from_, referral.release_id()));
  EXPECT_EQ(Opens(referral), "RELEASE_REVOKED");
}

TEST_P(BreakGlassTest, WhatWasWrittenStaysClosed) {
  constexpr const char* kNotes = "/fairlead.referral.v1.SealedNoteService/";
  const v1::Referral referral = Sent();
  v1::AskSealedQuestionRequest ask;
  ask.set_request_id(coalition_->ids().New());
  ask.set_referral_id(referral.id());
  ask.set_note_id(coalition_->ids().New());
  const auto note = coalition_->SealedPacket(one_, from_, release_, referral.id(), kPacket);
  ASSERT_TRUE(note) << ToString(note.error());
  ask.set_note(*note);
  ASSERT_EQ(ReasonOf(coalition_->Call<v1::AskSealedQuestionResponse>(
                one_.caseworker, std::string(kNotes) + "AskSealedQuestion", ask)),
            "ok");
  v1::OpenNoteRequest open;
  open.set_note_id(ask.note_id());
  const auto opens = [&] {
    return ReasonOf(coalition_->Call<v1::OpenNoteResponse>(
        one_.caseworker, std::string(kNotes) + "OpenNote", open));
  };
  EXPECT_EQ(opens(), "ok");
  Decline(referral);
  Break(referral);
  EXPECT_EQ(Opens(referral), kPacket);
  EXPECT_EQ(opens(), "OFFER_NOT_OPEN");
}

TEST_P(BreakGlassTest, NotWhatItsSenderHasEnded) {
  const v1::Referral referral = Sent();
  v1::CancelReferralRequest cancel;
  cancel.set_request_id(coalition_->ids().New());
  cancel.set_referral_id(referral.id());
  cancel.set_reason_code("client_withdrew");
  ASSERT_TRUE(Call<v1::CancelReferralResponse>(from_, "CancelReferral", cancel));
  Break(referral);
  EXPECT_EQ(Opens(referral), "OFFER_NOT_OPEN");
  EXPECT_THAT(Story(from_, referral.id()), Not(Contains("break_glass_opened")));
}

TEST_P(BreakGlassTest, NotByAnAgencyThatTheCaseMustNeverBePutTo) {
  const v1::Referral referral = Sent();
  Decline(referral);
  v1::SetDoNotRouteRequest list;
  list.set_request_id(coalition_->ids().New());
  list.set_case_handle(referral.case_handle());
  v1::NotToBeAsked* entry = list.add_entries();
  entry->set_agency_id(one_.id);
  entry->set_reason_code("safety_risk");
  ASSERT_TRUE(coalition_->Call<v1::SetDoNotRouteResponse>(
      from_.caseworker, "/fairlead.referral.v1.RoutingService/SetDoNotRoute", list));
  Break(referral);
  EXPECT_EQ(Opens(referral), "OFFER_NOT_OPEN");
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(BreakGlassTest);

}  // namespace
}  // namespace fairlead::testing
