// Where a case may not go, and where it might go next, through the services as they run.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/consent/v1/break_glass.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "fairlead/referral/v1/sealed_note.pb.h"
#include "services/common/testing/wait_until.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kSweepMs = 60'000;  // within which custody keys are destroyed
constexpr const char* kNoteVerbs = "/fairlead.referral.v1.SealedNoteService/";
constexpr const char* kRouting = "/fairlead.referral.v1.RoutingService/";

class RoutingTest : public BlindTest {
 protected:
  Result<v1::SetDoNotRouteResponse> Set(const auth::Actor& by, const std::string& case_handle,
                                        const std::vector<Agency>& listed,
                                        const std::string& etag = "") {
    v1::SetDoNotRouteRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_case_handle(case_handle);
    request.set_etag(etag);
    for (const Agency& agency : listed) {
      v1::NotToBeAsked* entry = request.add_entries();
      entry->set_agency_id(agency.id);
      entry->set_reason_code("conflict_of_interest");
    }
    return coalition_->Call<v1::SetDoNotRouteResponse>(by, std::string(kRouting) + "SetDoNotRoute",
                                                       request);
  }
  Result<v1::GetDoNotRouteResponse> Get(const auth::Actor& by, const std::string& case_handle) {
    v1::GetDoNotRouteRequest request;
    request.set_case_handle(case_handle);
    return coalition_->Call<v1::GetDoNotRouteResponse>(by, std::string(kRouting) + "GetDoNotRoute",
                                                       request);
  }
  std::string Suggest(const auth::Actor& by, const std::string& referral_id,
                      const Agency& agency) {
    v1::SuggestCandidateRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(referral_id);
    request.set_agency_id(agency.id);
    return ReasonOf(coalition_->Call<v1::SuggestCandidateResponse>(
        by, std::string(kRouting) + "SuggestCandidate", request));
  }
  // Sent to One, which has asked something about it, sealed.
  struct Written {
    v1::Referral referral;
    std::string note_id;
  };
  Written SentAndAsked() {
    ReleaseOptions options;
    options.two_way = true;
    const auto release = coalition_->SignedRelease(from_, one_, options);
    EXPECT_TRUE(release) << ToString(release.error());
    if (!release) return {};
    const auto packet = coalition_->Packet(from_, one_, *release, kPacket);
    EXPECT_TRUE(packet) << ToString(packet.error());
    if (!packet) return {};
    const auto sent = coalition_->Send(*packet, from_);
    EXPECT_TRUE(sent) << ToString(sent.error());
    if (!sent) return {};
    v1::AskSealedQuestionRequest ask;
    ask.set_request_id(coalition_->ids().New());
    ask.set_referral_id(sent->id());
    ask.set_note_id(coalition_->ids().New());
    ask.set_note(
        coalition_->SealedPacket(one_, from_, *release, sent->id(), kPacket).value_or(""));
    EXPECT_EQ(ReasonOf(coalition_->Call<v1::AskSealedQuestionResponse>(
                  one_.caseworker, std::string(kNoteVerbs) + "AskSealedQuestion", ask)),
              "ok");
    return {*sent, ask.note_id()};
  }
  // What the agency is answered about it.
  std::string Answers(const Agency& by, const Written& about) {
    v1::GetNotesRequest list;
    list.set_referral_id(about.referral.id());
    const auto listed = coalition_->Call<v1::GetNotesResponse>(
        by.caseworker, std::string(kNoteVerbs) + "GetNotes", list);
    v1::OpenNoteRequest open;
    open.set_note_id(about.note_id);
    const v1::Referral seen = Seen(by, about.referral.id());
    return v1::ReferralState_Name(seen.state()) + " " + seen.reason_code() + ", notes: " +
           (listed ? std::to_string(listed->notes_size()) : listed.error().reason) + ", note: " +
           ReasonOf(coalition_->Call<v1::OpenNoteResponse>(
               by.caseworker, std::string(kNoteVerbs) + "OpenNote", open)) +
           ", packet: " + ReasonOf(coalition_->Open(by, from_, about.referral.id()));
  }
  std::string BreakGlass(const Agency& by, const Written& about) {
    consent_v1::RequestBreakGlassRequest ask;
    ask.set_request_id(coalition_->ids().New());
    ask.set_referral_id(about.referral.id());
    ask.set_reason_code("imminent_danger_to_life");
    return ReasonOf(coalition_->Call<consent_v1::RequestBreakGlassResponse>(
        by.caseworker, "/fairlead.consent.v1.BreakGlassService/RequestBreakGlass", ask));
  }
  auth::Actor Of(const Agency& agency, auth::Role role) {
    return coalition_->MakeActor(agency.id, auth::AgencyKind::kVictimServiceProvider, {role});
  }
};

