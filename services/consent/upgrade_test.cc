// A database of before releases knew who brought them into their state (migration 004).
#include <gtest/gtest.h>

#include "services/common/testing/postgres_server.h"
#include "services/consent/testing/consent_fixture.h"

namespace fairlead::consent {
namespace {

class UpgradeTest : public ConsentFixture {
 protected:
  void SetUp() override {
    ConsentFixture::SetUp();
    database_->Close();
    server_.reset();
    database_.reset();
    options_.url = "sqlite:" + folder_.File("old.db");
    options_.attached = {"custody"};
    if (GetParam() == Engine::kSqlite) return;
    const auto server = testing::PostgresServer::Shared();
    ASSERT_TRUE(server);
    options_.url = *(*server)->NewDatabase();
  }
  // With the first `count` of the service's migrations.
  void OpenAt(size_t count) {
    storage::Migrations migrations = Migrations();
    migrations.sqlite.resize(count);
    migrations.postgres.resize(count);
    auto opened = storage::OpenDatabase(
        options_, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                   rpc::IdempotencyMigrations(), migrations});
    ASSERT_TRUE(opened) << ToString(opened.error());
    database_ = std::move(*opened);
  }
  // A row as it was written then, signed a second ago.
  void InsertOld(const std::string& id, int state, const std::string& revoke_ms) {
    const int64_t signed_ms = clock_.NowMs() - 1000;
    Release release;
    release.id = id;
    release.form_version = "1";
    release.form_hash = std::string(43, 'A');
    release.jurisdiction = "TX";
    release.case_handle = kCase;
    release.discloser_agency_id = kDiscloser;
    release.recipient_agency_ids = {kRecipient};
    release.hub_named_as_intermediary = true;
    release.categories = {"needs"};
    release.purposes = {"referral"};
    release.action = Action::kOngoing;
    release.effective_ms = signed_ms;
    release.expire_ms = signed_ms + kDayMs;
    const std::string at = std::to_string(signed_ms);
    const auto done = Execute(
        "INSERT INTO release (id, form_version, form_hash, jurisdiction, case_handle, "
        "discloser_agency_id, recipient_agency_ids, hub_named_as_intermediary, categories, "
        "excluded_categories, purposes, action, two_way, effective_ms, expire_ms, signature, "
        "statements, state, create_ms, sign_ms, revoke_ms, release_hash, version) VALUES ('" +
        id + "', '1', '" + release.form_hash + "', 'TX', '" + kCase + "', '" + kDiscloser +
        "', '" + kRecipient + "', 1, 'needs', '', 'referral', 2, 0, " + at + ", " +
        std::to_string(release.expire_ms) + ", '1 2 " + at + " " + kCase + " en 000011', 127, " +
        std::to_string(state) + ", 5, " + at + ", " + revoke_ms + ", '" + ReleaseHash(release) +
        "', 2)");
    ASSERT_TRUE(done) << ToString(done.error());
  }
  // What the trail has of its signature.
  void RecordSigned(const std::string& release_id, const std::string& staff_id) {
    std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      audit::Record record{.action = audit::Action::kReleaseSigned};
      record.by.staff_id = staff_id;
      record.by.agency_id = kDiscloser;
      record.release_id = release_id;
      FAIRLEAD_RETURN_IF_ERROR(audit::Append(tx, ids_, 5, record));
      return true;
    };
    ASSERT_TRUE(SyncWait(database_->Write<bool>(job)));
  }

  storage::DatabaseOptions options_;
};

TEST_P(UpgradeTest, WhatWasSignedBeforeStillCounts) {
  OpenAt(3);
  const std::string active = ids_.New();
  const std::string revoked = ids_.New();
  const std::string by = ids_.New();
  InsertOld(active, 2, "0");
  InsertOld(revoked, 3, "77000");
  RecordSigned(active, by);
  RecordSigned(revoked, by);
  database_->Close();
  database_.reset();

  OpenAt(Migrations().sqlite.size());
  server_ = std::make_unique<ConsentServer>(*database_, clock_, SystemRandom(), ids_);
  const v1::Release now = Get(active);
  EXPECT_EQ(now.sign_staff_id(), by);
  EXPECT_EQ(now.state_staff_id(), by);
  const std::string referral_id = ids_.New();
  EXPECT_EQ(ReasonOf(Issue(now, referral_id)), "");
  EXPECT_EQ(ReasonOf(Open(now, referral_id)), "");
  EXPECT_EQ(Get(revoked).state_time().seconds(), 77);
  EXPECT_EQ(ReasonOf(Issue(Get(revoked), ids_.New())), "RELEASE_REVOKED");
}

INSTANTIATE_TEST_SUITE_P(Engines, UpgradeTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::consent
