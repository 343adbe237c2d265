// The audit service's methods over both engines: gathering, who sees what, paging, exports.
#include "services/audit/audit_server.h"

#include <gtest/gtest.h>

#include <set>

#include "services/audit/consumers/apply_record.h"
#include "services/audit/migrations.h"
#include "services/common/audit/audit.h"
#include "services/common/events/consumer.h"
#include "services/common/outbox/outbox.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_database.h"

namespace fairlead::audit {
namespace {

using Engine = storage::Transaction::Engine;
using fairlead::events::v1::AuditRecorded;
using fairlead::events::v1::EventEnvelope;

constexpr int64_t kNowMs = 1'700'000'000'000;

class AuditServerTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto database = testing::OpenTestDatabase(
        GetParam(), folder_,
        {outbox::OutboxMigrations(), AuditMigrations(), events::InboxMigrations(), Migrations()},
        {.postgres_connections = testing::kFewConnections});
    ASSERT_TRUE(database) << ToString(database.error());
    database_ = std::move(*database);
    server_ = std::make_unique<AuditServer>(*database_, clock_, SystemRandom(), ids_, 3);
  }
  void TearDown() override {
    if (database_) database_->Close();
  }

  AuditRecorded Line(const std::string& action, const std::string& agency,
                     const std::string& subject, const std::string& refused = "") {
    clock_.Advance(10);
    AuditRecorded line;
    line.set_id(ids_.New());
    line.mutable_time()->set_seconds(clock_.NowMs() / 1000);
    line.mutable_time()->set_nanos(static_cast<int32_t>(clock_.NowMs() % 1000) * 1'000'000);
    line.set_action(action);
    line.set_refused_reason(refused);
    line.set_staff_id(ids_.New());
    line.set_agency_id(agency);
    line.set_session_id(ids_.New());
    line.set_subject_agency_id(subject);
    line.set_referral_id(referral_);
    line.set_case_handle(case_);
    line.set_count(1);
    return line;
  }
  Result<bool> Gather(const std::string& service, const AuditRecorded& line) {
    return GatherAll(service, {line});
  }
  Result<bool> GatherAll(const std::string& service, const std::vector<AuditRecorded>& lines) {
    const std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      for (const AuditRecorded& line : lines) {
        EventEnvelope event;
        event.set_data_schema("fairlead.events.v1.AuditRecorded");
        event.set_data(line.SerializeAsString());
        FAIRLEAD_RETURN_IF_ERROR(ApplyRecord(tx, service, event));
      }
      return true;
    };
    return SyncWait(database_->Write<bool>(job));
  }
  rpc::CallContext As(auth::Role role, const std::string& agency,
                      auth::AgencyKind kind = auth::AgencyKind::kVictimServiceProvider) {
    rpc::CallContext context;
    context.actor.kind = auth::ActorKind::kStaff;
    context.actor.staff_id = staff_;
    context.actor.agency_id = agency;
    context.actor.agency_kind = kind;
    context.actor.roles = {role};
    context.method = "/fairlead.audit.v1.AuditService/ListAuditRecords";
    return context;
  }
  Result<v1::ListAuditRecordsResponse> List(const rpc::CallContext& context,
                                            const v1::ListAuditRecordsRequest& request = {}) {
    return SyncWait(server_->ListAuditRecords(context, request));
  }
  Result<v1::ExportAuditRecordsResponse> Export(const std::string& request_id,
                                                const std::string& token = "") {
    v1::ExportAuditRecordsRequest request;
    request.set_request_id(request_id);
    request.set_page_token(token);
    return SyncWait(server_->ExportAuditRecords(As(auth::Role::kAuditor, office_), request));
  }
  // Acts that the audit service recorded of itself.
  int Recorded(const std::string& action) {
    const std::function<Result<int>(storage::ReadTransaction&)> job =
        [&](storage::ReadTransaction& tx) -> Result<int> {
      FAIRLEAD_ASSIGN(const auto rows,
                      tx.Query("SELECT 1 FROM audit_record WHERE action = $1", {action}));
      return static_cast<int>(rows.size());
    };
    return *SyncWait(database_->Read<int>(job));
  }

  testing::TempDir folder_;
  FakeClock clock_{kNowMs};
  IdGenerator ids_{clock_, SystemRandom()};
  const std::string own_ = ids_.New();
  const std::string other_ = ids_.New();
  const std::string office_ = ids_.New();
  const std::string staff_ = ids_.New();
  const std::string referral_ = ids_.New();
  const std::string case_ = ids_.New();
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<AuditServer> server_;
};

