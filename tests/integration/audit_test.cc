// The audit trail over all services, on both engines: a whole hand-off, and then "who saw this?".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "fairlead/audit/v1/audit.pb.h"
#include "services/common/auth/policy.h"
#include "services/common/testing/wait_until.h"
#include "tests/support/coalition.h"
#include "tests/support/in_process_hub.h"

namespace fairlead::testing {
namespace {

namespace audit_v1 = fairlead::audit::v1;
namespace consent_v1 = fairlead::consent::v1;
namespace referral_v1 = fairlead::referral::v1;
using Engine = storage::Transaction::Engine;
using fairlead::events::v1::AuditRecorded;

constexpr const char* kPacket = R"({"needs":{"summary":"a bed tonight, two children"}})";
constexpr const char* kList = "/fairlead.audit.v1.AuditService/ListAuditRecords";
constexpr const char* kViewers = "/fairlead.audit.v1.AuditService/ListViewers";

class AuditTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto hub = InProcessHub::Start(GetParam());
    ASSERT_TRUE(hub) << ToString(hub.error());
    hub_ = std::move(*hub);
    coalition_ = std::make_unique<Coalition>(hub_->channel());
    from_ = Add("Harbor", auth::AgencyKind::kVictimServiceProvider);
    to_ = Add("Clinic", auth::AgencyKind::kHealthProvider);
    third_ = Add("Legal Aid", auth::AgencyKind::kLegalServices);
    auditor_ = coalition_->MakeActor(coalition_->ids().New(), auth::AgencyKind::kCoalitionOffice,
                                     {auth::Role::kAuditor});
  }
  Agency Add(const std::string& name, auth::AgencyKind kind) {
    auto agency = coalition_->AddAgency(name, kind);
    EXPECT_TRUE(agency) << ToString(agency.error());
    return agency ? *agency : Agency{};
  }
  referral_v1::Referral Send() {
    auto release = coalition_->SignedRelease(from_, to_, {});
    EXPECT_TRUE(release) << ToString(release.error());
    release_ = *release;
    auto packet = coalition_->Packet(from_, to_, release_, kPacket);
    EXPECT_TRUE(packet) << ToString(packet.error());
    auto sent = coalition_->Send(*packet, from_);
    EXPECT_TRUE(sent) << ToString(sent.error());
    return sent ? *sent : referral_v1::Referral();
  }
  // "who: outcome" of every opening, the oldest first.
  std::vector<std::string> Viewers(const auth::Actor& by, const std::string& referral_id) {
    audit_v1::ListViewersRequest request;
    request.set_referral_id(referral_id);
    auto answer = coalition_->Call<audit_v1::ListViewersResponse>(by, kViewers, request);
    if (!answer) return {answer.error().reason};
    std::vector<std::string> lines;
    for (const AuditRecorded& record : answer->records()) {
      std::string who = "?";
      for (const Agency& agency : {from_, to_, third_}) {
        if (record.agency_id() == agency.id) who = agency.name;
      }
      lines.insert(
          lines.begin(),
          who + ": " + (record.refused_reason().empty() ? "opened" : record.refused_reason()));
    }
    return lines;
  }
  // Events take their way through Redis: looks until it is so.
  void ExpectViewers(const auth::Actor& by, const std::string& referral_id,
                     const std::vector<std::string>& expected) {
    std::vector<std::string> seen;
    const auto as_expected = [&] { return (seen = Viewers(by, referral_id)) == expected; };
    EXPECT_TRUE(testing::WaitUntil(as_expected)) << ::testing::PrintToString(seen);
  }
  std::vector<AuditRecorded> Records(const auth::Actor& by, const audit_v1::AuditFilter& filter) {
    audit_v1::ListAuditRecordsRequest request;
    *request.mutable_filter() = filter;
    request.set_page_size(100);
    auto answer = coalition_->Call<audit_v1::ListAuditRecordsResponse>(by, kList, request);
    EXPECT_TRUE(answer) << ToString(answer.error());
    if (!answer) return {};
    return {answer->records().begin(), answer->records().end()};
  }

  std::unique_ptr<InProcessHub> hub_;
  std::unique_ptr<Coalition> coalition_;
  Agency from_;
  Agency to_;
  Agency third_;
  auth::Actor auditor_;
  consent_v1::Release release_;
};

TEST_P(AuditTest, WhoSawThisIsExactlyTheOpeningsRefusedOnesToo) {
  const referral_v1::Referral sent = Send();
  ASSERT_TRUE(coalition_->Open(to_, from_, sent.id()));
  EXPECT_FALSE(coalition_->Open(third_, from_, sent.id())) << "not theirs";
  ASSERT_TRUE(coalition_->Open(from_, from_, sent.id()));
  ASSERT_TRUE(coalition_->Accept(to_, sent.offers(0).id()));
  ASSERT_TRUE(coalition_->Revoke(from_, release_.id()));
  EXPECT_FALSE(coalition_->Open(to_, from_, sent.id()));
  const std::vector<std::string> all = {"Clinic: opened", "Legal Aid: REFERRAL_NOT_FOUND",
                                        "Harbor: opened", "Clinic: RELEASE_REVOKED"};
  ExpectViewers(auditor_, sent.id(), all);
  ExpectViewers(from_.admin, sent.id(), all);
  ExpectViewers(to_.admin, sent.id(), {"Clinic: opened", "Clinic: RELEASE_REVOKED"});
  ExpectViewers(third_.admin, sent.id(), {"Legal Aid: REFERRAL_NOT_FOUND"});
}

