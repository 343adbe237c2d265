// For tests of identity: the methods called as the gateway and the other services call them,
// through the policy table and the validator, on both engines, with a directory of a few lines.
#ifndef SERVICES_IDENTITY_TESTING_IDENTITY_FIXTURE_H_
#define SERVICES_IDENTITY_TESTING_IDENTITY_FIXTURE_H_

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/common/base/encoding.h"
#include "services/common/base/totp.h"
#include "services/common/events/consumer.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/mutate.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_database.h"
#include "services/identity/identity_server.h"
#include "services/identity/keys/migrations.h"
#include "services/identity/machines/migrations.h"
#include "services/identity/migrations.h"

namespace fairlead::identity {

using Engine = storage::Transaction::Engine;
inline constexpr const char* kGood = "violet ladder under ninety kites";
inline constexpr const char* kOther = "copper teapot beside the harbour";
inline constexpr int64_t kMinuteMs = 60'000;

// The directory, as far as identity asks it.
class FakeDirectory final : public AgencySource {
 public:
  std::map<std::string, Agency> agencies;
  int gets = 0;
  int creates = 0;

  Task<Result<Agency>> Get(rpc::CallContext, std::string agency_id) override {
    ++gets;
    const auto found = agencies.find(agency_id);
    if (found == agencies.end()) co_return Fail(Code::kNotFound, "AGENCY_NOT_FOUND", "None.");
    co_return found->second;
  }
  Task<Result<Agency>> CreateCoalitionOffice(rpc::CallContext, PendingSetUp pending,
                                             std::string name) override {
    ++creates;
    const Agency office{pending.agency_id, name, "coalition_office", "active"};
    co_return agencies.try_emplace(office.id, office).first->second;
  }
};

// A code and what the hub is told of it.
inline std::string CodeOf(const std::string& seed) { return Base64UrlEncode(Sha256(seed)); }
inline std::string HashOf(const std::string& code) { return Base64UrlEncode(Sha256(code)); }

// What somebody carries about.
struct Authenticator {
  std::string secret;
  std::vector<std::string> recovery_codes;
  int64_t last_step = 0;
};

class IdentityServerTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto opened = testing::OpenTestDatabase(
        GetParam(), folder_,
        {outbox::OutboxMigrations(), audit::AuditMigrations(), events::InboxMigrations(),
         rpc::IdempotencyMigrations(), identity::Migrations(), identity_keys::Migrations(),
         identity_machines::Migrations()});
    ASSERT_TRUE(opened.has_value()) << ToString(opened.error());
    database_ = std::move(*opened);
    const auto key = secrets_.Open(folder_.File("secrets.key"), SystemRandom());
    ASSERT_TRUE(key.has_value()) << ToString(key.error());
    deps_ = std::make_unique<Deps>(Deps{.database = *database_,
                                        .store = *store_,
                                        .access = *access_,
                                        .agencies = directory_,
                                        .hashes = hashes_,
                                        .secrets = secrets_,
                                        .clock = clock_,
                                        .random = SystemRandom(),
                                        .ids = ids_});
    key_deps_ = std::make_unique<KeyDeps>(KeyDeps{*deps_, *key_store_});
    server_ = std::make_unique<IdentityServer>(*key_deps_, code_, std::string(32, 'k'));
    server_->Register(registry_);
    dispatcher_ = std::make_unique<rpc::Dispatcher>(registry_, clock_);
    channel_ = rpc::MakeLocalChannel(*dispatcher_);
  }
  void TearDown() override {
    hashes_.Stop();
    if (database_) database_->Close();
  }

  template <class Response, class Request>
  Result<Response> Call(const auth::Actor& actor, const std::string& method, const Request& request,
                        const std::string& service = "") {
    rpc::CallOptions options;
    options.actor = actor;
    options.on_behalf_of_service = service;
    options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
    return SyncWait(rpc::Call<Response>(
        *channel_, "/fairlead.identity.v1.IdentityService/" + method, request, options));
  }

  static std::string Reason(const auto& result) { return result ? "" : result.error().reason; }

  std::string AddAgency(const std::string& kind, const std::string& membership = "active") {
    const std::string id = ids_.New();
    directory_.agencies[id] = {id, "Agency " + kind, kind, membership};
    return id;
  }

  auth::Actor Person(const std::string& agency_id, std::set<auth::Role> roles) {
    auth::Actor actor;
    actor.kind = auth::ActorKind::kStaff;
    actor.staff_id = ids_.New();
    actor.agency_id = agency_id;
    const bool office =
        roles.contains(auth::Role::kCoordinator) || roles.contains(auth::Role::kAuditor);
    actor.agency_kind =
        office ? auth::AgencyKind::kCoalitionOffice : auth::AgencyKind::kVictimServiceProvider;
    actor.membership = auth::Membership::kActive;
    actor.roles = std::move(roles);
    actor.session_id = ids_.New();
    actor.assurance = auth::kProvenLately;
    return actor;
  }
  // Somebody who has signed in.
  auth::Actor Person(const v1::SignInResponse& session) {
    std::set<auth::Role> roles;
    for (const int role : session.staff().roles()) roles.insert(static_cast<auth::Role>(role));
    auth::Actor actor = Person(session.staff().agency_id(), std::move(roles));
    actor.staff_id = session.staff().id();
    actor.session_id = session.session().id();
    return actor;
  }

  v1::InviteStaffRequest InviteRequest(const std::string& agency_id, const std::string& code,
                                       std::set<v1::Role> roles) {
    v1::InviteStaffRequest request;
    request.set_request_id(ids_.New());
    request.set_agency_id(agency_id);
    request.set_display_name("Somebody New");
    for (const v1::Role role : roles) request.add_roles(role);
    request.set_code_sha256(HashOf(code));
    return request;
  }
  Result<v1::InviteStaffResponse> Invite(const auth::Actor& actor, const std::string& agency_id,
                                         const std::string& code, std::set<v1::Role> roles) {
    return Call<v1::InviteStaffResponse>(actor, "InviteStaff",
                                         InviteRequest(agency_id, code, std::move(roles)));
  }

  // Complete, with a new authenticator for `name`.
  v1::AcceptInvitationRequest AcceptRequest(const std::string& code, const std::string& name) {
    v1::AcceptInvitationRequest request;
    request.set_code(code);
    request.set_sign_in_name(name);
    *request.mutable_passphrase() = NewCredential(name, kGood);
    return request;
  }
  v1::PassphraseCredential NewCredential(const std::string& name, const std::string& passphrase) {
    Authenticator fresh;
    fresh.secret = SystemRandom().Bytes(kTotpSecretBytes);
    fresh.last_step = TotpStep(clock_.NowMs()) - 1;
    v1::PassphraseCredential credential;
    credential.set_passphrase(passphrase);
    credential.set_totp_secret(fresh.secret);
    credential.set_totp_code(TotpCode(fresh.secret, fresh.last_step));
    for (int i = 0; i < 10; ++i) {
      fresh.recovery_codes.push_back(Base32Encode(SystemRandom().Bytes(16)));
      credential.add_recovery_code_sha256s(HashOf(fresh.recovery_codes.back()));
    }
    authenticators_[name] = fresh;
    return credential;
  }
  Result<v1::AcceptInvitationResponse> Accept(const v1::AcceptInvitationRequest& request) {
    return Call<v1::AcceptInvitationResponse>(auth::Actor(), "AcceptInvitation", request);
  }

  // Invited by an administrator (who, at the coalition office, also coordinates), and accepted.
  Result<v1::Staff> MakeStaff(const std::string& agency_id, const std::string& name,
                              std::set<v1::Role> roles = {v1::ROLE_CASEWORKER}) {
    const std::string code = CodeOf(name + ids_.New());
    const auth::Actor admin =
        Person(agency_id, {auth::Role::kAgencyAdmin, auth::Role::kCoordinator});
    auto invited = Invite(admin, agency_id, code, std::move(roles));
    if (!invited) return Fail(std::move(invited.error()));
    auto accepted = Accept(AcceptRequest(code, name));
    if (!accepted) return Fail(std::move(accepted.error()));
    return accepted->staff();
  }

  // The next code of this person's authenticator that has not been shown. When three have been in
  // the same 30 s, the clock moves on.
  std::string NextCode(const std::string& name) {
    Authenticator& mine = authenticators_[name];
    mine.last_step = std::max(mine.last_step + 1, TotpStep(clock_.NowMs()) - 1);
    while (mine.last_step > TotpStep(clock_.NowMs()) + 1) clock_.Advance(kTotpStepMs);
    return TotpCode(mine.secret, mine.last_step);
  }
  Result<v1::SignInResponse> SignInWith(const std::string& name, const std::string& passphrase,
                                        const std::string& totp_code,
                                        const std::string& recovery_code = "") {
    v1::SignInRequest request;
    request.set_sign_in_name(name);
    request.set_passphrase(passphrase);
    request.set_totp_code(totp_code);
    request.set_recovery_code(recovery_code);
    auth::Actor nobody;
    nobody.network = network_;
    return Call<v1::SignInResponse>(nobody, "SignIn", request);
  }
  Result<v1::SignInResponse> SignIn(const std::string& name, const std::string& passphrase) {
    return SignInWith(name, passphrase, NextCode(name));
  }

  Result<v1::CheckSessionResponse> Check(const std::string& token) {
    v1::CheckSessionRequest request;
    request.set_session_token(token);
    return Call<v1::CheckSessionResponse>(auth::ServiceActor("gateway"), "CheckSession", request,
                                          "gateway");
  }

  // One value from the database.
  std::string Stored(const std::string& sql) {
    std::function<Result<std::string>(storage::ReadTransaction&)> read =
        [&](storage::ReadTransaction& tx) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto rows, tx.Query(sql));
      return rows.empty() ? std::string() : rows.at(0).Text(0);
    };
    const auto value = SyncWait(database_->Read<std::string>(read));
    EXPECT_TRUE(value.has_value()) << ToString(value.error());
    return value.value_or("");
  }

  const testing::TempDir folder_;
  FakeClock clock_;
  IdGenerator ids_{clock_, SystemRandom()};
  FakeDirectory directory_;
  HashPool hashes_{clock_, 2, 64, kCheapHash};
  SecretBox secrets_;
  SetUpCode code_;
  std::string network_;  // from where people sign in; empty: past the gateway
  std::map<std::string, Authenticator> authenticators_;
  std::unique_ptr<IdentityStore> store_ = MakeSqlIdentityStore();
  std::unique_ptr<AccessStore> access_ = MakeSqlAccessStore();
  std::unique_ptr<KeyStore> key_store_ = MakeSqlKeyStore();
  rpc::Registry registry_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Deps> deps_;
  std::unique_ptr<KeyDeps> key_deps_;
  std::unique_ptr<IdentityServer> server_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::unique_ptr<rpc::Channel> channel_;
};

inline std::string EngineName(const ::testing::TestParamInfo<Engine>& instance) {
  return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
}

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_TESTING_IDENTITY_FIXTURE_H_
