// The custody keys' life on both engines: issued once, gone with the release, and swept when a
// release expires or a crash left keys behind.
#include "services/consent/consent_server.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/mutate.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temp_dir.h"
#include "services/consent/migrations.h"

namespace fairlead::consent {
namespace {

using Engine = storage::Transaction::Engine;

constexpr const char* kDiscloser = "01900000-0000-7000-8000-00000000000a";
constexpr const char* kRecipient = "01900000-0000-7000-8000-00000000000b";
constexpr const char* kCase = "01900000-0000-7000-8000-00000000000c";

class ConsentServerTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    storage::DatabaseOptions options;
    options.url = "sqlite:" + folder_.File("consent.db");
    if (GetParam() == Engine::kPostgres) {
      auto server = testing::PostgresServer::Shared();
      ASSERT_TRUE(server) << ToString(server.error());
      auto url = (*server)->NewDatabase();
      ASSERT_TRUE(url) << ToString(url.error());
      options.url = *url;
    }
    options.attached = {"custody"};
    auto database =
        storage::OpenDatabase(options, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                                        rpc::IdempotencyMigrations(), Migrations()});
    ASSERT_TRUE(database) << ToString(database.error());
    database_ = std::move(*database);
    server_ = std::make_unique<ConsentServer>(*database_, clock_, SystemRandom(), ids_);
    context_.actor.kind = auth::ActorKind::kStaff;
    context_.actor.agency_id = kDiscloser;
    context_.actor.staff_id = ids_.New();
    context_.actor.agency_kind = auth::AgencyKind::kVictimServiceProvider;
    context_.actor.membership = auth::Membership::kActive;
    context_.actor.roles = {auth::Role::kCaseworker};
    context_.actor.assurance = auth::kSignedIn;
    context_.calling_service = auth::kReferral;
  }
  void TearDown() override {
    if (database_) database_->Close();
  }

  rpc::CallContext Calling(const char* verb) const {
    rpc::CallContext context = context_;
    context.method = std::string("/fairlead.consent.v1.ConsentService/") + verb;
    return context;
  }

  v1::Release Signed() {
    v1::CreateReleaseRequest create;
    create.set_request_id(ids_.New());
    create.set_form_version("1");
    create.set_form_hash(std::string(43, 'A'));
    create.set_jurisdiction("TX");
    create.set_case_handle(kCase);
    create.add_recipient_agency_ids(kRecipient);
    create.add_categories("needs");
    create.add_purposes("referral");
    create.set_action(v1::RELEASE_ACTION_ONGOING);
    create.set_hub_named_as_intermediary(true);
    create.set_contact_prohibited(true);
    auto created = SyncWait(server_->CreateRelease(Calling("CreateRelease"), create));
    EXPECT_TRUE(created) << ToString(created.error());
    v1::SignReleaseRequest sign;
    sign.set_request_id(ids_.New());
    sign.set_release_id(created->release().id());
    sign.mutable_signature()->set_capacity(v1::SIGNER_CAPACITY_SELF);
    sign.mutable_signature()->set_method(v1::SIGNATURE_METHOD_ESIGNED);
    sign.mutable_signature()->set_artefact_id(ids_.New());
    sign.mutable_signature()->set_language("en");
    sign.mutable_signature()->set_plain_language_confirmed(true);
    sign.mutable_signature()->set_risks_and_alternatives_explained(true);
    sign.set_not_a_condition_of_service(true);
    sign.set_consequences_of_refusing_explained(true);
    sign.set_right_to_revoke_explained(true);
    sign.set_redisclosure_explained(true);
    sign.set_copy_offered(true);
    auto done = SyncWait(server_->SignRelease(Calling("SignRelease"), sign));
    EXPECT_TRUE(done) << ToString(done.error());
    return done->release();
  }

  Result<v1::IssueCustodyKeysResponse> Issue(const v1::Release& release,
                                             const std::string& referral_id) {
    v1::IssueCustodyKeysRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    request.add_agency_ids(kRecipient);
    request.add_agency_ids(kDiscloser);
    request.set_case_handle(kCase);
    request.set_purpose("referral");
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    return SyncWait(server_->IssueCustodyKeys(Calling("IssueCustodyKeys"), request));
  }

  int64_t Count(const std::string& sql) {
    std::function<Result<int64_t>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<int64_t> {
      FAIRLEAD_ASSIGN(const auto rows, tx.Query(sql));
      return rows.at(0).Int(0);
    };
    return SyncWait(database_->Write<int64_t>(job)).value_or(-1);
  }
  // How many of the database's files have these bytes.
  int FilesWith(const std::string& key) const {
    int files = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
      std::ifstream in(file.path(), std::ios::binary);
      std::stringstream bytes;
      bytes << in.rdbuf();
      if (bytes.str().find(key) != std::string::npos) ++files;
    }
    return files;
  }
  int64_t Keys() { return Count("SELECT COUNT(*) FROM custody.custody_key"); }

  testing::TempDir folder_;
  FakeClock clock_;
  IdGenerator ids_{clock_, SystemRandom()};
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<ConsentServer> server_;
  rpc::CallContext context_;
};

