// The hand-off through all services, on both engines: what works, and what is refused, and why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "services/common/base/text.h"
#include "services/common/testing/wait_until.h"
#include "tests/support/hub_test.h"

namespace fairlead::testing {
namespace {

namespace consent_v1 = fairlead::consent::v1;
namespace referral_v1 = fairlead::referral::v1;
using Engine = storage::Transaction::Engine;

constexpr int64_t kHourMs = 3600 * 1000;
constexpr const char* kPacket = R"({"needs":{"summary":"a bed tonight, two children"}})";

template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

class HandOffTest : public HubTest {
 protected:
  void SetUp() override {
    HubTest::SetUp();
    if (HasFatalFailure()) return;
    from_ = Add("Harbor", auth::AgencyKind::kVictimServiceProvider);
    to_ = Add("Clinic", auth::AgencyKind::kHealthProvider);
    third_ = Add("Legal Aid", auth::AgencyKind::kLegalServices);
  }

  consent_v1::Release Release(const ReleaseOptions& options = {}) {
    auto release = coalition_->SignedRelease(from_, to_, options);
    EXPECT_TRUE(release) << ToString(release.error());
    return release ? *release : consent_v1::Release();
  }

  referral_v1::SendReferralRequest Packet(const consent_v1::Release& release) {
    auto request = coalition_->Packet(from_, to_, release, kPacket);
    EXPECT_TRUE(request) << ToString(request.error());
    return request ? *request : referral_v1::SendReferralRequest();
  }

  referral_v1::Referral Sent(const consent_v1::Release& release) {
    auto sent = coalition_->Send(Packet(release), from_);
    EXPECT_TRUE(sent) << ToString(sent.error());
    return sent ? *sent : referral_v1::Referral();
  }

  // The events that a referral's story was told with.
  std::vector<std::string> Story(const Agency& by, const std::string& id) {
    referral_v1::GetTimelineRequest request;
    request.set_referral_id(id);
    auto timeline = coalition_->Call<referral_v1::GetTimelineResponse>(
        by.caseworker, "/fairlead.referral.v1.ReferralService/GetTimeline", request);
    std::vector<std::string> events;
    if (!timeline) return {timeline.error().reason};
    for (const auto& entry : timeline->entries()) events.push_back(entry.event());
    return events;
  }

  int Disclosures(const std::string& release_id) {
    consent_v1::ListDisclosuresRequest request;
    request.set_release_id(release_id);
    auto listed = coalition_->Call<consent_v1::ListDisclosuresResponse>(
        from_.caseworker, "/fairlead.consent.v1.ConsentService/ListDisclosures", request);
    return listed ? listed->disclosures_size() : -1;
  }

  Result<consent_v1::Release> GetRelease(const Agency& by, const std::string& id) {
    consent_v1::GetReleaseRequest request;
    request.set_release_id(id);
    auto found = coalition_->Call<consent_v1::GetReleaseResponse>(
        by.caseworker, "/fairlead.consent.v1.ConsentService/GetRelease", request);
    if (!found) return Fail(found.error());
    return found->release();
  }