// Whoever invents ids must not be able to fill a trail that forgets nothing.
TEST_P(AuditTest, OpeningsOfWhatDoesNotExistAreCounted) {
  constexpr int kTries = 9;
  for (int i = 0; i < kTries; ++i) {
    const auto opened = coalition_->Open(third_, from_, coalition_->ids().New());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason, "REFERRAL_NOT_FOUND");
  }
  audit_v1::AuditFilter filter;
  filter.set_agency_id(third_.id);
  std::vector<AuditRecorded> rows;
  testing::WaitUntil([&] {
    for (const AuditRecorded& record : Records(auditor_, filter)) {
      if (record.refused_reason() == "REFERRAL_NOT_FOUND") rows.push_back(record);
    }
    return !rows.empty();
  });
  // The first of them at once; the others when their minute is over.
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].action(), "call_denied");
  EXPECT_EQ(rows[0].referral_id(), "");
  EXPECT_LE(rows[0].count(), kTries);
}

TEST_P(AuditTest, AWholeHandOffIsInTheTrail) {
  const referral_v1::Referral sent = Send();
  ASSERT_TRUE(coalition_->Open(to_, from_, sent.id()));
  ASSERT_TRUE(coalition_->Accept(to_, sent.offers(0).id()));
  ASSERT_TRUE(coalition_->Start(to_, sent.id()));
  ASSERT_TRUE(coalition_->Complete(to_, sent.id()));
  ExpectViewers(auditor_, sent.id(), {"Clinic: opened"});
  std::vector<std::string> actions;
  testing::WaitUntil([&] {
    audit_v1::AuditFilter filter;
    filter.set_referral_id(sent.id());
    actions.clear();
    for (const AuditRecorded& record : Records(auditor_, filter)) {
      if (record.service() == "audit") continue;  // our own looking
      actions.push_back(record.action());
      EXPECT_EQ(record.subject_agency_id(), from_.id);
      EXPECT_NE(record.case_handle(), "");
      EXPECT_GT(record.sequence(), 0);
    }
    return actions.size() >= 7;
  });
  EXPECT_THAT(actions, ::testing::UnorderedElementsAre(
                           "custody_issued", "referral_sent", "packet_opened", "referral_opened",
                           "referral_accepted", "referral_started", "referral_completed"));
}

TEST_P(AuditTest, ADeniedCallIsInTheTrail) {
  consent_v1::ListReleasesRequest request;
  auto denied = coalition_->Call<consent_v1::ListReleasesResponse>(
      auditor_, "/fairlead.consent.v1.ConsentService/ListReleases", request);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().reason, "ROLE_NOT_ALLOWED");
  audit_v1::AuditFilter filter;
  filter.set_action("call_denied");
  std::vector<AuditRecorded> records;
  testing::WaitUntil([&] { return !(records = Records(auditor_, filter)).empty(); });
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].staff_id(), auditor_.staff_id);
  EXPECT_EQ(records[0].refused_reason(), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(records[0].method(), "/fairlead.consent.v1.ConsentService/ListReleases");
}

TEST_P(AuditTest, WhoMayNot) {
  const auto reason = [&](const auth::Actor& actor) {
    auto answer = coalition_->Call<audit_v1::ListAuditRecordsResponse>(
        actor, kList, audit_v1::ListAuditRecordsRequest());
    return answer ? std::string("ok") : answer.error().reason;
  };
  EXPECT_EQ(reason(from_.caseworker), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(reason(auth::Actor()), "SIGN_IN_REQUIRED");
  EXPECT_EQ(reason(coalition_->MakeActor(from_.id, auth::AgencyKind::kCoalitionOffice,
                                         {auth::Role::kCoordinator})),
            "ROLE_NOT_ALLOWED");
  EXPECT_EQ(reason(from_.admin), "ok");
  EXPECT_EQ(reason(auditor_), "ok");
  audit_v1::ExportAuditRecordsRequest request;
  request.set_request_id(coalition_->ids().New());
  const auto exported = [&](auth::Actor actor, int assurance) {
    actor.assurance = assurance;
    auto answer = coalition_->Call<audit_v1::ExportAuditRecordsResponse>(
        actor, "/fairlead.audit.v1.AuditService/ExportAuditRecords", request);
    return answer ? std::string("ok") : answer.error().reason;
  };
  EXPECT_EQ(exported(from_.admin, auth::kProvenLately), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(exported(auditor_, auth::kSignedIn), "STEP_UP_REQUIRED");
  EXPECT_EQ(exported(auditor_, auth::kProvenLately), "ok");
}

INSTANTIATE_TEST_SUITE_P(Engines, AuditTest, ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& engine) {
                           return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::testing