TEST_P(ConsentServerTest, IssuingTwiceGivesTheSameKeysAndOneLogLine) {
  const v1::Release release = Signed();
  const std::string referral_id = ids_.New();
  const auto first = Issue(release, referral_id);
  const auto second = Issue(release, referral_id);
  ASSERT_TRUE(first) << ToString(first.error());
  ASSERT_TRUE(second) << ToString(second.error());
  ASSERT_EQ(first->keys_size(), 2);
  EXPECT_EQ(first->keys(0).key(), second->keys(0).key());
  EXPECT_NE(first->keys(0).key(), first->keys(1).key());
  EXPECT_EQ(first->keys(0).key().size(), 32U);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM disclosure"), 1);
}

TEST_P(ConsentServerTest, EveryOpeningIsInTheTrailAndThereIsAnEndToThem) {
  ConsentServer strict(*database_, clock_, SystemRandom(), ids_, /*opens_per_day=*/2);
  const v1::Release release = Signed();
  const std::string referral_id = ids_.New();
  ASSERT_TRUE(Issue(release, referral_id));
  rpc::CallContext reader = Calling("ReleaseCustodyKey");
  reader.actor.agency_id = kRecipient;
  reader.actor.staff_id = ids_.New();
  const auto open = [&](const std::string& purpose = "referral") {
    v1::ReleaseCustodyKeyRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    request.set_agency_id(reader.actor.agency_id);
    request.set_purpose(purpose);
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    const auto key = SyncWait(strict.ReleaseCustodyKey(reader, request));
    return key ? std::string("opened") : key.error().reason;
  };
  const auto recorded = [&](const std::string& refused) {
    return Count(
        "SELECT COUNT(*) FROM audit_record WHERE action = 'packet_opened' AND referral_id "
        "= '" +
        referral_id + "' AND subject_agency_id = '" + kDiscloser + "' AND refused_reason = '" +
        refused + "'");
  };
  EXPECT_EQ(open(), "opened");
  EXPECT_EQ(open("treatment"), "RELEASE_PURPOSE_MISMATCH");
  EXPECT_EQ(recorded(""), 1);
  EXPECT_EQ(recorded("RELEASE_PURPOSE_MISMATCH"), 1) << "a refusal outlives its rollback";
  clock_.Advance(3'600'000);
  EXPECT_EQ(open(), "opened");
  EXPECT_EQ(open(), "QUOTA_USED");
  EXPECT_EQ(recorded("QUOTA_USED"), 1);
  EXPECT_EQ(recorded(""), 2);
  const std::string first = reader.actor.staff_id;
  reader.actor.staff_id = ids_.New();
  EXPECT_EQ(open(), "opened") << "a colleague has a day of their own";
  reader.actor.staff_id = first;
  clock_.Advance(23LL * 3'600'000 + 1);
  EXPECT_EQ(open(), "opened") << "the first is a day old";
}

TEST_P(ConsentServerTest, ARenewedKeyReplacesTheOldOneForGood) {
  const v1::Release release = Signed();
  const std::string referral_id = ids_.New();
  const auto issued = Issue(release, referral_id);
  ASSERT_TRUE(issued);
  rpc::CallContext holder = Calling("RenewCustodyKey");
  holder.actor.agency_id = kRecipient;
  const auto renew = [&](int64_t held, bool settled, const std::string& agency_id = kRecipient) {
    v1::RenewCustodyKeyRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    request.set_agency_id(agency_id);
    request.set_purpose("referral");
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    request.set_held_generation(held);
    request.set_settled(settled);
    const auto renewed = SyncWait(server_->RenewCustodyKey(holder, request));
    return renewed ? renewed->key() : renewed.error().reason;
  };
  const auto released = [&](int64_t generation) {
    rpc::CallContext context = holder;
    context.method = "/fairlead.consent.v1.ConsentService/ReleaseCustodyKey";
    v1::ReleaseCustodyKeyRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    request.set_agency_id(kRecipient);
    request.set_purpose("referral");
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    request.set_generation(generation);
    const auto key = SyncWait(server_->ReleaseCustodyKey(context, request));
    return key ? key->key() : key.error().reason;
  };
  const std::string old_key = issued->keys(0).key();
  const std::string new_key = renew(0, false);
  EXPECT_EQ(new_key.size(), 32U);
  EXPECT_NE(new_key, old_key);
  EXPECT_EQ(renew(0, false), new_key) << "interrupted and repeated";
  EXPECT_EQ(released(0), old_key) << "until it is settled both open";
  EXPECT_EQ(released(1), new_key);
  EXPECT_EQ(renew(1, true), "");
  EXPECT_EQ(released(0), "CUSTODY_KEY_GONE");
  EXPECT_EQ(released(1), new_key);
  EXPECT_EQ(renew(0, false), "CUSTODY_KEY_GONE") << "nobody goes back";
  EXPECT_EQ(renew(1, false, kDiscloser), "RELEASE_NOT_FOUND") << "of the caller's own agency only";
  holder.actor.agency_id = "01900000-0000-7000-8000-00000000000d";
  EXPECT_EQ(renew(1, false, holder.actor.agency_id), "RELEASE_NOT_FOUND");
  EXPECT_EQ(Count("SELECT COUNT(*) FROM disclosure WHERE kind = 'opened'"), 3)
      << "renewing discloses nothing";
  const auto in_trail = [&](const std::string& refused) {
    return Count("SELECT COUNT(*) FROM audit_record WHERE action = 'custody_renewed' AND "
                 "refused_reason = '" + refused + "'");
  };
  EXPECT_EQ(in_trail(""), 1);
  EXPECT_EQ(in_trail("CUSTODY_KEY_GONE"), 1);
  if (GetParam() == Engine::kSqlite) {
    EXPECT_EQ(FilesWith(old_key), 0);
    EXPECT_GT(FilesWith(new_key), 0) << "the search looks in the wrong place";
  }
  v1::RevokeReleaseRequest revoke;
  revoke.set_request_id(ids_.New());
  revoke.set_release_id(release.id());
  revoke.set_method(v1::SIGNATURE_METHOD_ORAL);
  ASSERT_TRUE(SyncWait(server_->RevokeRelease(Calling("RevokeRelease"), revoke)));
  if (GetParam() == Engine::kSqlite) {
    EXPECT_EQ(FilesWith(new_key), 0);
  }
  EXPECT_EQ(Count("SELECT COUNT(*) FROM custody.renewed_key"), 0);
}