TEST_P(AuditServerTest, GathersOnceEachInSequence) {
  const AuditRecorded first = Line("signed_in", own_, "");
  ASSERT_TRUE(Gather("identity", first));
  ASSERT_TRUE(Gather("identity", first)) << "delivered twice";
  ASSERT_TRUE(Gather("consent", Line("packet_opened", own_, other_)));
  ASSERT_TRUE(Gather("identity", Line("signed_out", own_, "")));
  const auto list = List(As(auth::Role::kAuditor, office_));
  ASSERT_TRUE(list) << ToString(list.error());
  ASSERT_EQ(list->records_size(), 3);
  EXPECT_EQ(list->records(0).action(), "signed_out") << "newest first";
  EXPECT_EQ(list->records(0).service(), "identity");
  EXPECT_EQ(list->records(0).sequence(), 2);
  EXPECT_EQ(list->records(1).service(), "consent");
  EXPECT_EQ(list->records(1).sequence(), 1);
  EXPECT_EQ(list->records(2).sequence(), 1);
  EXPECT_EQ(Recorded("audit_read"), 1) << "who reads the trail is in it";
}

TEST_P(AuditServerTest, TheGatheredTrailIsAppendOnly) {
  ASSERT_TRUE(Gather("identity", Line("signed_in", own_, "")));
  for (const char* sql : {"UPDATE audit_entry SET staff_id = ''", "DELETE FROM audit_entry"}) {
    const std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute(sql));
      return true;
    };
    EXPECT_FALSE(SyncWait(database_->Write<bool>(job))) << sql;
  }
  EXPECT_EQ(List(As(auth::Role::kAuditor, office_))->records_size(), 1);
}

TEST_P(AuditServerTest, AnAdministratorSeesTheOwnPartAndNoMore) {
  ASSERT_TRUE(Gather("consent", Line("packet_opened", own_, other_)));
  ASSERT_TRUE(Gather("consent", Line("packet_opened", other_, own_)));
  ASSERT_TRUE(Gather("consent", Line("packet_opened", other_, other_)));
  ASSERT_TRUE(Gather("referral", Line("packet_opened", own_, other_, "REFERRAL_NOT_FOUND")));
  const auto mine = List(As(auth::Role::kAgencyAdmin, own_));
  ASSERT_TRUE(mine);
  ASSERT_EQ(mine->records_size(), 3);
  EXPECT_EQ(mine->records(0).subject_agency_id(), "") << "refused: it does not say whose";
  EXPECT_EQ(mine->records(1).agency_id(), other_);
  EXPECT_EQ(mine->records(1).session_id(), "");
  EXPECT_EQ(mine->records(1).case_handle(), case_);
  EXPECT_EQ(mine->records(2).case_handle(), "") << "another agency's case handle";
  const auto police = List(As(auth::Role::kAgencyAdmin, own_, auth::AgencyKind::kLawEnforcement));
  ASSERT_TRUE(police);
  EXPECT_EQ(police->records_size(), 2) << "what its own staff did, and nothing of others";
}

TEST_P(AuditServerTest, EveryFilterFilters) {
  AuditRecorded wanted = Line("packet_opened", own_, other_, "RELEASE_REVOKED");
  wanted.set_release_id(ids_.New());
  wanted.set_referral_id(ids_.New());
  wanted.set_case_handle(ids_.New());
  ASSERT_TRUE(Gather("consent", Line("packet_opened", other_, own_)));
  ASSERT_TRUE(Gather("consent", wanted));
  ASSERT_TRUE(Gather("identity", Line("signed_in", other_, "")));
  const auto only = [&](auto set) {
    v1::ListAuditRecordsRequest request;
    set(*request.mutable_filter());
    const auto list = List(As(auth::Role::kAuditor, office_), request);
    ASSERT_TRUE(list) << ToString(list.error());
    ASSERT_EQ(list->records_size(), 1) << request.ShortDebugString();
    EXPECT_EQ(list->records(0).id(), wanted.id());
  };
  only([&](auto& filter) { filter.set_staff_id(wanted.staff_id()); });
  only([&](auto& filter) { filter.set_agency_id(own_); });
  only([&](auto& filter) { filter.set_case_handle(wanted.case_handle()); });
  only([&](auto& filter) { filter.set_referral_id(wanted.referral_id()); });
  only([&](auto& filter) { filter.set_release_id(wanted.release_id()); });
  only([&](auto& filter) { filter.set_refused_only(true); });
  only([&](auto& filter) {
    filter.set_action("packet_opened");
    *filter.mutable_end_time() = wanted.time();
    filter.mutable_end_time()->set_nanos(wanted.time().nanos() + 1'000'000);
  });
  only([&](auto& filter) {
    *filter.mutable_start_time() = wanted.time();
    *filter.mutable_end_time() = wanted.time();
    filter.mutable_end_time()->set_nanos(wanted.time().nanos() + 1'000'000);
  });
  v1::ListAuditRecordsRequest request;
  request.mutable_filter()->set_action("signed_inn");
  EXPECT_EQ(List(As(auth::Role::kAuditor, office_), request).error().reason, "UNKNOWN_ACTION");
}

