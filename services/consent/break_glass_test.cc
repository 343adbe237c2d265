// Break-glass on both engines: who may, for what, for how long, how often, and what becomes of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "fairlead/consent/v1/note_keys.pb.h"
#include "fairlead/events/v1/events.pb.h"
#include "services/consent/domain/break_glass.h"
#include "services/consent/testing/consent_fixture.h"

namespace fairlead::consent {
namespace {

constexpr int64_t kHourMs = 3'600'000;

class BreakGlassTest : public ConsentFixture {
 protected:
  void SetUp() override {
    ConsentFixture::SetUp();
    release_ = Signed();
    referral_id_ = Sent();
  }
  // Another one under the same release.
  std::string Sent() {
    const std::string referral_id = ids_.New();
    EXPECT_EQ(ReasonOf(Issue(release_, referral_id)), "");
    return referral_id;
  }

  rpc::CallContext By(const char* verb, const std::string& agency_id, const std::string& staff_id,
                      auth::Role role = auth::Role::kCaseworker) const {
    rpc::CallContext context = context_;
    context.method = std::string("/fairlead.consent.v1.BreakGlassService/") + verb;
    context.calling_service.clear();
    context.actor.agency_id = agency_id;
    context.actor.staff_id = staff_id;
    context.actor.roles = {role};
    context.actor.assurance = auth::kProvenLately;
    return context;
  }
  // Of the coalition's office; as if it were also the agency `office_id`.
  rpc::CallContext Office(const char* verb, const std::string& office_id = kThird) const {
    rpc::CallContext context = By(verb, office_id, kCase, auth::Role::kAuditor);
    context.actor.agency_kind = auth::AgencyKind::kCoalitionOffice;
    return context;
  }

  Result<v1::RequestBreakGlassResponse> Request(const std::string& referral_id,
                                                const std::string& agency_id = kRecipient,
                                                const std::string& reason = "child_in_danger") {
    v1::RequestBreakGlassRequest request;
    request.set_request_id(ids_.New());
    request.set_referral_id(referral_id);
    request.set_reason_code(reason);
    return SyncWait(
        server_->RequestBreakGlass(By("RequestBreakGlass", agency_id, asker_), request));
  }
  Result<v1::ApproveBreakGlassResponse> Approve(const std::string& id,
                                                const rpc::CallContext& context) {
    v1::ApproveBreakGlassRequest request;
    request.set_request_id(ids_.New());
    request.set_break_glass_id(id);
    return SyncWait(server_->ApproveBreakGlass(context, request));
  }
  Result<v1::ApproveBreakGlassResponse> Approve(const std::string& id) {
    return Approve(id, By("ApproveBreakGlass", kRecipient, colleague_));
  }
  // Asked for and approved; its id.
  std::string Broken(const std::string& referral_id) {
    const auto asked = Request(referral_id);
    EXPECT_TRUE(asked) << ToString(asked.error());
    if (!asked) return "";
    EXPECT_EQ(ReasonOf(Approve(asked->break_glass().id())), "");
    return asked->break_glass().id();
  }
  Result<v1::ReviewBreakGlassResponse> Review(
      const std::string& id, const rpc::CallContext& context,
      v1::BreakGlassOutcome outcome = v1::BREAK_GLASS_OUTCOME_JUSTIFIED) {
    v1::ReviewBreakGlassRequest request;
    request.set_request_id(ids_.New());
    request.set_break_glass_id(id);
    request.set_outcome(outcome);
    return SyncWait(server_->ReviewBreakGlass(context, request));
  }
  std::vector<v1::BreakGlass> Listed(const rpc::CallContext& context, bool overdue_only = false) {
    v1::ListBreakGlassRequest request;
    request.set_overdue_only(overdue_only);
    const auto listed = SyncWait(server_->ListBreakGlass(context, request));
    EXPECT_TRUE(listed) << ToString(listed.error());
    if (!listed) return {};
    return {listed->break_glass().begin(), listed->break_glass().end()};
  }
  // The recipient opens what has ended for it.
  std::string OpenEnded(const std::string& referral_id, const std::string& agency_id = kRecipient) {
    v1::ReleaseCustodyKeyRequest request;
    request.set_release_id(release_.id());
    request.set_referral_id(referral_id);
    request.set_agency_id(agency_id);
    request.set_purpose("referral");
    request.add_categories("needs");
    request.set_release_hash(release_.release_hash());
    request.set_ended(true);
    const auto key =
        SyncWait(server_->ReleaseCustodyKey(Calling("ReleaseCustodyKey", agency_id), request));
    if (!key) return key.error().reason;
    return key->key().size() == 32 ? "opened" : "no key";
  }
  // "approved kDiscloser kRecipient coordinators": the events, one a line.
  std::string Events() {
    std::function<Result<std::string>(storage::ReadTransaction&)> job =
        [&](storage::ReadTransaction& tx) -> Result<std::string> {
      // PostgreSQL's are numbered when they are passed on.
      const std::string order = GetParam() == Engine::kSqlite ? "sequence" : "position";
      FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT envelope FROM outbox ORDER BY " + order));
      std::string lines;
      for (const storage::Row& row : rows) {
        events::v1::EventEnvelope event;
        EXPECT_TRUE(event.ParseFromString(row.Bytes(0)));
        events::v1::BreakGlassChanged data;
        if (event.data_schema() != data.GetDescriptor()->full_name()) continue;
        EXPECT_TRUE(data.ParseFromString(event.data()));
        EXPECT_EQ(event.type(), "fairlead.consent.break_glass_" + data.change() + ".v1");
        EXPECT_EQ(data.reason_code(), "child_in_danger");
        lines += data.change();
        for (const std::string& agency_id : event.audience_agency_ids()) {
          lines += agency_id == kDiscloser ? " discloser" : " recipient";
        }
        lines += event.for_coordinators() ? " coordinators\n" : "\n";
      }
      return lines;
    };
    return SyncWait(database_->Read<std::string>(job)).value_or("unread");
  }
  int64_t InTrail(const std::string& action, const std::string& refused = "") {
    return Count("SELECT COUNT(*) FROM audit_record WHERE action = '" + action +
                 "' AND refused_reason = '" + refused + "'");
  }