TEST_P(RoutingTest, TheListIsForPersonsOfTheAgencyThatKeepsIt) {
  const std::string handle = coalition_->ids().New();
  ASSERT_TRUE(Set(from_.caseworker, handle, {one_}));
  const auto own = Get(Of(from_, auth::Role::kHotlineOperator), handle);
  ASSERT_TRUE(own) << ToString(own.error());
  ASSERT_EQ(own->do_not_route().entries_size(), 1);
  EXPECT_EQ(own->do_not_route().entries(0).reason_code(), "conflict_of_interest");
  EXPECT_EQ(own->do_not_route().etag(), "v1");
  for (const Agency& other : {one_, two_}) {
    const auto theirs = Get(other.caseworker, handle);
    ASSERT_TRUE(theirs) << ToString(theirs.error());
    EXPECT_EQ(theirs->do_not_route().entries_size(), 0);
    EXPECT_EQ(theirs->do_not_route().etag(), "");
  }
  for (const auth::Actor& nobody :
       {Of(from_, auth::Role::kIntegration), coalition_->MakeCoordinator()}) {
    EXPECT_EQ(ReasonOf(Get(nobody, handle)), "ROLE_NOT_ALLOWED");
    EXPECT_EQ(ReasonOf(Set(nobody, handle, {two_}, "v1")), "ROLE_NOT_ALLOWED");
  }
}

TEST_P(RoutingTest, ItIsNotAskedAndNoReleaseIsUsedUpForIt) {
  ReleaseOptions once;
  once.action = consent_v1::RELEASE_ACTION_ONCE;
  const auto release = coalition_->SignedRelease(from_, one_, once);
  ASSERT_TRUE(release) << ToString(release.error());
  ASSERT_TRUE(Set(from_.caseworker, release->case_handle(), {one_}));
  const auto packet = coalition_->Packet(from_, one_, *release, kPacket);
  ASSERT_TRUE(packet) << ToString(packet.error());
  EXPECT_EQ(ReasonOf(coalition_->Send(*packet, from_)), "AGENCY_NOT_TO_BE_ASKED");
  ASSERT_TRUE(Set(from_.caseworker, release->case_handle(), {}, "v1"));
  const auto sent = coalition_->Send(*packet, from_);
  ASSERT_TRUE(sent) << ToString(sent.error());

  // And listed while it waits: taken back, whatever has been read by then.
  ASSERT_TRUE(coalition_->Open(one_, from_, sent->id()));
  const auto set = Set(from_.caseworker, release->case_handle(), {one_}, "v2");
  ASSERT_TRUE(set) << ToString(set.error());
  EXPECT_THAT(set->withdrawn_referral_ids(), ElementsAre(sent->id()));
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, sent->id())), "OFFER_NOT_OPEN");
  EXPECT_EQ(ReasonOf(coalition_->Open(from_, from_, sent->id())), "PACKET_GONE");
  const v1::Referral seen = Seen(one_, sent->id());
  EXPECT_EQ(seen.state(), v1::REFERRAL_STATE_CANCELLED);
  EXPECT_EQ(seen.reason_code(), "sent_in_error");
  EXPECT_EQ(ReasonOf(coalition_->Accept(one_, sent->offers(0).id())), "ILLEGAL_TRANSITION");
}

