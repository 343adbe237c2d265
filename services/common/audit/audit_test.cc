// The trail where it is written, on both engines.
#include "services/common/audit/audit.h"

#include <gtest/gtest.h>

#include <set>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/base/clock.h"
#include "services/common/base/random.h"
#include "services/common/outbox/outbox.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_database.h"

namespace fairlead::audit {
namespace {

using Engine = storage::Transaction::Engine;

constexpr int64_t kNowMs = 1'700'000'000'123;
constexpr char kStaff[] = "0190a5c0-0000-7000-8000-000000000001";
constexpr char kAgency[] = "0190a5c0-0000-7000-8000-000000000002";
constexpr char kReferral[] = "0190a5c0-0000-7000-8000-000000000003";

class AuditTrailTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto database = testing::OpenTestDatabase(GetParam(), folder_,
                                              {outbox::OutboxMigrations(), AuditMigrations()},
                                              {.postgres_connections = testing::kFewConnections});
    ASSERT_TRUE(database) << ToString(database.error());
    database_ = std::move(*database);
  }
  void TearDown() override {
    if (database_) database_->Close();
  }
  static Record Opened() {
    Record record{.action = Action::kPacketOpened};
    record.by.staff_id = kStaff;
    record.by.agency_id = kAgency;
    record.by.method = "/fairlead.consent.v1.ConsentService/ReleaseCustodyKey";
    record.referral_id = kReferral;
    return record;
  }
  Result<bool> Put(const Record& record, bool then_fail = false) {
    const std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(Append(tx, ids_, kNowMs, record));
      if (then_fail) return Fail(Code::kFailedPrecondition, "NO", "no");
      return true;
    };
    return SyncWait(database_->Write<bool>(job));
  }
  std::vector<storage::Row> Rows(const std::string& sql) {
    const std::function<Result<std::vector<storage::Row>>(storage::ReadTransaction&)> job =
        [&](storage::ReadTransaction& tx) { return tx.Query(sql); };
    auto rows = SyncWait(database_->Read<std::vector<storage::Row>>(job));
    EXPECT_TRUE(rows) << ToString(rows.error());
    return rows ? *rows : std::vector<storage::Row>();
  }
  Result<bool> Do(const std::string& sql) {
    const std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute(sql));
      return true;
    };
    return SyncWait(database_->Write<bool>(job));
  }

  testing::TempDir folder_;
  FakeClock clock_{kNowMs};
  IdGenerator ids_{clock_, SystemRandom()};
  std::unique_ptr<storage::Database> database_;
};

TEST_P(AuditTrailTest, RowAndEventCommitWithTheActAndNotWithoutIt) {
  EXPECT_FALSE(Put(Opened(), /*then_fail=*/true));
  EXPECT_TRUE(Rows("SELECT id FROM audit_record").empty());
  EXPECT_TRUE(Rows("SELECT envelope FROM outbox").empty());

  ASSERT_TRUE(Put(Opened()));
  const auto rows = Rows(
      "SELECT id, action, refused_reason, staff_id, referral_id, count, time_ms "
      "FROM audit_record");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].Text(1), "packet_opened");
  EXPECT_EQ(rows[0].Text(2), "");
  EXPECT_EQ(rows[0].Text(3), kStaff);
  EXPECT_EQ(rows[0].Text(4), kReferral);
  EXPECT_EQ(rows[0].Int(5), 1);
  EXPECT_EQ(rows[0].Int(6), kNowMs);

  const auto events = Rows("SELECT envelope FROM outbox");
  ASSERT_EQ(events.size(), 1u);
  fairlead::events::v1::EventEnvelope envelope;
  ASSERT_TRUE(envelope.ParseFromString(events[0].Bytes(0)));
  EXPECT_EQ(envelope.data_schema(), "fairlead.events.v1.AuditRecorded");
  EXPECT_EQ(envelope.audience_agency_ids_size(), 0) << "no browser is told";
  fairlead::events::v1::AuditRecorded line;
  ASSERT_TRUE(line.ParseFromString(envelope.data()));
  EXPECT_EQ(line.id(), rows[0].Text(0));
  EXPECT_EQ(line.action(), "packet_opened");
  EXPECT_EQ(line.agency_id(), kAgency);
  EXPECT_EQ(line.time().nanos(), 123'000'000);
}