TEST_P(AuditServerTest, PagesHoldEveryRecordOnce) {
  std::set<std::string> all;
  for (int i = 0; i < 23; ++i) {
    // Own acts and acts on own records in turn: the two searches interleave.
    const AuditRecorded line =
        i % 2 == 0 ? Line("packet_opened", own_, other_) : Line("packet_opened", other_, own_);
    all.insert(line.id());
    ASSERT_TRUE(Gather("consent", line));
  }
  v1::ListAuditRecordsRequest request;
  request.set_page_size(5);
  std::set<std::string> seen;
  std::string last;
  for (int page = 0; page < 10; ++page) {
    const auto list = List(As(auth::Role::kAgencyAdmin, own_), request);
    ASSERT_TRUE(list) << ToString(list.error());
    for (const auto& record : list->records()) {
      EXPECT_TRUE(seen.insert(record.id()).second);
      EXPECT_TRUE(last.empty() || record.id() < last) << "newest first";
      last = record.id();
    }
    request.set_page_token(list->next_page_token());
    if (list->next_page_token().empty()) break;
  }
  EXPECT_EQ(seen, all);
  EXPECT_EQ(Recorded("audit_read"), 1) << "once for all its pages";
}

TEST_P(AuditServerTest, ATokenIsGoodForItsOwnQueryOnly) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Gather("consent", Line("packet_opened", own_, other_)));
  v1::ListAuditRecordsRequest request;
  request.set_page_size(1);
  request.set_page_token(List(As(auth::Role::kAuditor, office_), request)->next_page_token());
  EXPECT_EQ(List(As(auth::Role::kAgencyAdmin, own_), request).error().reason, "INVALID_PAGE_TOKEN");
}

TEST_P(AuditServerTest, WhoSawIsTheOpeningsAndNothingElse) {
  ASSERT_TRUE(Gather("consent", Line("packet_opened", own_, other_)));
  ASSERT_TRUE(Gather("consent", Line("packet_opened", other_, other_, "RELEASE_REVOKED")));
  ASSERT_TRUE(Gather("referral", Line("referral_opened", own_, other_)));
  v1::ListViewersRequest request;
  const auto auditor = As(auth::Role::kAuditor, office_);
  EXPECT_EQ(SyncWait(server_->ListViewers(auditor, request)).error().reason,
            "REFERRAL_OR_CASE_REQUIRED");
  request.set_referral_id(referral_);
  EXPECT_EQ(SyncWait(server_->ListViewers(auditor, request))->records_size(), 2);
  request.set_case_handle(case_);
  EXPECT_EQ(SyncWait(server_->ListViewers(auditor, request)).error().reason,
            "REFERRAL_OR_CASE_REQUIRED");
  request.clear_referral_id();
  EXPECT_EQ(SyncWait(server_->ListViewers(auditor, request))->records_size(), 2);
  EXPECT_EQ(
      SyncWait(server_->ListViewers(As(auth::Role::kAgencyAdmin, own_), request))->records_size(),
      0)
      << "by another agency's case handle";
}

TEST_P(AuditServerTest, ThreeExportsADayEachRecorded) {
  ASSERT_TRUE(Gather("consent", Line("packet_opened", own_, other_)));
  const std::string first = ids_.New();
  EXPECT_EQ(Export(first)->records_size(), 1);
  EXPECT_TRUE(Export(first)) << "a repeat is the same export";
  v1::ExportAuditRecordsRequest other;
  other.set_request_id(first);
  other.mutable_filter()->set_staff_id(ids_.New());
  EXPECT_EQ(SyncWait(server_->ExportAuditRecords(As(auth::Role::kAuditor, office_), other))
                .error()
                .reason,
            "REQUEST_ID_REUSED");
  clock_.Advance(3'600'000);
  EXPECT_TRUE(Export(ids_.New()));
  EXPECT_TRUE(Export(ids_.New()));
  const auto fourth = Export(ids_.New());
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().reason, "EXPORT_QUOTA_USED");
  EXPECT_EQ(fourth.error().code, Code::kResourceExhausted);
  EXPECT_EQ(fourth.error().metadata.at("retry_after_s"), std::to_string(23 * 3600));
  EXPECT_EQ(Recorded("audit_exported"), 3);
  clock_.Advance(23 * 3'600'000 + 1);
  EXPECT_TRUE(Export(ids_.New())) << "the first is a day old";
  EXPECT_EQ(Export(first).error().reason, "EXPORT_NOT_BEGUN");
}

TEST_P(AuditServerTest, AnExportGoesOnWhereItStopped) {
  std::vector<AuditRecorded> lines;
  for (int i = 0; i < 1003; ++i) lines.push_back(Line("signed_in", own_, ""));
  ASSERT_TRUE(GatherAll("identity", lines));
  const std::string request_id = ids_.New();
  const auto page = Export(request_id);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->records_size(), 1000);
  const auto rest = Export(request_id, page->next_page_token());
  ASSERT_TRUE(rest) << ToString(rest.error());
  EXPECT_EQ(rest->records_size(), 3);
  EXPECT_EQ(rest->next_page_token(), "");
  EXPECT_EQ(Export(ids_.New(), page->next_page_token()).error().reason, "INVALID_PAGE_TOKEN");
  EXPECT_EQ(Recorded("audit_exported"), 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, AuditServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& engine) {
                           return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::audit