  v1::Release release_;
  std::string referral_id_;
  std::string asker_ = ids_.New();
  const std::string colleague_ = ids_.New();
};

TEST_P(BreakGlassTest, TwoPeopleOneReferralOneHour) {
  EXPECT_EQ(OpenEnded(referral_id_), "BREAK_GLASS_NEEDED");
  const auto asked = Request(referral_id_);
  ASSERT_TRUE(asked) << ToString(asked.error());
  EXPECT_EQ(asked->break_glass().state(), v1::BREAK_GLASS_STATE_REQUESTED);
  const std::string id = asked->break_glass().id();
  EXPECT_EQ(OpenEnded(referral_id_), "BREAK_GLASS_NEEDED") << "asked for is not approved";
  EXPECT_EQ(ReasonOf(Approve(id, By("ApproveBreakGlass", kRecipient, asker_))),
            "SECOND_PERSON_NEEDED");
  const auto approved = Approve(id);
  ASSERT_TRUE(approved) << ToString(approved.error());
  EXPECT_EQ(approved->break_glass().state(), v1::BREAK_GLASS_STATE_OPEN);
  EXPECT_EQ(approved->break_glass().review_due_time().seconds(),
            (clock_.NowMs() + 72 * kHourMs) / 1000);
  EXPECT_EQ(ReasonOf(Approve(id)), "BREAK_GLASS_NOT_WAITING") << "once";

  EXPECT_EQ(OpenEnded(referral_id_), "opened");
  EXPECT_EQ(OpenEnded(Sent()), "BREAK_GLASS_NEEDED") << "one referral";
  clock_.Advance(kHourMs - 1);
  EXPECT_EQ(OpenEnded(referral_id_), "opened");
  clock_.Advance(1);
  EXPECT_EQ(OpenEnded(referral_id_), "BREAK_GLASS_NEEDED");

  const auto listed = Listed(By("ListBreakGlass", kRecipient, asker_));
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].opens(), 2);
  EXPECT_EQ(listed[0].state(), v1::BREAK_GLASS_STATE_ENDED);
  EXPECT_EQ(InTrail("break_glass_opened"), 2);
  EXPECT_EQ(InTrail("packet_opened"), 0);
  EXPECT_EQ(InTrail("packet_opened", "BREAK_GLASS_NEEDED"), 0) << "the asker records it";
  v1::ListDisclosuresRequest request;
  request.set_release_id(release_.id());
  const auto log = SyncWait(server_->ListDisclosures(Calling("ListDisclosures"), request));
  ASSERT_TRUE(log) << ToString(log.error());
  EXPECT_EQ(std::ranges::count(log->disclosures(), "break_glass", &v1::Disclosure::kind), 2);
  EXPECT_EQ(log->disclosures(0).break_glass_id(), id);
  EXPECT_EQ(Events(), "requested recipient\napproved recipient discloser coordinators\n");
}

