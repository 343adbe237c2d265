// A recipient hands on, through the services as they run: under a release of its own, once, and
// back to nobody.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/referral/v1/forward.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "services/common/testing/wait_until.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::Eq;

constexpr const char* kForwardVerb = "/fairlead.referral.v1.ForwardService/ForwardReferral";

class ForwardTest : public BlindTest {
 protected:
  consent_v1::Release Release(const Agency& by, const Agency& to,
                              const ReleaseOptions& options = {}) {
    auto release = coalition_->SignedRelease(by, to, options);
    EXPECT_TRUE(release) << ToString(release.error());
    return release ? *release : consent_v1::Release();
  }

  // Sent to that agency under the release, and accepted.
  v1::Referral Received(const Agency& by, const consent_v1::Release& release) {
    const auto packet = coalition_->Packet(from_, by, release, kPacket);
    EXPECT_TRUE(packet) << ToString(packet.error());
    const auto sent = coalition_->Send(*packet, from_);
    EXPECT_TRUE(sent) << ToString(sent.error());
    if (!sent) return v1::Referral();
    EXPECT_TRUE(coalition_->Accept(by, sent->offers(0).id()));
    return *sent;
  }
  v1::Referral Received(const Agency& by) { return Received(by, Release(from_, by)); }

  v1::ForwardReferralRequest Handing(const Agency& by, const Agency& to,
                                     const std::string& received,
                                     const consent_v1::Release& release) {
    const auto packet = coalition_->Packet(by, to, release, kPacket);
    EXPECT_TRUE(packet) << ToString(packet.error());
    v1::ForwardReferralRequest request;
    if (!packet) return request;
    request.set_request_id(packet->request_id());
    request.set_forwarded_from_referral_id(received);
    request.set_referral_id(packet->referral_id());
    request.set_case_handle(packet->case_handle());
    *request.mutable_facets() = packet->facets();
    request.set_recipient_agency_id(to.id);
    request.set_release_id(release.id());
    request.set_packet(packet->packet());
    return request;
  }
  Result<v1::ForwardReferralResponse> Forward(const auth::Actor& by,
                                              const v1::ForwardReferralRequest& request) {
    return coalition_->Call<v1::ForwardReferralResponse>(by, kForwardVerb, request);
  }
  v1::Referral Forwarded(const Agency& by, const Agency& to, const std::string& received) {
    const auto forwarded =
        Forward(by.caseworker, Handing(by, to, received, Release(by, to)));
    EXPECT_TRUE(forwarded) << ToString(forwarded.error());
    return forwarded ? forwarded->referral() : v1::Referral();
  }
};

TEST_P(ForwardTest, EachOfTheTwoHasItsOwnReleaseAndItsOwnEnd) {
  const consent_v1::Release first = Release(from_, one_);
  const v1::Referral received = Received(one_, first);
  const consent_v1::Release own = Release(one_, two_);
  const auto forwarded =
      Forward(one_.caseworker, Handing(one_, two_, received.id(), own));
  ASSERT_TRUE(forwarded) << ToString(forwarded.error());
  const v1::Referral& handed_on = forwarded->referral();
  EXPECT_EQ(handed_on.mode(), v1::REFERRAL_MODE_FORWARD);
  EXPECT_EQ(handed_on.forwarded_from_referral_id(), received.id());
  EXPECT_NE(handed_on.case_handle(), received.case_handle());
  const auto opened = coalition_->Open(two_, one_, handed_on.id());
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_EQ(*opened, kPacket);

  // Each knows its own of the two.
  EXPECT_THAT(Story(from_, received.id()), ElementsAre("sent", "accepted", "forwarded"));
  EXPECT_TRUE(Seen(from_, received.id()).has_forward_time());
  EXPECT_THAT(Story(two_, handed_on.id()), ElementsAre("sent", "opened"));
  EXPECT_EQ(ReasonOf(coalition_->Get(from_, handed_on.id())), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(coalition_->Open(from_, one_, handed_on.id())), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(coalition_->Get(two_, received.id())), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(coalition_->Open(two_, from_, received.id())), "REFERRAL_NOT_FOUND");

  ASSERT_TRUE(coalition_->Revoke(from_, first.id()));
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, received.id())), "RELEASE_REVOKED");
  EXPECT_EQ(ReasonOf(coalition_->Open(two_, one_, handed_on.id())), "ok") << "another promise";
  ASSERT_TRUE(coalition_->Revoke(one_, own.id()));
  EXPECT_EQ(ReasonOf(coalition_->Open(two_, one_, handed_on.id())), "RELEASE_REVOKED");
}