TEST_P(AuditTrailTest, RowsAreNeverChangedOrDeleted) {
  ASSERT_TRUE(Put(Opened()));
  EXPECT_FALSE(Do("UPDATE audit_record SET staff_id = ''"));
  EXPECT_FALSE(Do("DELETE FROM audit_record"));
  EXPECT_EQ(Rows("SELECT 1 FROM audit_record WHERE staff_id <> ''").size(), 1u);
}

TEST_P(AuditTrailTest, NothingButIdsGetsIn) {
  const std::vector<std::string Record::*> ids = {
      &Record::subject_staff_id, &Record::subject_agency_id, &Record::case_handle,
      &Record::referral_id,      &Record::release_id,        &Record::record_id};
  for (const auto field : ids) {
    for (const char* text :
         {"Maria", "a name of somebody", "0190a5c0-0000-7000-8000-00000000000"}) {
      Record record = Opened();
      record.*field = text;
      const auto put = Put(record);
      ASSERT_FALSE(put) << text;
      EXPECT_EQ(put.error().reason, "AUDIT_RECORD_INVALID");
    }
  }
  Record record = Opened();
  record.refused = Refusal(Error{Code::kNotFound, "she is not here", "", {}});
  EXPECT_FALSE(Put(record));
  record = Opened();
  record.by.method = "/a method with words";
  EXPECT_FALSE(Put(record));
  record = Opened();
  record.by.staff_id = "Maria";
  EXPECT_FALSE(Put(record));
  EXPECT_TRUE(Rows("SELECT id FROM audit_record").empty());

  record = Opened();  // a key's thumbprint is an id
  record.record_id = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
  EXPECT_TRUE(Put(record));
}

TEST_P(AuditTrailTest, ARefusalStandsAlone) {
  Record record = Opened();
  record.refused = Refusal(Error{Code::kPermissionDenied, "RELEASE_REVOKED", "words", {}});
  ASSERT_TRUE(SyncWait(AppendAlone(*database_, ids_, kNowMs, record)));
  const auto rows = Rows("SELECT refused_reason FROM audit_record");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].Text(0), "RELEASE_REVOKED");
}

INSTANTIATE_TEST_SUITE_P(Engines, AuditTrailTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& engine) {
                           return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

TEST(AuditBy, OnlyAPersonHasIds) {
  rpc::CallContext context;
  context.method = "/a.B/C";
  context.actor = auth::ServiceActor("referral");
  EXPECT_EQ(ByCaller(context).staff_id, "");
  context.actor.kind = auth::ActorKind::kStaff;
  context.actor.staff_id = kStaff;
  context.actor.agency_id = kAgency;
  EXPECT_EQ(ByCaller(context).staff_id, kStaff);
  EXPECT_EQ(ByCaller(context).agency_id, kAgency);
  EXPECT_EQ(ByCaller(context).method, "/a.B/C");
}

TEST(AuditAction, CodesAreDistinctAndFoundAgain) {
  std::set<std::string_view> codes;
  for (int i = 0; i <= static_cast<int>(Action::kDenialsNotRecorded); ++i) {
    const auto action = static_cast<Action>(i);
    EXPECT_TRUE(codes.insert(ActionCode(action)).second) << ActionCode(action);
    EXPECT_EQ(ActionFromCode(ActionCode(action)), action);
  }
  EXPECT_EQ(ActionFromCode("signed in"), std::nullopt);
}

}  // namespace
}  // namespace fairlead::audit