TEST_P(BreakGlassTest, WhoMayNot) {
  EXPECT_EQ(ReasonOf(Request(referral_id_, kRecipient, "curiosity")), "UNKNOWN_REASON_CODE");
  EXPECT_EQ(ReasonOf(Request(ids_.New())), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Request(referral_id_, kThird)), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Request(referral_id_, kDiscloser)), "REFERRAL_NOT_FOUND")
      << "who sent it can read it anyway";
  const auto asked = Request(referral_id_);
  ASSERT_TRUE(asked) << ToString(asked.error());
  const std::string id = asked->break_glass().id();
  for (const char* other : {kThird, kDiscloser}) {
    EXPECT_EQ(ReasonOf(Approve(id, By("ApproveBreakGlass", other, colleague_))),
              "BREAK_GLASS_NOT_FOUND");
  }
  rpc::CallContext suspended = By("ApproveBreakGlass", kRecipient, colleague_);
  suspended.actor.membership = auth::Membership::kSuspended;
  EXPECT_EQ(ReasonOf(auth::Authorise(auth::FindPolicy(suspended.method), suspended.actor)),
            "AGENCY_NOT_ACTIVE");
  EXPECT_EQ(ReasonOf(Approve(id, suspended)), "BREAK_GLASS_NOT_FOUND");
  rpc::CallContext unproven = By("ApproveBreakGlass", kRecipient, colleague_);
  unproven.actor.assurance = auth::kSignedIn;
  EXPECT_EQ(ReasonOf(Approve(id, unproven)), "BREAK_GLASS_NOT_FOUND");
  EXPECT_EQ(OpenEnded(referral_id_), "BREAK_GLASS_NEEDED");
  ASSERT_EQ(ReasonOf(Approve(id)), "");
  EXPECT_EQ(OpenEnded(referral_id_, kThird), "BREAK_GLASS_NEEDED");
  EXPECT_TRUE(Listed(By("ListBreakGlass", kThird, colleague_)).empty());
  // Nor behind the commands' back.
  EXPECT_FALSE(Execute("UPDATE break_glass SET approve_staff_id = request_staff_id"));
  EXPECT_FALSE(Execute("DELETE FROM break_glass"));
}

