// Where a case may not go, and where it might go next, through the services as they run.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "services/common/testing/wait_until.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

using ::testing::ElementsAre;

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
