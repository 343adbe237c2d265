// A consent service on a database of its own, on either engine, with a release of one agency to
// another, as a test needs it.
#ifndef SERVICES_CONSENT_TESTING_CONSENT_FIXTURE_H_
#define SERVICES_CONSENT_TESTING_CONSENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/mutate.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_database.h"
#include "services/consent/consent_server.h"
#include "services/consent/migrations.h"

namespace fairlead::consent {

using Engine = storage::Transaction::Engine;

inline constexpr const char* kDiscloser = "01900000-0000-7000-8000-00000000000a";
inline constexpr const char* kRecipient = "01900000-0000-7000-8000-00000000000b";
inline constexpr const char* kThird = "01900000-0000-7000-8000-00000000000d";
inline constexpr const char* kCase = "01900000-0000-7000-8000-00000000000c";

inline std::string EngineName(const ::testing::TestParamInfo<Engine>& engine) {
  return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres";
}

// "" when it was done, else the reason.
template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? std::string() : result.error().reason;
}

class ConsentFixture : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    storage::DatabaseOptions options;
    options.attached = {"custody"};
    auto database = testing::OpenTestDatabase(GetParam(), folder_,
                                              {outbox::OutboxMigrations(), audit::AuditMigrations(),
                                               rpc::IdempotencyMigrations(), Migrations()},
                                              options);
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

  // The same, for somebody of that agency.
  rpc::CallContext Calling(const char* verb, const std::string& agency_id) const {
    rpc::CallContext context = Calling(verb);
    context.actor.agency_id = agency_id;
    return context;
  }

  v1::CreateReleaseRequest Draft() {
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
    return create;
  }
  Result<v1::CreateReleaseResponse> Create(const v1::CreateReleaseRequest& create) {
    return SyncWait(server_->CreateRelease(Calling("CreateRelease"), create));
  }
  v1::SignReleaseRequest Signing(const std::string& release_id) {
    v1::SignReleaseRequest sign;
    sign.set_request_id(ids_.New());
    sign.set_release_id(release_id);
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
    return sign;
  }
  Result<v1::SignReleaseResponse> Sign(const v1::SignReleaseRequest& sign) {
    return SyncWait(server_->SignRelease(Calling("SignRelease"), sign));
  }
  Result<v1::SignReleaseResponse> Sign(const std::string& release_id) {
    return Sign(Signing(release_id));
  }
  v1::Release Signed(const v1::CreateReleaseRequest& create) {
    const auto created = Create(create);
    EXPECT_TRUE(created) << ToString(created.error());
    if (!created) return {};
    const auto done = Sign(created->release().id());
    EXPECT_TRUE(done) << ToString(done.error());
    return done ? done->release() : v1::Release();
  }
  v1::Release Signed() { return Signed(Draft()); }

  Result<v1::IssueCustodyKeysResponse> Issue(const v1::Release& release,
                                             const std::string& referral_id,
                                             const std::string& packet_id = "",
                                             bool check_only = false) {
    v1::IssueCustodyKeysRequest request;
    request.set_check_only(check_only);
    request.set_packet_id(packet_id);
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    for (const std::string& agency_id : release.recipient_agency_ids()) {
      request.add_agency_ids(agency_id);
    }
    request.add_agency_ids(kDiscloser);
    request.set_case_handle(kCase);
    request.set_purpose("referral");
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    return SyncWait(server_->IssueCustodyKeys(Calling("IssueCustodyKeys"), request));
  }
  Result<v1::ReleaseCustodyKeyResponse> Open(const v1::Release& release,
                                             const std::string& referral_id,
                                             const std::string& agency_id = kRecipient,
                                             const std::string& packet_id = "") {
    v1::ReleaseCustodyKeyRequest request;
    request.set_packet_id(packet_id);
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    request.set_agency_id(agency_id);
    request.set_purpose("referral");
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    return SyncWait(server_->ReleaseCustodyKey(Calling("ReleaseCustodyKey", agency_id), request));
  }
  Result<v1::RevokeReleaseResponse> Revoke(const std::string& release_id,
                                           v1::SignatureMethod method = v1::SIGNATURE_METHOD_ORAL) {
    v1::RevokeReleaseRequest revoke;
    revoke.set_request_id(ids_.New());
    revoke.set_release_id(release_id);
    revoke.set_method(method);
    return SyncWait(server_->RevokeRelease(Calling("RevokeRelease"), revoke));
  }
  v1::Release Get(const std::string& release_id) {
    v1::GetReleaseRequest request;
    request.set_release_id(release_id);
    const auto got = SyncWait(server_->GetRelease(Calling("GetRelease"), request));
    EXPECT_TRUE(got) << ToString(got.error());
    return got ? got->release() : v1::Release();
  }

  // Writes past the commands. Gives how many rows.
  Result<int64_t> Execute(const std::string& sql) {
    std::function<Result<int64_t>(storage::Transaction&)> job = [&sql](storage::Transaction& tx) {
      return tx.Execute(sql);
    };
    return SyncWait(database_->Write<int64_t>(job));
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

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_TESTING_CONSENT_FIXTURE_H_