TEST_P(BreakGlassTest, NothingGoesPastAPersonsNo) {
  const std::string other = Sent();
  const auto asked = Request(other);
  ASSERT_TRUE(asked) << ToString(asked.error());
  Broken(referral_id_);
  ASSERT_EQ(OpenEnded(referral_id_), "opened");
  ASSERT_EQ(ReasonOf(Revoke(release_.id())), "");
  EXPECT_EQ(OpenEnded(referral_id_), "RELEASE_REVOKED");
  EXPECT_EQ(InTrail("packet_opened", "RELEASE_REVOKED"), 1);
  EXPECT_EQ(ReasonOf(Approve(asked->break_glass().id())), "RELEASE_REVOKED");
  EXPECT_EQ(ReasonOf(Request(referral_id_)), "RELEASE_REVOKED");
  EXPECT_EQ(Keys(), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM destroy_notice"), 1) << "what was opened so is asked for";
}

TEST_P(BreakGlassTest, NorPastItsDayNorAKeyThatIsGone) {
  v1::DestroyCustodyKeysRequest destroy;
  destroy.add_packet_ids(referral_id_);
  const std::string blind = ids_.New();
  const std::string packet_id = ids_.New();
  ASSERT_EQ(ReasonOf(Issue(release_, blind, packet_id)), "");
  const auto asked = Request(blind);
  ASSERT_TRUE(asked) << ToString(asked.error());
  destroy.add_packet_ids(packet_id);
  const std::string kept = Sent();
  // A note to the same agency for the same referral, which has a key of its own.
  v1::IssueNoteKeysRequest note;
  note.set_release_id(release_.id());
  note.set_referral_id(referral_id_);
  note.set_note_id(ids_.New());
  note.set_to_agency_id(kRecipient);
  note.set_purpose("referral");
  note.add_categories("needs");
  note.set_release_hash(release_.release_hash());
  rpc::CallContext writing = context_;
  writing.method = "/fairlead.consent.v1.NoteKeyService/IssueNoteKeys";
  ASSERT_EQ(ReasonOf(SyncWait(server_->IssueNoteKeys(writing, note))), "");
  ASSERT_TRUE(SyncWait(server_->DestroyCustodyKeys(Calling("DestroyCustodyKeys"), destroy)));
  EXPECT_EQ(ReasonOf(Request(referral_id_)), "CUSTODY_KEY_GONE") << "those left are to others";
  EXPECT_EQ(ReasonOf(Approve(asked->break_glass().id())), "CUSTODY_KEY_GONE");
  Broken(kept);
  ASSERT_EQ(OpenEnded(kept), "opened");
  clock_.Advance(kDefaultLifeMs);
  EXPECT_EQ(ReasonOf(Request(kept)), "RELEASE_EXPIRED");
}

TEST_P(BreakGlassTest, NotOftenAndNotTwiceAtOnce) {
  const auto first = Request(referral_id_);
  ASSERT_TRUE(first) << ToString(first.error());
  EXPECT_EQ(ReasonOf(Request(referral_id_)), "BREAK_GLASS_UNDER_WAY");
  clock_.Advance(kHourMs);
  EXPECT_EQ(ReasonOf(Approve(first->break_glass().id())), "BREAK_GLASS_NOT_WAITING") << "lapsed";
  Broken(referral_id_);
  EXPECT_EQ(ReasonOf(Request(referral_id_)), "BREAK_GLASS_UNDER_WAY");
  for (int more = 2; more < kBreakGlassPerDay; ++more) Broken(Sent());
  clock_.Advance(kHourMs / 2);
  asker_ = ids_.New();
  const auto waiting = Request(Sent());
  ASSERT_TRUE(waiting) << ToString(waiting.error()) << ": what lapsed does not count";
  Broken(Sent());
  const auto over = Approve(waiting->break_glass().id());
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().reason, "TOO_MANY_BREAK_GLASS");
  EXPECT_EQ(over.error().metadata.at("retry_after_s"), std::to_string(47 * 1800));
  EXPECT_EQ(ReasonOf(Request(Sent())), "TOO_MANY_BREAK_GLASS");
  clock_.Advance(47 * kHourMs / 2);
  EXPECT_EQ(ReasonOf(Request(Sent())), "") << "the first are a day old";
}

TEST_P(BreakGlassTest, OnePersonAloneTakesItFromNobody) {
  for (int i = 0; i < kUnapprovedPerDay; ++i) EXPECT_EQ(ReasonOf(Request(Sent())), "");
  EXPECT_EQ(ReasonOf(Request(Sent())), "TOO_MANY_BREAK_GLASS");
  clock_.Advance(kHourMs);
  const auto over = Request(referral_id_);
  ASSERT_FALSE(over) << "lapsed, and no more approved for that";
  EXPECT_EQ(over.error().reason, "TOO_MANY_BREAK_GLASS");
  EXPECT_EQ(over.error().metadata.at("retry_after_s"), std::to_string(23 * 3600));
  const std::string first = asker_;
  asker_ = ids_.New();
  Broken(referral_id_);
  EXPECT_EQ(OpenEnded(referral_id_), "opened");
  asker_ = first;
  clock_.Advance(23 * kHourMs);
  EXPECT_EQ(ReasonOf(Request(Sent())), "");
}