TEST_P(ForwardTest, NoReleaseOfAnybodyElsesWillDo) {
  ReleaseOptions to_both;
  to_both.also_to = {two_.id};
  const consent_v1::Release theirs = Release(from_, one_, to_both);
  const v1::Referral received = Received(one_, theirs);
  const auto refusal = [&](const consent_v1::Release& release) {
    return ReasonOf(Forward(one_.caseworker, Handing(one_, two_, received.id(), release)));
  };
  EXPECT_EQ(refusal(theirs), "FORWARD_NEEDS_OWN_RELEASE") << "though it names them both";
  EXPECT_EQ(refusal(Release(from_, one_, to_both)), "RELEASE_NOT_FOUND");
  EXPECT_EQ(refusal(Release(one_, three_)), "RELEASE_RECIPIENT_MISMATCH");
  v1::ForwardReferralRequest of_another_case =
      Handing(one_, two_, received.id(), Release(one_, two_));
  of_another_case.set_case_handle(coalition_->ids().New());
  EXPECT_EQ(ReasonOf(Forward(one_.caseworker, of_another_case)), "RELEASE_SUBJECT_MISMATCH");
  EXPECT_THAT(Story(from_, received.id()), ElementsAre("sent", "accepted"));
  EXPECT_FALSE(Seen(from_, received.id()).has_forward_time());
}

TEST_P(ForwardTest, NobodyElseHandsItOn) {
  const v1::Referral received = Received(one_);
  const v1::ForwardReferralRequest request =
      Handing(one_, two_, received.id(), Release(one_, two_));
  EXPECT_EQ(ReasonOf(Forward(coalition_->MakeCoordinator(), request)), "ROLE_NOT_ALLOWED");
  auth::Actor suspended = one_.caseworker;
  suspended.membership = auth::Membership::kSuspended;
  EXPECT_EQ(ReasonOf(Forward(suspended, request)), "AGENCY_NOT_ACTIVE");
  EXPECT_EQ(ReasonOf(Forward(auth::Actor(), request)), "SIGN_IN_REQUIRED");
  for (const Agency& agency : {from_, three_}) {
    EXPECT_EQ(ReasonOf(Forward(agency.caseworker, Handing(agency, two_, received.id(),
                                                          Release(agency, two_)))),
              "REFERRAL_NOT_FOUND");
  }
  v1::ForwardReferralRequest to_itself = request;
  to_itself.set_recipient_agency_id(one_.id);
  EXPECT_EQ(ReasonOf(Forward(one_.caseworker, to_itself)), "RECIPIENT_IS_SENDER");
  EXPECT_EQ(ReasonOf(Forward(one_.caseworker, request)), "ok");
}

// Whoever tries one agency after the other, to learn who had the case, is seen by the agency that
// it had the case from.
TEST_P(ForwardTest, ALoopIsRefusedAndOnRecordWithTheOneBefore) {
  const v1::Referral received = Received(one_);
  const v1::Referral handed_on = Forwarded(one_, two_, received.id());
  ASSERT_TRUE(coalition_->Accept(two_, handed_on.offers(0).id()));
  ReleaseOptions once;
  once.action = consent_v1::RELEASE_ACTION_ONCE;
  once.also_to = {three_.id};
  const consent_v1::Release release = Release(two_, one_, once);
  EXPECT_EQ(ReasonOf(Forward(two_.caseworker, Handing(two_, one_, handed_on.id(), release))),
            "FORWARD_LOOP")
      << "it knows from whom it has it";
  // Of the others it hears under a release that names the one only.
  EXPECT_EQ(ReasonOf(Forward(two_.caseworker, Handing(two_, from_, handed_on.id(), release))),
            "RELEASE_RECIPIENT_MISMATCH");
  EXPECT_EQ(ReasonOf(Forward(two_.caseworker, Handing(two_, from_, handed_on.id(),
                                                      Release(two_, from_)))),
            "FORWARD_LOOP");
  fairlead::audit::v1::ListAuditRecordsRequest request;
  request.mutable_filter()->set_referral_id(handed_on.id());
  request.mutable_filter()->set_refused_only(true);
  const auto refusals = [&](const Agency& reader) {
    const auto answer = coalition_->Call<fairlead::audit::v1::ListAuditRecordsResponse>(
        reader.admin, "/fairlead.audit.v1.AuditService/ListAuditRecords", request);
    EXPECT_TRUE(answer) << ToString(answer.error());
    return !answer ? 0 : std::ranges::count_if(answer->records(), [](const auto& record) {
      return record.action() == "referral_forwarded" && record.refused_reason() == "FORWARD_LOOP";
    });
  };
  EXPECT_TRUE(WaitUntil([&] { return refusals(one_) == 2; }));
  EXPECT_EQ(refusals(from_), 0);
  // And by the one before consent nothing was used up.
  EXPECT_EQ(ReasonOf(Forward(two_.caseworker,
                             Handing(two_, three_, handed_on.id(), release))),
            "ok");
}