// What a sender takes back for a mistake and what its list takes back are alike for the agency that
// had it: by what it has written, and by what a break-glass says, too.
TEST_P(RoutingTest, WhoIsListedCannotTell) {
  const Written one = SentAndAsked();
  const Written other = SentAndAsked();
  for (const Written& each : {one, other}) {
    EXPECT_EQ(Answers(one_, each), Answers(one_, one)) << "as long as it waits";
  }
  v1::CancelReferralRequest cancel;
  cancel.set_request_id(coalition_->ids().New());
  cancel.set_referral_id(one.referral.id());
  cancel.set_reason_code("sent_in_error");
  ASSERT_EQ(ReasonOf(Call<v1::CancelReferralResponse>(from_, "CancelReferral", cancel)), "ok");
  const auto set = Set(from_.caseworker, other.referral.case_handle(), {one_});
  ASSERT_TRUE(set) << ToString(set.error());
  ASSERT_THAT(set->withdrawn_referral_ids(), ElementsAre(other.referral.id()));
  EXPECT_EQ(Answers(one_, one), Answers(one_, other));
  // Its key goes a moment later, and with that what a break-glass could ask for.
  for (const Written& each : {one, other}) {
    EXPECT_TRUE(WaitUntil([&] { return BreakGlass(one_, each) == "CUSTODY_KEY_GONE"; }, kSweepMs,
                          /*every_ms=*/100));
  }
}

