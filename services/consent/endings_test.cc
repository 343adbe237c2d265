// How a release ends: taken back, replaced, found wrong; what becomes of the copies that others
// have; and who is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fairlead/events/v1/events.pb.h"
#include "services/consent/domain/states.h"
#include "services/consent/testing/consent_fixture.h"

namespace fairlead::consent {
namespace {

class EndingsTest : public ConsentFixture {
 protected:
  // Sent and opened by every recipient.
  std::string Opened(const v1::Release& release) {
    const std::string referral_id = ids_.New();
    EXPECT_EQ(ReasonOf(Issue(release, referral_id)), "");
    for (const std::string& agency_id : release.recipient_agency_ids()) {
      EXPECT_EQ(ReasonOf(Open(release, referral_id, agency_id)), "");
    }
    return referral_id;
  }
  v1::CreateReleaseRequest DraftInPlaceOf(const v1::Release& old) {
    v1::CreateReleaseRequest draft = Draft();
    draft.set_supersedes_release_id(old.id());
    return draft;
  }
  Result<v1::EnterReleaseInErrorResponse> EnterInError(const std::string& release_id,
                                                       const std::string& by = kDiscloser) {
    v1::EnterReleaseInErrorRequest request;
    request.set_request_id(ids_.New());
    request.set_release_id(release_id);
    return SyncWait(server_->EnterReleaseInError(Calling("EnterReleaseInError", by), request));
  }
  Result<v1::ConfirmWithdrawalResponse> Confirm(const std::string& release_id,
                                                v1::SignatureMethod method,
                                                const std::string& staff_id,
                                                const std::string& artefact_id = "") {
    v1::ConfirmWithdrawalRequest request;
    request.set_request_id(ids_.New());
    request.set_release_id(release_id);
    request.set_method(method);
    request.set_artefact_id(artefact_id);
    rpc::CallContext context = Calling("ConfirmWithdrawal");
    context.actor.staff_id = staff_id;
    return SyncWait(server_->ConfirmWithdrawal(context, request));
  }
  v1::ListDestroyNoticesResponse Notices(const std::string& agency_id, v1::DestroyNoticeBox box,
                                         bool open_only = false, const std::string& release = "") {
    v1::ListDestroyNoticesRequest request;
    request.set_box(box);
    request.set_open_only(open_only);
    request.set_release_id(release);
    const auto listed =
        SyncWait(server_->ListDestroyNotices(Calling("ListDestroyNotices", agency_id), request));
    EXPECT_TRUE(listed) << ToString(listed.error());
    return listed ? *listed : v1::ListDestroyNoticesResponse();
  }
  // Of all that was asked about a release: by whom it is to be destroyed.
  std::set<std::string> Asked(const std::string& release_id) {
    std::set<std::string> asked;
    const auto notices = Notices(kDiscloser, v1::DESTROY_NOTICE_BOX_SENT, false, release_id);
    for (const auto& notice : notices.notices()) asked.insert(notice.recipient_agency_id());
    return asked;
  }
  Result<v1::AcknowledgeDestructionResponse> Acknowledge(
      const std::string& notice_id, v1::DestructionOutcome outcome,
      const std::string& by = kRecipient) {
    v1::AcknowledgeDestructionRequest request;
    request.set_request_id(ids_.New());
    request.set_notice_id(notice_id);
    request.set_outcome(outcome);
    return SyncWait(
        server_->AcknowledgeDestruction(Calling("AcknowledgeDestruction", by), request));
  }
  std::vector<events::v1::EventEnvelope> EventsOf(const std::string& change) {
    std::function<Result<std::vector<events::v1::EventEnvelope>>(storage::ReadTransaction&)> job =
        [&](storage::ReadTransaction& tx) -> Result<std::vector<events::v1::EventEnvelope>> {
      FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT envelope FROM outbox ORDER BY sequence"));
      std::vector<events::v1::EventEnvelope> found;
      for (const storage::Row& row : rows) {
        events::v1::EventEnvelope event;
        EXPECT_TRUE(event.ParseFromString(row.Bytes(0)));
        if (event.type() == "fairlead.consent." + change + ".v1") found.push_back(event);
      }
      return found;
    };
    auto events = SyncWait(database_->Read<std::vector<events::v1::EventEnvelope>>(job));
    EXPECT_TRUE(events) << ToString(events.error());
    return events.value_or(std::vector<events::v1::EventEnvelope>());
  }
  size_t Events(const std::string& change) { return EventsOf(change).size(); }
  int64_t InTrail(const std::string& action) {
    return Count("SELECT COUNT(*) FROM audit_record WHERE action = '" + action + "'");
  }
};

TEST_P(EndingsTest, ASuccessorTakesThePlaceAtOnce) {
  const v1::Release old = Signed();
  const std::string referral_id = Opened(old);
  const auto created = Create(DraftInPlaceOf(old));
  ASSERT_TRUE(created) << ToString(created.error());
  EXPECT_EQ(ReasonOf(Open(old, referral_id)), "") << "until the new one is signed";
  const auto fresh = Sign(created->release().id());
  ASSERT_TRUE(fresh) << ToString(fresh.error());
  EXPECT_EQ(fresh->release().supersedes_release_id(), old.id());
  const v1::Release ended = Get(old.id());
  EXPECT_EQ(ended.state(), v1::RELEASE_STATE_SUPERSEDED);
  EXPECT_EQ(ended.superseded_by_release_id(), fresh->release().id());
  EXPECT_EQ(ended.state_staff_id(), context_.actor.staff_id);
  EXPECT_EQ(Keys(), 0);
  EXPECT_EQ(ReasonOf(Open(old, referral_id)), "RELEASE_SUPERSEDED");
  EXPECT_EQ(ReasonOf(Issue(old, ids_.New())), "RELEASE_SUPERSEDED");
  EXPECT_EQ(Events("superseded"), 1U);
  EXPECT_EQ(InTrail("release_superseded"), 1);
  Opened(fresh->release());
}

// Who may keep what they have by the new release is not asked to destroy it; who may not, is; and
// when the new one is taken back, so is everybody who had it by the old one.
TEST_P(EndingsTest, OnlyThoseAreAskedWhomTheSuccessorLeavesOut) {
  v1::CreateReleaseRequest wide = Draft();
  wide.add_recipient_agency_ids(kThird);
  const v1::Release first = Signed(wide);
  Opened(first);
  const v1::Release second = Signed(DraftInPlaceOf(first));
  EXPECT_EQ(Asked(first.id()), std::set<std::string>{kThird}) << "not named any more";
  v1::CreateReleaseRequest narrow = DraftInPlaceOf(second);
  narrow.set_categories(0, "health");
  Opened(second);
  const v1::Release third = Signed(narrow);
  EXPECT_EQ(Asked(second.id()), std::set<std::string>{kRecipient}) << "no longer for what it has";
  EXPECT_EQ(Asked(first.id()), (std::set<std::string>{kRecipient, kThird}))
      << "nor for what it has by the first";
  const auto revoked = Revoke(third.id());
  ASSERT_TRUE(revoked);
  EXPECT_EQ(revoked->agency_ids_that_opened_size(), 2) << "by those before";
  EXPECT_EQ(Events("destruction_requested"), 3U) << "once about each release";
}

TEST_P(EndingsTest, TakingBackTheSuccessorReachesThoseBeforeIt) {
  const v1::Release first = Signed();
  Opened(first);
  const v1::Release second = Signed(DraftInPlaceOf(first));
  EXPECT_TRUE(Asked(first.id()).empty()) << "it may keep what it has";
  ASSERT_TRUE(Revoke(second.id()));
  EXPECT_EQ(Asked(first.id()), std::set<std::string>{kRecipient});
}

TEST_P(EndingsTest, OfTwoThatWouldReplaceItOneDoes) {
  const v1::Release old = Signed();
  const auto first = Create(DraftInPlaceOf(old));
  const auto second = Create(DraftInPlaceOf(old));
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(Sign(first->release().id()));
  EXPECT_EQ(ReasonOf(Sign(second->release().id())), "RELEASE_SUPERSEDED");
  EXPECT_EQ(Get(first->release().id()).state(), v1::RELEASE_STATE_ACTIVE);
}

TEST_P(EndingsTest, WhatCannotBeReplaced) {
  const v1::Release old = Signed();
  v1::CreateReleaseRequest other_case = DraftInPlaceOf(old);
  other_case.set_case_handle(ids_.New());
  EXPECT_EQ(ReasonOf(Create(other_case)), "SUPERSEDES_ANOTHER_CASE");
  v1::CreateReleaseRequest later = DraftInPlaceOf(old);
  later.mutable_effective_time()->set_seconds(clock_.NowMs() / 1000 + 60);
  EXPECT_EQ(ReasonOf(Create(later)), "SUCCESSOR_TAKES_EFFECT_LATER");
  v1::CreateReleaseRequest nobodys = Draft();
  nobodys.set_supersedes_release_id(ids_.New());
  EXPECT_EQ(ReasonOf(Create(nobodys)), "RELEASE_NOT_FOUND");
  rpc::CallContext stranger = Calling("CreateRelease", kThird);
  EXPECT_EQ(ReasonOf(SyncWait(server_->CreateRelease(stranger, DraftInPlaceOf(old)))),
            "RELEASE_NOT_FOUND")
      << "another agency's";
  const auto unsigned_one = Create(Draft());
  EXPECT_EQ(ReasonOf(Create(DraftInPlaceOf(unsigned_one->release()))), "RELEASE_NOT_ACTIVE");
  const auto successor = Create(DraftInPlaceOf(old));
  ASSERT_TRUE(successor);
  ASSERT_TRUE(Revoke(old.id()));
  EXPECT_EQ(ReasonOf(Create(DraftInPlaceOf(old))), "RELEASE_NOT_ACTIVE");
  ASSERT_TRUE(Sign(successor->release().id())) << "nothing is left to replace";
  EXPECT_EQ(Get(old.id()).state(), v1::RELEASE_STATE_REVOKED);
}

// Every verb in every state: what the table does not have is refused, with what it has.
TEST_P(EndingsTest, OnlyTheWaysOfTheTable) {
  using Verb = std::function<std::optional<Error>(const std::string&)>;
  const auto error_of = [](const auto& result) {
    return result ? std::optional<Error>() : std::optional<Error>(result.error());
  };
  const std::map<State, Verb> verbs = {
      {State::kActive, [&](const std::string& id) { return error_of(Sign(id)); }},
      {State::kRevoked, [&](const std::string& id) { return error_of(Revoke(id)); }},
      {State::kEnteredInError, [&](const std::string& id) { return error_of(EnterInError(id)); }}};
  int moves = 0;
  for (int number = 1; number <= 6; ++number) {
    const State from = static_cast<State>(number);
    for (const auto& [to, verb] : verbs) {
      SCOPED_TRACE(std::string(StateName(from)) + " to " + std::string(StateName(to)));
      const v1::Release release = Signed();
      ASSERT_TRUE(Execute("UPDATE release SET state = " + std::to_string(number) +
                          " WHERE id = '" + release.id() + "'"));
      const std::optional<Error> error = verb(release.id());
      const std::vector<State> ways = Successors(from);
      if (std::find(ways.begin(), ways.end(), to) != ways.end()) {
        EXPECT_FALSE(error) << ToString(*error);
        EXPECT_EQ(static_cast<int>(Get(release.id()).state()), static_cast<int>(to));
        ++moves;
        continue;
      }
      ASSERT_TRUE(error);
      EXPECT_EQ(error->code, Code::kFailedPrecondition);
      EXPECT_EQ(error->metadata.at("state"), StateName(from));
      std::string allowed;
      for (const State way : ways) {
        allowed += (allowed.empty() ? "" : " ") + std::string(StateName(way));
      }
      EXPECT_EQ(error->metadata.at("allowed"), allowed);
    }
  }
  EXPECT_EQ(moves, 8);
}

TEST_P(EndingsTest, WhatWasRecordedWronglyIsGoneToo) {
  const v1::Release release = Signed();
  const std::string referral_id = Opened(release);
  EXPECT_EQ(ReasonOf(EnterInError(release.id(), kRecipient)), "RELEASE_NOT_FOUND");
  const auto ended = EnterInError(release.id());
  ASSERT_TRUE(ended) << ToString(ended.error());
  EXPECT_EQ(ended->keys_deleted(), 2);
  EXPECT_EQ(ended->agency_ids_that_opened(0), kRecipient);
  EXPECT_EQ(ReasonOf(Open(release, referral_id)), "RELEASE_ENTERED_IN_ERROR");
  EXPECT_EQ(Asked(release.id()), std::set<std::string>{kRecipient});
  EXPECT_EQ(Events("entered_in_error"), 1U);
  EXPECT_EQ(InTrail("release_entered_in_error"), 1);
}

TEST_P(EndingsTest, AWordIsEnoughAndIsConfirmedLater) {
  const std::string first = context_.actor.staff_id;
  const std::string second = ids_.New();
  const v1::Release release = Signed();
  const std::string referral_id = Opened(release);
  EXPECT_EQ(ReasonOf(Confirm(release.id(), v1::SIGNATURE_METHOD_ORAL, second)),
            "NOT_WITHDRAWN_ORALLY");
  ASSERT_TRUE(Revoke(release.id(), v1::SIGNATURE_METHOD_ORAL));
  EXPECT_EQ(ReasonOf(Open(release, referral_id)), "RELEASE_REVOKED") << "it waits for nothing";
  EXPECT_EQ(Get(release.id()).withdrawal().staff_id(), first);
  EXPECT_EQ(ReasonOf(Confirm(release.id(), v1::SIGNATURE_METHOD_ORAL, first)),
            "SECOND_PERSON_NEEDED");
  EXPECT_EQ(ReasonOf(Confirm(release.id(), v1::SIGNATURE_METHOD_WRITTEN, first)),
            "ARTEFACT_NEEDED");
  clock_.Advance(60'000);
  ASSERT_TRUE(Confirm(release.id(), v1::SIGNATURE_METHOD_ORAL, second));
  const v1::Withdrawal withdrawal = Get(release.id()).withdrawal();
  EXPECT_EQ(withdrawal.method(), v1::SIGNATURE_METHOD_ORAL);
  EXPECT_EQ(withdrawal.confirm_method(), v1::SIGNATURE_METHOD_ORAL);
  EXPECT_EQ(withdrawal.confirm_staff_id(), second);
  EXPECT_EQ(withdrawal.confirm_time().seconds() * 1000, clock_.NowMs());
  EXPECT_EQ(ReasonOf(Confirm(release.id(), v1::SIGNATURE_METHOD_ORAL, second)),
            "WITHDRAWAL_ALREADY_CONFIRMED");
  EXPECT_EQ(InTrail("withdrawal_confirmed"), 1);

  const v1::Release on_paper = Signed();
  ASSERT_TRUE(Revoke(on_paper.id(), v1::SIGNATURE_METHOD_ORAL));
  const std::string artefact_id = ids_.New();
  ASSERT_TRUE(Confirm(on_paper.id(), v1::SIGNATURE_METHOD_WRITTEN, first, artefact_id))
      << "the client has signed: one person may file it";
  EXPECT_EQ(Get(on_paper.id()).withdrawal().confirm_artefact_id(), artefact_id);
  const v1::Release written = Signed();
  ASSERT_TRUE(Revoke(written.id(), v1::SIGNATURE_METHOD_WRITTEN));
  EXPECT_EQ(ReasonOf(Confirm(written.id(), v1::SIGNATURE_METHOD_ORAL, second)),
            "NOT_WITHDRAWN_ORALLY");
}

TEST_P(EndingsTest, RecipientsAreAskedAndAnswer) {
  const v1::Release release = Signed();
  const std::string referral_id = Opened(release);
  ASSERT_TRUE(Revoke(release.id()));
  const auto received = Notices(kRecipient, v1::DESTROY_NOTICE_BOX_RECEIVED);
  ASSERT_EQ(received.notices_size(), 1);
  const v1::DestroyNotice notice = received.notices(0);
  EXPECT_EQ(notice.cause(), "revoked");
  EXPECT_EQ(notice.referral_ids(0), referral_id);
  EXPECT_EQ(notice.outcome(), v1::DESTRUCTION_OUTCOME_UNSPECIFIED);
  for (const auto& [agency_id, box] :
       {std::pair{kThird, v1::DESTROY_NOTICE_BOX_RECEIVED},
        std::pair{kThird, v1::DESTROY_NOTICE_BOX_SENT},
        std::pair{kRecipient, v1::DESTROY_NOTICE_BOX_SENT},
        std::pair{kDiscloser, v1::DESTROY_NOTICE_BOX_RECEIVED}}) {
    EXPECT_EQ(Notices(agency_id, box).notices_size(), 0) << agency_id << box;
  }
  const auto asked = EventsOf("destruction_requested");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].subject(), notice.id());
  const std::set<std::string> told(asked[0].audience_agency_ids().begin(),
                                   asked[0].audience_agency_ids().end());
  EXPECT_EQ(told, (std::set<std::string>{kDiscloser, kRecipient}));
  for (const char* stranger : {kThird, kDiscloser}) {
    EXPECT_EQ(ReasonOf(Acknowledge(notice.id(), v1::DESTRUCTION_OUTCOME_DESTROYED, stranger)),
              "DESTROY_NOTICE_NOT_FOUND");
  }
  const auto kept = Acknowledge(notice.id(), v1::DESTRUCTION_OUTCOME_KEPT_BY_LAW);
  ASSERT_TRUE(kept) << ToString(kept.error());
  EXPECT_EQ(kept->notice().acknowledge_staff_id(), context_.actor.staff_id);
  EXPECT_EQ(ReasonOf(Acknowledge(notice.id(), v1::DESTRUCTION_OUTCOME_KEPT_BY_LAW)),
            "DESTRUCTION_ALREADY_ACKNOWLEDGED");
  EXPECT_EQ(Notices(kDiscloser, v1::DESTROY_NOTICE_BOX_SENT, true).notices_size(), 1)
      << "kept by law is not the end";
  ASSERT_TRUE(Acknowledge(notice.id(), v1::DESTRUCTION_OUTCOME_DESTROYED));
  EXPECT_EQ(ReasonOf(Acknowledge(notice.id(), v1::DESTRUCTION_OUTCOME_KEPT_BY_LAW)),
            "DESTRUCTION_ALREADY_ACKNOWLEDGED");
  const auto sent = Notices(kDiscloser, v1::DESTROY_NOTICE_BOX_SENT);
  ASSERT_EQ(sent.notices_size(), 1);
  EXPECT_EQ(sent.notices(0).outcome(), v1::DESTRUCTION_OUTCOME_DESTROYED);
  EXPECT_EQ(sent.notices(0).acknowledge_staff_id(), "") << "of the recipient's staff";
  EXPECT_EQ(Notices(kDiscloser, v1::DESTROY_NOTICE_BOX_SENT, true).notices_size(), 0);
  EXPECT_EQ(InTrail("destruction_requested"), 1);
  EXPECT_EQ(InTrail("destruction_acknowledged"), 2);
  EXPECT_EQ(Events("destruction_acknowledged"), 2U);
  for (const char* sql : {"UPDATE destroy_notice SET outcome = 2", "DELETE FROM destroy_notice"}) {
    EXPECT_FALSE(Execute(sql)) << sql;
  }
}

TEST_P(EndingsTest, WhoOnlyWasSentItOrWhoseReleaseEndsOnItsDayIsNotAsked) {
  const v1::Release unopened = Signed();
  ASSERT_TRUE(Issue(unopened, ids_.New()));
  ASSERT_TRUE(Revoke(unopened.id()));
  EXPECT_TRUE(Asked(unopened.id()).empty());
  const v1::Release release = Signed();
  Opened(release);
  clock_.Advance(kDefaultLifeMs + 1);
  ASSERT_TRUE(server_->Sweep());
  EXPECT_TRUE(Asked(release.id()).empty()) << "it was allowed, all its time";
  EXPECT_EQ(Get(release.id()).state_staff_id(), "") << "by the hub";
}

TEST_P(EndingsTest, TheListOfDisclosuresGoesBackAsFarAsIsAsked) {
  const v1::Release release = Signed();
  Opened(release);
  clock_.Advance(24LL * 3600 * 1000);
  const std::string second = Opened(release);
  v1::ListDisclosuresRequest request;
  request.set_case_handle(kCase);
  const auto listed = [&] {
    const auto all = SyncWait(server_->ListDisclosures(Calling("ListDisclosures"), request));
    EXPECT_TRUE(all) << ToString(all.error());
    return all->disclosures();
  };
  EXPECT_EQ(listed().size(), 4);
  request.mutable_since_time()->set_seconds(clock_.NowMs() / 1000);
  const auto late = listed();
  ASSERT_EQ(late.size(), 2);
  for (const auto& disclosure : late) EXPECT_EQ(disclosure.referral_id(), second);
}

INSTANTIATE_TEST_SUITE_P(Engines, EndingsTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::consent