TEST_P(BreakGlassTest, SomebodyElseJudgesItOnce) {
  const std::string id = Broken(referral_id_);
  const auto admin = auth::Role::kAgencyAdmin;
  EXPECT_EQ(ReasonOf(Review(id, By("ReviewBreakGlass", kRecipient, ids_.New(), admin))),
            "BREAK_GLASS_OWN");
  EXPECT_EQ(ReasonOf(Review(id, Office("ReviewBreakGlass", kRecipient))), "BREAK_GLASS_OWN")
      << "the office, too, when it is who broke it";
  EXPECT_EQ(ReasonOf(Review(id, By("ReviewBreakGlass", kThird, ids_.New(), admin))),
            "BREAK_GLASS_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Review(id, By("ReviewBreakGlass", kDiscloser, ids_.New()))),
            "BREAK_GLASS_NOT_FOUND")
      << "its administrator does";
  EXPECT_EQ(ReasonOf(Review(ids_.New(), Office("ReviewBreakGlass"))), "BREAK_GLASS_NOT_FOUND");
  const auto seen = Listed(Office("ListBreakGlass"));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].request_staff_id() + seen[0].approve_staff_id(), "") << "codes only";
  const auto judged = Review(id, Office("ReviewBreakGlass"), v1::BREAK_GLASS_OUTCOME_NOT_JUSTIFIED);
  ASSERT_TRUE(judged) << ToString(judged.error());
  EXPECT_EQ(judged->break_glass().outcome(), v1::BREAK_GLASS_OUTCOME_NOT_JUSTIFIED);
  EXPECT_EQ(ReasonOf(Review(id, By("ReviewBreakGlass", kDiscloser, ids_.New(), admin))),
            "BREAK_GLASS_REVIEWED");
  EXPECT_FALSE(Execute("UPDATE break_glass SET outcome = 1"));
  EXPECT_EQ(OpenEnded(referral_id_), "opened") << "an early review ends nothing";

  const std::string other = Sent();
  const auto asked = Request(other);
  ASSERT_TRUE(asked) << ToString(asked.error());
  EXPECT_EQ(ReasonOf(Review(asked->break_glass().id(),
                            By("ReviewBreakGlass", kDiscloser, ids_.New(), admin))),
            "BREAK_GLASS_NOT_APPROVED");
}

TEST_P(BreakGlassTest, AnOverdueReviewIsCalledOutOnce) {
  const std::string id = Broken(referral_id_);
  const std::string reviewed = Broken(Sent());
  ASSERT_EQ(ReasonOf(Request(Sent())), "") << "one that is never approved";
  ASSERT_EQ(ReasonOf(Review(reviewed, Office("ReviewBreakGlass"))), "");
  clock_.Advance(72 * kHourMs - 1);
  EXPECT_EQ(server_->SweepReviews(), 0);
  EXPECT_TRUE(Listed(Office("ListBreakGlass"), /*overdue_only=*/true).empty());
  const std::string before = Events();
  clock_.Advance(1);
  EXPECT_EQ(server_->SweepReviews(), 1);
  EXPECT_EQ(server_->SweepReviews(), 0);
  // Killed and started again.
  server_ = std::make_unique<ConsentServer>(*database_, clock_, SystemRandom(), ids_);
  EXPECT_EQ(server_->SweepReviews(), 0);
  EXPECT_EQ(Events(), before + "review_overdue recipient discloser coordinators\n");
  const auto overdue = Listed(Office("ListBreakGlass"), /*overdue_only=*/true);
  ASSERT_EQ(overdue.size(), 1U);
  EXPECT_EQ(overdue[0].id(), id);
  EXPECT_EQ(ReasonOf(Review(id, Office("ReviewBreakGlass"))), "") << "late, and still to be done";
  EXPECT_TRUE(Listed(Office("ListBreakGlass"), /*overdue_only=*/true).empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, BreakGlassTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::consent