// Nor does who is barred hear that somebody has a release that names it; and whose list it was
// finds the refusal under its own case, without who tried.
TEST_P(ForwardTest, WhoIsBarredLearnsNothingAndTheKeeperOfTheListDoes) {
  const v1::Referral received = Received(one_);
  const v1::Referral handed_on = Forwarded(one_, two_, received.id());
  ASSERT_TRUE(coalition_->Accept(two_, handed_on.offers(0).id()));
  const Agency barred = Add("Barred", auth::AgencyKind::kVictimServiceProvider);
  v1::SetDoNotRouteRequest list;
  list.set_request_id(coalition_->ids().New());
  list.set_case_handle(received.case_handle());
  v1::NotToBeAsked* entry = list.add_entries();
  entry->set_agency_id(barred.id);
  entry->set_reason_code("past_harm");
  ASSERT_EQ(ReasonOf(coalition_->Call<v1::SetDoNotRouteResponse>(
                from_.caseworker, "/fairlead.referral.v1.RoutingService/SetDoNotRoute", list)),
            "ok");
  ReleaseOptions once;
  once.action = consent_v1::RELEASE_ACTION_ONCE;
  once.also_to = {three_.id};
  const consent_v1::Release release = Release(two_, barred, once);
  const auto shown = [&](const Agency& agency) {
    consent_v1::GetReleaseRequest get;
    get.set_release_id(release.id());
    return ReasonOf(coalition_->Call<consent_v1::GetReleaseResponse>(
        agency.caseworker, "/fairlead.consent.v1.ConsentService/GetRelease", get));
  };
  EXPECT_EQ(ReasonOf(Forward(two_.caseworker, Handing(two_, barred, handed_on.id(), release))),
            "FORWARD_LOOP");
  EXPECT_EQ(shown(barred), "RELEASE_NOT_FOUND");
  consent_v1::ListDisclosuresRequest log;
  log.set_release_id(release.id());
  const auto logged = coalition_->Call<consent_v1::ListDisclosuresResponse>(
      two_.caseworker, "/fairlead.consent.v1.ConsentService/ListDisclosures", log);
  ASSERT_TRUE(logged) << ToString(logged.error());
  EXPECT_EQ(logged->disclosures_size(), 0) << "nothing was sent";

  fairlead::audit::v1::ListAuditRecordsRequest request;
  request.mutable_filter()->set_case_handle(received.case_handle());
  request.mutable_filter()->set_refused_only(true);
  const auto found = [&] {
    const auto answer = coalition_->Call<fairlead::audit::v1::ListAuditRecordsResponse>(
        from_.admin, "/fairlead.audit.v1.AuditService/ListAuditRecords", request);
    EXPECT_TRUE(answer) << ToString(answer.error());
    return !answer ? 0 : std::ranges::count_if(answer->records(), [&](const auto& record) {
      EXPECT_EQ(record.DebugString().find(two_.id), std::string::npos);
      EXPECT_EQ(record.DebugString().find(handed_on.id()), std::string::npos);
      return record.action() == "referral_forwarded" && record.refused_reason() == "FORWARD_LOOP";
    });
  };
  EXPECT_TRUE(WaitUntil([&] { return found() == 1; }));

  EXPECT_EQ(ReasonOf(Forward(two_.caseworker, Handing(two_, three_, handed_on.id(), release))),
            "ok")
      << "the release is not used up";
  EXPECT_EQ(shown(three_), "ok");
  ASSERT_TRUE(coalition_->Revoke(two_, release.id()));
  EXPECT_EQ(shown(barred), "RELEASE_NOT_FOUND");
}