TEST_P(ConsentServerTest, TheSweepExpiresAndDestroys) {
  const v1::Release release = Signed();
  ASSERT_TRUE(Issue(release, ids_.New()));
  const Result<int> early = server_->Sweep();
  ASSERT_TRUE(early) << ToString(early.error());
  EXPECT_EQ(*early, 0);
  EXPECT_EQ(Keys(), 2);
  clock_.Advance(kDefaultLifeMs + 1);
  const Result<int> due = server_->Sweep();
  ASSERT_TRUE(due) << ToString(due.error());
  EXPECT_EQ(*due, 1);
  EXPECT_EQ(Keys(), 0);
  EXPECT_EQ(Count("SELECT state FROM release"), static_cast<int64_t>(State::kExpired));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM outbox"), 6)
      << "signed and expired, and the audit records of created, signed, issued, expired";
}

TEST_P(ConsentServerTest, AStartDestroysKeysThatACrashLeftBehind) {
  const v1::Release release = Signed();
  ASSERT_TRUE(Issue(release, ids_.New()));
  std::function<Result<bool>(storage::Transaction&)> half_a_revocation =
      [](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("UPDATE release SET state = 3"));
    return true;
  };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(half_a_revocation)));
  ASSERT_EQ(Keys(), 2);
  const Result<int64_t> swept = server_->ShredOrphans();
  ASSERT_TRUE(swept) << ToString(swept.error());
  EXPECT_EQ(*swept, 2);
  EXPECT_EQ(Keys(), 0);
}

TEST_P(ConsentServerTest, TheDisclosureLogCannotBeAltered) {
  ASSERT_TRUE(Issue(Signed(), ids_.New()));
  for (const char* sql : {"UPDATE disclosure SET kind = 'opened'", "DELETE FROM disclosure"}) {
    std::function<Result<bool>(storage::Transaction&)> job =
        [sql](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute(sql));
      return true;
    };
    EXPECT_FALSE(SyncWait(database_->Write<bool>(job))) << sql;
  }
  EXPECT_EQ(Count("SELECT COUNT(*) FROM disclosure WHERE kind = 'sent'"), 1);
}

// The very bytes of a key are looked for in every file of the database.
TEST_P(ConsentServerTest, ARevokedKeyIsInNoFile) {
  if (GetParam() == Engine::kPostgres) {
    GTEST_SKIP() << "PostgreSQL keeps its journal; see docs/decisions on custody";
  }
  const v1::Release release = Signed();
  const auto issued = Issue(release, ids_.New());
  ASSERT_TRUE(issued);
  const std::string key = issued->keys(0).key();
  EXPECT_GT(FilesWith(key), 0) << "the search looks in the wrong place";
  v1::RevokeReleaseRequest revoke;
  revoke.set_request_id(ids_.New());
  revoke.set_release_id(release.id());
  revoke.set_method(v1::SIGNATURE_METHOD_ORAL);
  const auto revoked = SyncWait(server_->RevokeRelease(Calling("RevokeRelease"), revoke));
  ASSERT_TRUE(revoked) << ToString(revoked.error());
  EXPECT_EQ(revoked->keys_deleted(), 2);
  EXPECT_EQ(FilesWith(key), 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, ConsentServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& engine) {
                           return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::consent