// The list is set and the agency asked at once: whichever comes first, nothing waits with it
// afterwards.
TEST_P(RoutingTest, RaceOfListAndOffer) {
  constexpr int kRounds = 25;
  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    const v1::OfferReferralRequest asking =
        Asking({one_, two_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
    std::atomic<bool> go = false;
    std::string set;
    std::string offered;
    {
      std::jthread lists([&] {
        go.wait(false);
        set = ReasonOf(Set(from_.caseworker, asking.case_handle(), {one_}));
      });
      std::jthread offers([&] {
        go.wait(false);
        offered = ReasonOf(Call<v1::OfferReferralResponse>(from_, "OfferReferral", asking));
      });
      go = true;
      go.notify_all();
    }
    ASSERT_EQ(set, "ok");
    if (offered == "AGENCY_NOT_TO_BE_ASKED") {
      ++refused;
      EXPECT_EQ(ReasonOf(coalition_->Get(from_, asking.referral_id())), "REFERRAL_NOT_FOUND");
      continue;
    }
    ASSERT_EQ(offered, "ok");
    const v1::Referral now = Seen(from_, asking.referral_id());
    EXPECT_EQ(now.state(), v1::REFERRAL_STATE_OPEN);
    for (const v1::Offer& offer : now.offers()) {
      const bool is_listed = offer.recipient_agency_id() == one_.id;
      EXPECT_EQ(offer.state(), is_listed ? v1::OFFER_STATE_WITHDRAWN : v1::OFFER_STATE_SENT);
    }
  }
  std::printf("%d rounds, the list was first in %d\n", kRounds, refused);
}

TEST_P(RoutingTest, ACoordinatorSuggestsAndTheSenderAsks) {
  const auth::Actor coordinator = coalition_->MakeCoordinator();
  const v1::Referral asked = Asked({one_});
  EXPECT_EQ(Suggest(from_.caseworker, asked.id(), two_), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Suggest(Of(from_, auth::Role::kAuditor), asked.id(), two_), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Suggest(coordinator, coalition_->ids().New(), two_), "REFERRAL_NOT_FOUND");
  ASSERT_EQ(Suggest(coordinator, asked.id(), two_), "ok");
  const v1::Referral seen = Seen(from_, asked.id());
  ASSERT_EQ(seen.suggestions_size(), 1);
  EXPECT_EQ(seen.suggestions(0).agency_id(), two_.id);
  EXPECT_EQ(Seen(one_, asked.id()).suggestions_size(), 0) << "no affair of who is asked";
  EXPECT_EQ(ReasonOf(coalition_->Get(two_, asked.id())), "REFERRAL_NOT_FOUND") << "nor suggested";
  EXPECT_THAT(Story(from_, asked.id()), ElementsAre("offered", "suggested"));
  EXPECT_THAT(Story(one_, asked.id()), ElementsAre("offered"));
  v1::OfferReferralRequest also = Asking({two_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  also.set_referral_id(asked.id());
  ASSERT_TRUE(Call<v1::OfferReferralResponse>(from_, "OfferReferral", also));
  EXPECT_EQ(Seen(from_, asked.id()).suggestions_size(), 0);
}

TEST_P(RoutingTest, WhoTriesOneAfterTheOtherIsSeenByTheSender) {
  const auth::Actor coordinator = coalition_->MakeCoordinator();
  const v1::Referral asked = Asked({one_});
  ASSERT_TRUE(Set(from_.caseworker, asked.case_handle(), {two_}));
  EXPECT_EQ(Suggest(coordinator, asked.id(), one_), "NOT_POSSIBLE");
  EXPECT_EQ(Suggest(coordinator, asked.id(), two_), "NOT_POSSIBLE");
  fairlead::audit::v1::ListAuditRecordsRequest request;
  request.mutable_filter()->set_referral_id(asked.id());
  request.mutable_filter()->set_refused_only(true);
  const auto refusals = [&] {
    const auto answer = coalition_->Call<fairlead::audit::v1::ListAuditRecordsResponse>(
        from_.admin, "/fairlead.audit.v1.AuditService/ListAuditRecords", request);
    EXPECT_TRUE(answer) << ToString(answer.error());
    return !answer ? 0 : std::ranges::count_if(answer->records(), [](const auto& record) {
      return record.action() == "referral_suggested" && record.refused_reason() == "NOT_POSSIBLE";
    });
  };
  EXPECT_TRUE(WaitUntil([&] { return refusals() == 2; }));
}

// Software does not read the list; it could try one agency after the other.
TEST_P(RoutingTest, WhatTheListRefusesIsOnRecordWithItsKeeper) {
  const auto refusals = [&](const std::string& case_handle, const std::string& action) {
    fairlead::audit::v1::ListAuditRecordsRequest request;
    request.mutable_filter()->set_case_handle(case_handle);
    request.mutable_filter()->set_refused_only(true);
    const auto answer = coalition_->Call<fairlead::audit::v1::ListAuditRecordsResponse>(
        from_.admin, "/fairlead.audit.v1.AuditService/ListAuditRecords", request);
    EXPECT_TRUE(answer) << ToString(answer.error());
    return !answer ? 0 : std::ranges::count_if(answer->records(), [&](const auto& record) {
      return record.action() == action && record.refused_reason() == "AGENCY_NOT_TO_BE_ASKED";
    });
  };
  v1::OfferReferralRequest asking = Asking({one_, two_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  const std::string asked_case = asking.case_handle();
  ASSERT_TRUE(Set(from_.caseworker, asked_case, {one_}));
  EXPECT_EQ(ReasonOf(Call<v1::OfferReferralResponse>(from_, "OfferReferral", asking)),
            "AGENCY_NOT_TO_BE_ASKED");
  EXPECT_TRUE(WaitUntil([&] { return refusals(asked_case, "referral_offered") == 1; }));

  const auto release = coalition_->SignedRelease(from_, one_, ReleaseOptions());
  ASSERT_TRUE(release) << ToString(release.error());
  const std::string& sent_case = release->case_handle();
  ASSERT_TRUE(Set(from_.caseworker, sent_case, {one_}));
  const auto packet = coalition_->Packet(from_, one_, *release, kPacket);
  ASSERT_TRUE(packet) << ToString(packet.error());
  EXPECT_EQ(ReasonOf(coalition_->Send(*packet, from_)), "AGENCY_NOT_TO_BE_ASKED");
  EXPECT_TRUE(WaitUntil([&] { return refusals(sent_case, "referral_sent") == 1; }));
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(RoutingTest);

}  // namespace
}  // namespace fairlead::testing