// Told before anybody is asked, by every way to ask; while it is only written, a warning will do.
TEST_P(ForwardTest, TheSenderIsToldThatTheNeedIsOnItsWayAlready) {
  const consent_v1::Release release = Release(from_, one_);
  v1::CreateReferralRequest draft;
  draft.set_case_handle(release.case_handle());
  draft.mutable_facets()->set_need_code("shelter_bed");
  draft.mutable_facets()->set_urgency(v1::URGENCY_URGENT);
  const auto warned_of = [&]() -> std::string {
    draft.set_request_id(coalition_->ids().New());
    const auto made = Call<v1::CreateReferralResponse>(from_, "CreateReferral", draft);
    EXPECT_TRUE(made) << ToString(made.error());
    return made ? made->duplicate_referral_id() : "";
  };
  EXPECT_EQ(warned_of(), "");
  EXPECT_EQ(warned_of(), "") << "another draft is nothing yet";
  const v1::Referral first = Received(one_, release);
  EXPECT_EQ(warned_of(), first.id());
  auto direct = coalition_->Packet(from_, one_, release, kPacket);
  ASSERT_TRUE(direct) << ToString(direct.error());
  direct->set_allow_duplicate_service(false);
  EXPECT_EQ(ReasonOf(coalition_->Send(*direct, from_)), "DUPLICATE_SERVICE");
  v1::OfferReferralRequest blind = Asking({two_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  blind.set_case_handle(release.case_handle());
  EXPECT_EQ(ReasonOf(Call<v1::OfferReferralResponse>(from_, "OfferReferral", blind)),
            "DUPLICATE_SERVICE");
  Forwarded(one_, two_, first.id());
  EXPECT_EQ(ReasonOf(Forward(one_.caseworker,
                             Handing(one_, three_, first.id(), Release(one_, three_)))),
            "DUPLICATE_SERVICE");
  draft.mutable_facets()->set_need_code("urgent_medical");
  EXPECT_EQ(warned_of(), "");
}

TEST_P(ForwardTest, RaceOfOneRequestSentTwice) {
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const v1::Referral received = Received(one_);
    const v1::ForwardReferralRequest request =
        Handing(one_, two_, received.id(), Release(one_, two_));
    std::atomic<bool> go = false;
    std::string answers[2];
    {
      std::vector<std::jthread> callers;
      for (std::string& answer : answers) {
        callers.emplace_back([&] {
          go.wait(false);
          const auto forwarded = Forward(one_.caseworker, request);
          answer = forwarded ? forwarded->referral().id() : forwarded.error().reason;
        });
      }
      go = true;
      go.notify_all();
    }
    EXPECT_EQ(answers[0], request.referral_id());
    EXPECT_EQ(answers[1], request.referral_id());
    EXPECT_THAT(Story(one_, received.id()), ElementsAre("sent", "accepted", "forwarded"));
    EXPECT_THAT(Story(two_, request.referral_id()), ElementsAre("sent"));
  }
}

// The match comes to nothing while it is handed on: one of the two is first, and the story says so.
TEST_P(ForwardTest, RaceOfHandingOnAndReopening) {
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const v1::Referral received = Received(one_);
    const v1::ForwardReferralRequest request =
        Handing(one_, two_, received.id(), Release(one_, two_));
    std::atomic<bool> go = false;
    std::string forwarded;
    std::string reopened;
    {
      std::jthread forwards([&] {
        go.wait(false);
        forwarded = ReasonOf(Forward(one_.caseworker, request));
      });
      std::jthread reopens([&] {
        go.wait(false);
        reopened = ReasonOf(Reopen(from_, received.id()));
      });
      go = true;
      go.notify_all();
    }
    EXPECT_EQ(reopened, "ok");
    ASSERT_THAT(forwarded, AnyOf(Eq("ok"), Eq("FORWARD_NOT_IN_HAND")));
    if (forwarded == "ok") {
      EXPECT_THAT(Story(from_, received.id()),
                  ElementsAre("sent", "accepted", "forwarded", "fell_through"));
    } else {
      EXPECT_THAT(Story(from_, received.id()), ElementsAre("sent", "accepted", "fell_through"));
      EXPECT_EQ(ReasonOf(coalition_->Get(one_, request.referral_id())), "REFERRAL_NOT_FOUND");
    }
  }
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(ForwardTest);

}  // namespace
}  // namespace fairlead::testing