  Agency from_;
  Agency to_;
  Agency third_;
};

TEST_P(HandOffTest, FromSendToCompletionAndRevocation) {
  const consent_v1::Release release = Release();
  const referral_v1::Referral sent = Sent(release);
  EXPECT_EQ(sent.state(), referral_v1::REFERRAL_STATE_OPEN);
  ASSERT_EQ(sent.offers_size(), 1);
  EXPECT_EQ(sent.offers(0).state(), referral_v1::OFFER_STATE_SENT);

  referral_v1::ListReferralsRequest inbox;
  inbox.set_box(referral_v1::BOX_INBOX);
  auto listed = coalition_->Call<referral_v1::ListReferralsResponse>(
      to_.caseworker, "/fairlead.referral.v1.ReferralService/ListReferrals", inbox);
  ASSERT_TRUE(listed) << ToString(listed.error());
  ASSERT_EQ(listed->referrals_size(), 1);
  EXPECT_EQ(listed->referrals(0).offers(0).state(), referral_v1::OFFER_STATE_DELIVERED);
  EXPECT_EQ(listed->referrals(0).case_handle(), "") << "a case handle is the sender's own";

  for (const Agency& reader : {to_, from_}) {
    const Result<std::string> opened = coalition_->Open(reader, from_, sent.id());
    ASSERT_TRUE(opened) << ToString(opened.error());
    EXPECT_EQ(*opened, kPacket);
  }
  EXPECT_EQ(ReasonOf(coalition_->Accept(to_, sent.offers(0).id())), "ok");
  EXPECT_EQ(ReasonOf(coalition_->Start(to_, sent.id())), "ok");
  auto completed = coalition_->Complete(to_, sent.id());
  ASSERT_TRUE(completed) << ToString(completed.error());
  EXPECT_EQ(completed->state(), referral_v1::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(completed->outcome_code(), "enrolled");
  EXPECT_THAT(Story(from_, sent.id()),
              ::testing::ElementsAre("sent", "delivered", "opened", "reread", "accepted", "started",
                                     "completed"));

  auto revoked = coalition_->Revoke(from_, release.id());
  ASSERT_TRUE(revoked) << ToString(revoked.error());
  EXPECT_EQ(revoked->keys_deleted(), 2);
  ASSERT_EQ(revoked->agency_ids_that_opened_size(), 1);
  EXPECT_EQ(revoked->agency_ids_that_opened(0), to_.id);
  EXPECT_EQ(ReasonOf(coalition_->Open(to_, from_, sent.id())), "RELEASE_REVOKED");
  EXPECT_EQ(ReasonOf(coalition_->Open(from_, from_, sent.id())), "RELEASE_REVOKED");
}

TEST_P(HandOffTest, EveryReleaseThatDoesNotAllowItIsRefusedWithItsReason) {
  const auto draft = coalition_->DraftRelease(from_, to_);
  ASSERT_TRUE(draft);
  EXPECT_EQ(ReasonOf(coalition_->Send(Packet(*draft), from_)), "RELEASE_NOT_SIGNED");

  auto for_third = coalition_->SignedRelease(from_, third_);
  ASSERT_TRUE(for_third);
  EXPECT_EQ(ReasonOf(coalition_->Send(Packet(*for_third), from_)), "RELEASE_RECIPIENT_MISMATCH");

  consent_v1::Release wider = Release();
  wider.add_categories("health");
  EXPECT_EQ(ReasonOf(coalition_->Send(Packet(wider), from_)), "RELEASE_CATEGORY_MISMATCH");

  consent_v1::Release altered = Release();
  altered.set_release_hash(std::string(42, 'A') + "A");
  EXPECT_EQ(ReasonOf(coalition_->Send(Packet(altered), from_)), "RELEASE_HASH_MISMATCH");

  const consent_v1::Release revoked = Release();
  ASSERT_TRUE(coalition_->Revoke(from_, revoked.id()));
  EXPECT_EQ(ReasonOf(coalition_->Send(Packet(revoked), from_)), "RELEASE_REVOKED");

  consent_v1::Release other_case = Release();
  other_case.set_case_handle(coalition_->ids().New());
  EXPECT_EQ(ReasonOf(coalition_->Send(Packet(other_case), from_)), "RELEASE_SUBJECT_MISMATCH");

  auto of_another = coalition_->SignedRelease(third_, to_);
  ASSERT_TRUE(of_another);
  EXPECT_EQ(ReasonOf(coalition_->Send(Packet(*of_another), from_)), "RELEASE_NOT_FOUND");

  ReleaseOptions once;
  once.action = consent_v1::RELEASE_ACTION_ONCE;
  const consent_v1::Release single = Release(once);
  // A send that the hub refuses for another reason uses nothing up and is no disclosure.
  Agency impostor = to_;
  impostor.epoch = third_.epoch;
  auto unfit = coalition_->Packet(from_, impostor, single, kPacket);
  ASSERT_TRUE(unfit);
  EXPECT_EQ(ReasonOf(coalition_->Send(*unfit, from_)), "PACKET_RECIPIENT_MISMATCH");
  EXPECT_EQ(Disclosures(single.id()), 0);
  EXPECT_EQ(ReasonOf(coalition_->Send(Packet(single), from_)), "ok");
  EXPECT_EQ(ReasonOf(coalition_->Send(Packet(single), from_)), "RELEASE_ALREADY_USED");

  ReleaseOptions brief;
  brief.expire_in_ms = kHourMs;
  const consent_v1::Release expiring = Release(brief);
  const referral_v1::Referral sent = Sent(expiring);
  referral_v1::SendReferralRequest late = Packet(expiring);
  hub_->clock().Shift(kHourMs + 1000);
  EXPECT_EQ(ReasonOf(coalition_->Open(to_, from_, sent.id())), "RELEASE_EXPIRED");
  EXPECT_THAT(ReasonOf(coalition_->Send(late, from_)),
              ::testing::AnyOf("RELEASE_EXPIRED", "PACKET_EXPIRED"));
}

TEST_P(HandOffTest, EveryPacketThatDoesNotFitIsRefusedAndNothingIsKept) {
  const consent_v1::Release release = Release();
  referral_v1::SendReferralRequest request = Packet(release);
  request.set_packet("{}");
  EXPECT_EQ(ReasonOf(coalition_->Send(request, from_)), "INVALID_PACKET");

  request = Packet(release);
  request.set_referral_id(coalition_->ids().New());
  EXPECT_EQ(ReasonOf(coalition_->Send(request, from_)), "PACKET_REFERRAL_MISMATCH");

  // Sealed to a key that is not the recipient's.
  Agency impostor = to_;
  impostor.epoch = third_.epoch;
  auto to_other_key = coalition_->Packet(from_, impostor, release, kPacket);
  ASSERT_TRUE(to_other_key);
  EXPECT_EQ(ReasonOf(coalition_->Send(*to_other_key, from_)), "PACKET_RECIPIENT_MISMATCH");

  // Signed by somebody else's key.
  Agency forger = from_;
  forger.signing = third_.signing;
  auto forged = coalition_->Packet(forger, to_, release, kPacket);
  ASSERT_TRUE(forged);
  EXPECT_EQ(ReasonOf(coalition_->Send(*forged, from_)), "PACKET_SENDER_MISMATCH");

  // Sent by one agency in the name of another, with its own key.
  Agency in_anothers_name = from_;
  in_anothers_name.id = third_.id;
  auto misnamed = coalition_->Packet(in_anothers_name, to_, release, kPacket);
  ASSERT_TRUE(misnamed);
  EXPECT_EQ(ReasonOf(coalition_->Send(*misnamed, from_)), "PACKET_SENDER_AGENCY_MISMATCH");

  request = Packet(release);
  request.set_recipient_agency_id(from_.id);
  EXPECT_EQ(ReasonOf(coalition_->Send(request, from_)), "RECIPIENT_IS_SENDER");

  request = Packet(release);
  request.clear_facets();
  EXPECT_EQ(ReasonOf(coalition_->Send(request, from_)), "FACETS_REQUIRED");

  request = Packet(release);
  request.mutable_facets()->set_need_code("a_pony");
  EXPECT_EQ(ReasonOf(coalition_->Send(request, from_)), "UNKNOWN_NEED_CODE");

  request = Packet(release);
  request.mutable_facets()->set_age_band("grown-up");
  EXPECT_EQ(ReasonOf(coalition_->Send(request, from_)), "UNKNOWN_AGE_BAND");

  referral_v1::ListReferralsRequest sent_box;
  sent_box.set_box(referral_v1::BOX_SENT);
  auto listed = coalition_->Call<referral_v1::ListReferralsResponse>(
      from_.caseworker, "/fairlead.referral.v1.ReferralService/ListReferrals", sent_box);
  ASSERT_TRUE(listed) << ToString(listed.error());
  EXPECT_EQ(listed->referrals_size(), 0) << "a refused send left something behind";
}

TEST_P(HandOffTest, AThirdAgencyLearnsNothing) {
  const referral_v1::Referral sent = Sent(Release());
  const Result<referral_v1::Referral> theirs = coalition_->Get(third_, sent.id());
  const Result<referral_v1::Referral> nowhere = coalition_->Get(third_, coalition_->ids().New());
  ASSERT_FALSE(theirs);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(theirs.error(), nowhere.error());
  EXPECT_EQ(ReasonOf(coalition_->Open(third_, from_, sent.id())), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(coalition_->Accept(third_, sent.offers(0).id())), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(coalition_->Accept(from_, sent.offers(0).id())), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(coalition_->Start(from_, sent.id())), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Story(third_, sent.id()), std::vector<std::string>{"REFERRAL_NOT_FOUND"});
  EXPECT_EQ(ReasonOf(coalition_->Revoke(third_, sent.release_id())), "RELEASE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(coalition_->Revoke(to_, sent.release_id())), "RELEASE_NOT_FOUND");
}

TEST_P(HandOffTest, ANamedAgencySeesAReleaseOnlyOnceSomethingWasSentToItAndThenItsOwnPart) {
  ReleaseOptions wide;
  wide.categories = {"children", "needs"};
  const consent_v1::Release release = Release(wide);
  EXPECT_EQ(ReasonOf(GetRelease(to_, release.id())), "RELEASE_NOT_FOUND");
  consent_v1::Release narrow = release;
  narrow.clear_categories();
  narrow.add_categories("needs");
  Sent(narrow);
  const auto seen = GetRelease(to_, release.id());
  ASSERT_TRUE(seen) << ToString(seen.error());
  EXPECT_EQ(seen->case_handle(), "");
  EXPECT_FALSE(seen->has_signature());
  ASSERT_EQ(seen->categories_size(), 1);
  EXPECT_EQ(seen->categories(0), "needs");
  EXPECT_EQ(ReasonOf(GetRelease(third_, release.id())), "RELEASE_NOT_FOUND");
  const auto draft = coalition_->DraftRelease(from_, to_);
  ASSERT_TRUE(draft);
  ASSERT_TRUE(coalition_->Revoke(from_, draft->id()));
  EXPECT_EQ(ReasonOf(GetRelease(to_, draft->id())), "RELEASE_NOT_FOUND");
}

TEST_P(HandOffTest, ARepeatedRequestIsAnsweredOnceAndAReusedIdIsAnError) {
  const consent_v1::Release release = Release();
  const referral_v1::SendReferralRequest request = Packet(release);
  const auto first = coalition_->Send(request, from_);
  const auto second = coalition_->Send(request, from_);
  ASSERT_TRUE(first) << ToString(first.error());
  ASSERT_TRUE(second) << ToString(second.error());
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_EQ(Story(from_, first->id()), std::vector<std::string>{"sent"});

  referral_v1::SendReferralRequest changed = request;
  changed.mutable_facets()->set_county("48453");
  EXPECT_EQ(ReasonOf(coalition_->Send(changed, from_)), "REQUEST_ID_REUSED");

  // Also after the release is gone: the first answer stands.
  ASSERT_TRUE(coalition_->Revoke(from_, release.id()));
  const auto after = coalition_->Send(request, from_);
  ASSERT_TRUE(after) << ToString(after.error());
  EXPECT_EQ(after->SerializeAsString(), first->SerializeAsString());
}

TEST_P(HandOffTest, TheSameNeedOfTheSameCaseIsNotStartedTwice) {
  const consent_v1::Release release = Release();
  const referral_v1::Referral first = Sent(release);
  referral_v1::SendReferralRequest again = Packet(release);
  again.set_allow_duplicate_service(false);
  const auto refused = coalition_->Send(again, from_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "DUPLICATE_SERVICE");
  EXPECT_EQ(refused.error().metadata.at("referral_id"), first.id());
}

TEST_P(HandOffTest, ADeclinedOfferClosesAndItsPacketStaysShut) {
  const referral_v1::Referral sent = Sent(Release());
  referral_v1::DeclineOfferRequest decline;
  decline.set_request_id(coalition_->ids().New());
  decline.set_offer_id(sent.offers(0).id());
  decline.set_reason_code("not_a_reason");
  const char* method = "/fairlead.referral.v1.ReferralService/DeclineOffer";
  EXPECT_EQ(ReasonOf(coalition_->Call<referral_v1::DeclineOfferResponse>(to_.caseworker, method,
                                                                         decline)),
            "UNKNOWN_REASON_CODE");
  decline.set_reason_code("no_capacity");
  auto declined =
      coalition_->Call<referral_v1::DeclineOfferResponse>(to_.caseworker, method, decline);
  ASSERT_TRUE(declined) << ToString(declined.error());
  EXPECT_EQ(declined->referral().state(), referral_v1::REFERRAL_STATE_CLOSED);
  EXPECT_EQ(ReasonOf(coalition_->Open(to_, from_, sent.id())), "OFFER_NOT_OPEN");
  EXPECT_EQ(ReasonOf(coalition_->Accept(to_, sent.offers(0).id())), "ILLEGAL_TRANSITION");
  EXPECT_EQ(ReasonOf(coalition_->Start(to_, sent.id())), "ILLEGAL_TRANSITION");
}

TEST_P(HandOffTest, AWrongEtagIsRefused) {
  const referral_v1::Referral sent = Sent(Release());
  referral_v1::AcceptOfferRequest accept;
  accept.set_request_id(coalition_->ids().New());
  accept.set_offer_id(sent.offers(0).id());
  accept.set_etag("v99");
  const auto refused = coalition_->Call<referral_v1::AcceptOfferResponse>(
      to_.caseworker, "/fairlead.referral.v1.ReferralService/AcceptOffer", accept);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kAborted);
  EXPECT_EQ(refused.error().reason, "ETAG_MISMATCH");
}

TEST_P(HandOffTest, ARevocationCancelsWhatIsOpenExactlyOnce) {
  const consent_v1::Release release = Release();
  const referral_v1::Referral open = Sent(release);
  const referral_v1::Referral matched = Sent(release);
  ASSERT_TRUE(coalition_->Accept(to_, matched.offers(0).id()));
  ASSERT_TRUE(coalition_->Revoke(from_, release.id()));
  ASSERT_TRUE(testing::WaitUntil([&] {
    const auto now = coalition_->Get(from_, open.id());
    return now && now->state() == referral_v1::REFERRAL_STATE_CANCELLED;
  }));
  EXPECT_EQ(Story(from_, open.id()), (std::vector<std::string>{"sent", "cancelled"}));
  EXPECT_EQ(Story(from_, matched.id()),
            (std::vector<std::string>{"sent", "accepted", "release_revoked"}));
  // The service may go on; both see why nothing opens.
  for (const auto& person : {from_, to_}) {
    const auto seen = coalition_->Get(person, matched.id());
    ASSERT_TRUE(seen) << ToString(seen.error());
    EXPECT_EQ(seen->state(), referral_v1::REFERRAL_STATE_MATCHED);
    EXPECT_EQ(seen->reason_code(), "release_revoked");
  }
  EXPECT_EQ(ReasonOf(coalition_->Open(to_, from_, matched.id())), "RELEASE_REVOKED");
  EXPECT_EQ(ReasonOf(coalition_->Start(to_, matched.id())), "ok");
  const auto started = coalition_->Get(to_, matched.id());
  ASSERT_TRUE(started) << ToString(started.error());
  EXPECT_EQ(started->state(), referral_v1::REFERRAL_STATE_IN_SERVICE);
  EXPECT_EQ(started->reason_code(), "release_revoked");
}

// A release that is replaced, or was recorded by mistake, takes its packets with it; what is to be
// read under the new one is sent under it.
TEST_P(HandOffTest, AReplacedOrMistakenReleaseEndsWhatIsOpenToo) {
  const std::string consent = "/fairlead.consent.v1.ConsentService/";
  for (const bool replaced : {true, false}) {
    const std::string reason = replaced ? "release_superseded" : "release_entered_in_error";
    const std::string denial = replaced ? "RELEASE_SUPERSEDED" : "RELEASE_ENTERED_IN_ERROR";
    const consent_v1::Release release = Release();
    const referral_v1::Referral open = Sent(release);
    const referral_v1::Referral matched = Sent(release);
    ASSERT_TRUE(coalition_->Accept(to_, matched.offers(0).id()));
    ASSERT_TRUE(coalition_->Open(to_, from_, matched.id()));
    testing::ReleaseOptions narrower;
    narrower.case_handle = release.case_handle();
    narrower.supersedes_release_id = release.id();
    Result<consent_v1::Release> successor = release;
    if (replaced) {
      successor = coalition_->SignedRelease(from_, to_, narrower);
      ASSERT_TRUE(successor) << ToString(successor.error());
    } else {
      consent_v1::EnterReleaseInErrorRequest mistake;
      mistake.set_request_id(coalition_->ids().New());
      mistake.set_release_id(release.id());
      ASSERT_TRUE(coalition_->Call<consent_v1::EnterReleaseInErrorResponse>(
          from_.caseworker, consent + "EnterReleaseInError", mistake));
    }
    EXPECT_EQ(ReasonOf(coalition_->Open(to_, from_, open.id())), denial) << "at once";
    ASSERT_TRUE(testing::WaitUntil([&] {
      const auto now = coalition_->Get(from_, open.id());
      return now && now->state() == referral_v1::REFERRAL_STATE_CANCELLED &&
             now->reason_code() == reason;
    }));
    for (const std::string& id : {open.id(), matched.id()}) {
      EXPECT_EQ(ReasonOf(coalition_->Open(to_, from_, id)), denial);
    }
    EXPECT_EQ(Story(from_, matched.id()),
              (std::vector<std::string>{"sent", "accepted", "opened", reason}));
    EXPECT_EQ(ReasonOf(coalition_->Start(to_, matched.id())), "ok") << "the service goes on";
    consent_v1::ListDestroyNoticesRequest asked;
    asked.set_box(consent_v1::DESTROY_NOTICE_BOX_RECEIVED);
    asked.set_release_id(release.id());
    const auto notices = coalition_->Call<consent_v1::ListDestroyNoticesResponse>(
        to_.caseworker, consent + "ListDestroyNotices", asked);
    ASSERT_TRUE(notices) << ToString(notices.error());
    EXPECT_EQ(notices->notices_size(), replaced ? 0 : 1) << "it may keep what it has";
    if (replaced) {
      EXPECT_EQ(ReasonOf(coalition_->Open(to_, from_, Sent(*successor).id())), "ok");
    }
  }
}

TEST_P(HandOffTest, AnOfferThatWaitedTooLongCannotBeAccepted) {
  ReleaseOptions lasting;
  lasting.expire_in_ms = 72 * kHourMs;
  const referral_v1::Referral sent = Sent(Release(lasting));
  hub_->clock().Shift(49 * kHourMs);  // urgent: 48 h
  EXPECT_EQ(ReasonOf(coalition_->Accept(to_, sent.offers(0).id())), "OFFER_EXPIRED");
  ASSERT_TRUE(WaitUntil([&] {
    const auto seen = coalition_->Get(to_, sent.id());
    return seen && seen->offers(0).state() == referral_v1::OFFER_STATE_EXPIRED;
  }));
  EXPECT_EQ(ReasonOf(coalition_->Accept(to_, sent.offers(0).id())), "OFFER_EXPIRED")
      << "the same, once the clock has ended it";
}

TEST_P(HandOffTest, WhoDoesNotAnswerIsRemindedAndThenOthersAreTold) {
  ReleaseOptions lasting;
  lasting.expire_in_ms = 72 * kHourMs;
  const referral_v1::Referral sent = Sent(Release(lasting));
  EXPECT_EQ(sent.offers(0).next_step(), referral_v1::CLOCK_STEP_REMIND);
  EXPECT_EQ(sent.offers(0).next_step_time().seconds(), sent.offers(0).remind_time().seconds());
  const auto comes_to = [&](referral_v1::ClockStep step) {
    return WaitUntil([&] {
      const auto seen = coalition_->Get(from_, sent.id());
      return seen && seen->offers(0).next_step() == step;
    });
  };
  const std::string etag = sent.etag();
  hub_->clock().Shift(4 * kHourMs + 1);  // urgent: 4, 12, 24, 48 h
  EXPECT_TRUE(comes_to(referral_v1::CLOCK_STEP_ESCALATE_ADMIN));
  hub_->clock().Shift(8 * kHourMs);
  EXPECT_TRUE(comes_to(referral_v1::CLOCK_STEP_ESCALATE_COORDINATOR));
  hub_->clock().Shift(12 * kHourMs);
  EXPECT_TRUE(comes_to(referral_v1::CLOCK_STEP_EXPIRE));
  EXPECT_EQ(coalition_->Get(from_, sent.id())->etag(), etag) << "nobody has to read again";
  for (const Agency& reader : {from_, to_}) {
    EXPECT_THAT(
        Story(reader, sent.id()),
        ::testing::ElementsAre("sent", "reminded", "escalated_admin", "escalated_coordinator"));
  }
  EXPECT_EQ(ReasonOf(coalition_->Accept(to_, sent.offers(0).id())), "ok");
  const auto matched = coalition_->Get(to_, sent.id());
  ASSERT_TRUE(matched);
  EXPECT_EQ(matched->offers(0).next_step(), referral_v1::CLOCK_STEP_UNSPECIFIED);
  EXPECT_FALSE(matched->offers(0).has_next_step_time());
}

TEST_P(HandOffTest, OnlyWhoMayActMayAct) {
  const referral_v1::SendReferralRequest request = Packet(Release());
  Agency auditor = from_;
  auditor.caseworker.roles = {auth::Role::kAuditor};
  EXPECT_EQ(ReasonOf(coalition_->Send(request, auditor)), "ROLE_NOT_ALLOWED");
  Agency suspended = from_;
  suspended.caseworker.membership = auth::Membership::kSuspended;
  EXPECT_EQ(ReasonOf(coalition_->Send(request, suspended)), "AGENCY_NOT_ACTIVE");
  const Agency nobody;
  EXPECT_EQ(ReasonOf(coalition_->Send(request, nobody)), "SIGN_IN_REQUIRED");
  consent_v1::IssueCustodyKeysRequest keys;
  keys.set_release_id(request.release_id());
  EXPECT_EQ(ReasonOf(coalition_->Call<consent_v1::IssueCustodyKeysResponse>(
                from_.caseworker, "/fairlead.consent.v1.ConsentService/IssueCustodyKeys", keys)),
            "SERVICES_ONLY");
}

INSTANTIATE_TEST_SUITE_P(Engines, HandOffTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& engine) {
                           return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::testing
