// The methods of identity, called as the gateway and the other services call them: through the
// policy table and the validator, on both engines.
#include "services/identity/identity_server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <memory>

#include "services/common/audit/audit.h"
#include "services/common/base/encoding.h"
#include "services/common/events/consumer.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/mutate.h"
#include "services/common/seal/seal.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temp_dir.h"
#include "services/identity/commands/set_up.h"
#include "services/identity/consumers/agency_changed.h"
#include "services/identity/migrations.h"

namespace fairlead::identity {
namespace {

using Engine = storage::Transaction::Engine;
constexpr const char* kGood = "violet ladder under ninety kites";
constexpr const char* kOther = "copper teapot beside the harbour";
constexpr int64_t kMinuteMs = 60'000;

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

class IdentityServerTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    storage::DatabaseOptions options;
    options.url = "sqlite:" + folder_.File("identity.db");
    if (GetParam() == Engine::kPostgres) {
      const auto server = testing::PostgresServer::Shared();
      ASSERT_TRUE(server.has_value()) << ToString(server.error());
      options.url = *(*server)->NewDatabase();
    }
    auto opened = storage::OpenDatabase(
        options, {outbox::OutboxMigrations(), audit::AuditMigrations(), events::InboxMigrations(),
                  rpc::IdempotencyMigrations(), identity::Migrations()});
    ASSERT_TRUE(opened.has_value()) << ToString(opened.error());
    database_ = std::move(*opened);
    deps_ = std::make_unique<Deps>(
        Deps{*database_, *store_, directory_, hashes_, clock_, SystemRandom(), ids_});
    server_ = std::make_unique<IdentityServer>(*deps_, code_, std::string(32, 'k'));
    server_->Register(registry_);
    dispatcher_ = std::make_unique<rpc::Dispatcher>(registry_, clock_);
    channel_ = rpc::MakeLocalChannel(*dispatcher_);
  }
  void TearDown() override {
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
    const bool office = roles.contains(auth::Role::kCoordinator);
    actor.agency_kind =
        office ? auth::AgencyKind::kCoalitionOffice : auth::AgencyKind::kVictimServiceProvider;
    actor.membership = auth::Membership::kActive;
    actor.roles = std::move(roles);
    actor.session_id = ids_.New();
    actor.assurance = 1;
    return actor;
  }

  v1::CreateStaffRequest StaffRequest(const std::string& agency_id, const std::string& name,
                                      v1::Role role) {
    v1::CreateStaffRequest request;
    request.set_request_id(ids_.New());
    request.set_agency_id(agency_id);
    request.set_sign_in_name(name);
    request.set_display_name("Somebody " + name);
    request.add_roles(role);
    request.set_passphrase(kGood);
    return request;
  }

  Result<v1::CreateStaffResponse> MakeStaff(const std::string& agency_id, const std::string& name,
                                            v1::Role role = v1::ROLE_CASEWORKER) {
    return Call<v1::CreateStaffResponse>(Person(agency_id, {auth::Role::kAgencyAdmin}),
                                         "CreateStaff", StaffRequest(agency_id, name, role));
  }

  Result<v1::SignInResponse> SignIn(const std::string& name, const std::string& passphrase) {
    v1::SignInRequest request;
    request.set_sign_in_name(name);
    request.set_passphrase(passphrase);
    return Call<v1::SignInResponse>(auth::Actor(), "SignIn", request);
  }

  Result<v1::CheckSessionResponse> Check(const std::string& token) {
    v1::CheckSessionRequest request;
    request.set_session_token(token);
    return Call<v1::CheckSessionResponse>(auth::ServiceActor("gateway"), "CheckSession", request,
                                          "gateway");
  }

  std::string CodeFile() const {
    std::ifstream in(folder_.File("setup-code"));
    std::string code;
    std::getline(in, code);
    return code;
  }

  const testing::TempDir folder_;
  FakeClock clock_;
  IdGenerator ids_{clock_, SystemRandom()};
  FakeDirectory directory_;
  HashPool hashes_;
  SetUpCode code_;
  std::unique_ptr<IdentityStore> store_ = MakeSqlIdentityStore();
  rpc::Registry registry_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Deps> deps_;
  std::unique_ptr<IdentityServer> server_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::unique_ptr<rpc::Channel> channel_;
};

TEST_P(IdentityServerTest, SetUpWorksOnceWithTheCodeOfTheFile) {
  ASSERT_TRUE(OfferSetUp(*deps_, code_, folder_.path()));
  const std::string code = CodeFile();
  ASSERT_EQ(code.size(), 43U);
  struct stat info = {};
  ASSERT_EQ(stat(folder_.File("setup-code").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);

  v1::SetUpRequest request;
  request.set_request_id(ids_.New());
  request.set_set_up_code("x" + code.substr(1, 41) + "x");
  request.set_agency_name("Harbor Coalition");
  request.set_sign_in_name("rosa");
  request.set_display_name("Rosa Alvarez");
  request.set_passphrase(kGood);
  const auth::Actor nobody;
  EXPECT_EQ(Reason(Call<v1::SetUpResponse>(nobody, "SetUp", request)), "SET_UP_CODE_INVALID");
  EXPECT_EQ(directory_.creates, 0) << "nothing happens before the code is right";
  request.set_set_up_code(code);
  request.set_passphrase("short");
  EXPECT_EQ(Reason(Call<v1::SetUpResponse>(nobody, "SetUp", request)), "PASSPHRASE_TOO_SHORT");
  request.set_passphrase(kGood);

  // The program is started again before the set-up: the same code is good.
  SetUpCode again;
  ASSERT_TRUE(OfferSetUp(*deps_, again, folder_.path()));
  EXPECT_TRUE(again.Matches(code));

  const auto made = Call<v1::SetUpResponse>(nobody, "SetUp", request);
  ASSERT_TRUE(made.has_value()) << ToString(made.error());
  EXPECT_EQ(made->staff().roles_size(), 2);
  EXPECT_EQ(CodeFile(), "");
  const auto repeat = Call<v1::SetUpResponse>(nobody, "SetUp", request);
  ASSERT_TRUE(repeat.has_value()) << ToString(repeat.error());
  EXPECT_EQ(repeat->staff().id(), made->staff().id());
  request.set_request_id(ids_.New());
  EXPECT_EQ(Reason(Call<v1::SetUpResponse>(nobody, "SetUp", request)), "ALREADY_SET_UP");
  ASSERT_TRUE(OfferSetUp(*deps_, again, folder_.path()));
  EXPECT_FALSE(again.Matches(code)) << "a later start offers no set-up";

  const auto session = SignIn("rosa", kGood);
  ASSERT_TRUE(session.has_value()) << ToString(session.error());
  EXPECT_EQ(session->agency_name(), "Harbor Coalition");
  EXPECT_EQ(Check(session->session_token())->agency_kind(), "coalition_office");
}

TEST_P(IdentityServerTest, WhereThereIsAnybodyNobodySetsUp) {
  ASSERT_TRUE(OfferSetUp(*deps_, code_, folder_.path()));
  const std::string code = CodeFile();
  ASSERT_TRUE(MakeStaff(AddAgency("other"), "first").has_value());
  EXPECT_EQ(CodeFile(), "");
  v1::SetUpRequest request;
  request.set_request_id(ids_.New());
  request.set_set_up_code(code);
  request.set_agency_name("Late");
  request.set_sign_in_name("late");
  request.set_display_name("Late");
  request.set_passphrase(kGood);
  EXPECT_EQ(Reason(Call<v1::SetUpResponse>(auth::Actor(), "SetUp", request)), "ALREADY_SET_UP");
  EXPECT_EQ(directory_.creates, 0);
}

TEST_P(IdentityServerTest, ASessionLivesIsUsedAndEnds) {
  const std::string agency = AddAgency("health_provider");
  ASSERT_TRUE(MakeStaff(agency, "nurse.one").has_value());
  const auto session = SignIn("Nurse.One", kGood);
  ASSERT_TRUE(session.has_value()) << ToString(session.error());
  const std::string token = session->session_token();
  EXPECT_EQ(Base64UrlDecode(token)->size(), 32U);

  auto checked = Check(token);
  ASSERT_TRUE(checked.has_value()) << ToString(checked.error());
  EXPECT_EQ(checked->staff().sign_in_name(), "nurse.one");
  EXPECT_EQ(checked->agency_kind(), "health_provider");
  EXPECT_EQ(checked->membership(), "active");
  EXPECT_EQ(Reason(Check(token + "A")), "SESSION_INVALID");
  EXPECT_EQ(Reason(Check("nonsense")), "SESSION_INVALID");

  // Each use moves the idle end; after 15 minutes without one it is over.
  clock_.Advance(14 * kMinuteMs);
  checked = Check(token);
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->session().idle_expire_time().seconds(),
            (clock_.NowMs() + 15 * kMinuteMs) / 1000);
  clock_.Advance(14 * kMinuteMs);
  ASSERT_TRUE(Check(token).has_value());
  clock_.Advance(15 * kMinuteMs);
  EXPECT_EQ(Reason(Check(token)), "SESSION_INVALID");

  // Used all the time, it still ends after 12 hours.
  const auto second = SignIn("nurse.one", kGood);
  ASSERT_TRUE(second.has_value());
  for (int minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
    ASSERT_TRUE(Check(second->session_token()).has_value()) << minutes;
    clock_.Advance(10 * kMinuteMs);
  }
  clock_.Advance(10 * kMinuteMs);
  EXPECT_EQ(Reason(Check(second->session_token())), "SESSION_INVALID");

  const auto third = SignIn("nurse.one", kGood);
  ASSERT_TRUE(third.has_value());
  auth::Actor me = Person(agency, {auth::Role::kCaseworker});
  me.staff_id = third->staff().id();
  me.session_id = third->session().id();
  const auto who = Call<v1::GetMeResponse>(me, "GetMe", v1::GetMeRequest());
  ASSERT_TRUE(who.has_value()) << ToString(who.error());
  EXPECT_EQ(who->agency_name(), "Agency health_provider");
  EXPECT_TRUE(Call<v1::SignOutResponse>(me, "SignOut", v1::SignOutRequest()).has_value());
  EXPECT_TRUE(Call<v1::SignOutResponse>(me, "SignOut", v1::SignOutRequest()).has_value());
  EXPECT_EQ(Reason(Check(third->session_token())), "SESSION_INVALID");
  EXPECT_EQ(Reason(Call<v1::GetMeResponse>(me, "GetMe", v1::GetMeRequest())), "SESSION_INVALID");
}

TEST_P(IdentityServerTest, NeitherTokenNorPassphraseIsStored) {
  const std::string agency = AddAgency("legal_services");
  ASSERT_TRUE(MakeStaff(agency, "lena").has_value());
  const auto session = SignIn("lena", kGood);
  ASSERT_TRUE(session.has_value());
  std::function<Result<std::string>(storage::ReadTransaction&)> dump =
      [](storage::ReadTransaction& tx) -> Result<std::string> {
    FAIRLEAD_ASSIGN(const auto staff, tx.Query("SELECT passphrase_hash FROM staff"));
    FAIRLEAD_ASSIGN(const auto sessions, tx.Query("SELECT token_sha256 FROM session"));
    return staff.at(0).Text(0) + "\n" + sessions.at(0).Bytes(0);
  };
  const auto stored = SyncWait(database_->Read<std::string>(dump));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->find("$argon2id$v=19$m=65536,t=3,p=1$"), 0U);
  EXPECT_EQ(stored->substr(stored->find('\n') + 1), Sha256(session->session_token()));
  EXPECT_EQ(std::string(kDummyHash).find("$argon2id$v=19$m=65536,t=3,p=1$"), 0U)
      << "an unknown name must cost what a known one does";
}

TEST_P(IdentityServerTest, FiveWrongAttemptsThenAWaitAndNeverForTheHotline) {
  const std::string agency = AddAgency("hotline");
  ASSERT_TRUE(MakeStaff(agency, "case.worker").has_value());
  ASSERT_TRUE(MakeStaff(agency, "line.one", v1::ROLE_HOTLINE_OPERATOR).has_value());
  for (const char* name : {"case.worker", "line.one", "nobody.here"}) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(Reason(SignIn(name, "wrong wrong wrong wrong")), "SIGN_IN_FAILED") << name;
    }
    const auto sixth = SignIn(name, "wrong wrong wrong wrong");
    EXPECT_EQ(Reason(sixth), "TOO_MANY_ATTEMPTS") << name;
    EXPECT_EQ(sixth.error().metadata.at("retry_after_s"), "3600") << name;
  }
  clock_.Advance(5'000);
  EXPECT_EQ(Reason(SignIn("case.worker", kGood)), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Reason(SignIn("nobody.here", kGood)), "TOO_MANY_ATTEMPTS");
  EXPECT_TRUE(SignIn("line.one", kGood).has_value()) << "the hotline is never locked out";
  EXPECT_EQ(Reason(SignIn("line.one", "wrong wrong wrong wrong")), "SIGN_IN_FAILED")
      << "success forgives";
  clock_.Advance(60 * kMinuteMs);
  EXPECT_TRUE(SignIn("case.worker", kGood).has_value());
}

TEST_P(IdentityServerTest, WhoMayMakeWhom) {
  const std::string shelter = AddAgency("victim_service_provider");
  const std::string clinic = AddAgency("health_provider");
  const std::string office = AddAgency("coalition_office");
  const auth::Actor admin = Person(shelter, {auth::Role::kAgencyAdmin});
  const auth::Actor coordinator = Person(office, {auth::Role::kCoordinator});
  const auto make = [&](const auth::Actor& actor, const std::string& agency, v1::Role role) {
    return Reason(Call<v1::CreateStaffResponse>(
        actor, "CreateStaff", StaffRequest(agency, "p" + ids_.New().substr(20), role)));
  };
  EXPECT_EQ(make(admin, shelter, v1::ROLE_CASEWORKER), "");
  EXPECT_EQ(make(admin, clinic, v1::ROLE_CASEWORKER), "NOT_YOUR_AGENCY");
  EXPECT_EQ(make(admin, ids_.New(), v1::ROLE_CASEWORKER), "NOT_YOUR_AGENCY")
      << "permission before existence";
  EXPECT_EQ(make(admin, shelter, v1::ROLE_COORDINATOR), "ROLE_NOT_GRANTABLE");
  EXPECT_EQ(make(coordinator, clinic, v1::ROLE_AGENCY_ADMIN), "");
  EXPECT_EQ(make(coordinator, clinic, v1::ROLE_AUDITOR), "ROLE_NEEDS_COALITION_OFFICE");
  EXPECT_EQ(make(coordinator, office, v1::ROLE_AUDITOR), "");
  EXPECT_EQ(make(coordinator, ids_.New(), v1::ROLE_CASEWORKER), "AGENCY_NOT_FOUND");
  EXPECT_EQ(make(Person(shelter, {auth::Role::kCaseworker}), shelter, v1::ROLE_CASEWORKER),
            "ROLE_NOT_ALLOWED");

  v1::CreateStaffRequest request = StaffRequest(shelter, "twice", v1::ROLE_CASEWORKER);
  const auto first = Call<v1::CreateStaffResponse>(admin, "CreateStaff", request);
  ASSERT_TRUE(first.has_value());
  const auto repeat = Call<v1::CreateStaffResponse>(admin, "CreateStaff", request);
  ASSERT_TRUE(repeat.has_value()) << ToString(repeat.error());
  EXPECT_EQ(repeat->staff().id(), first->staff().id());
  request.set_display_name("Somebody else");
  EXPECT_EQ(Reason(Call<v1::CreateStaffResponse>(admin, "CreateStaff", request)),
            "REQUEST_ID_REUSED");
  request.set_request_id(ids_.New());
  EXPECT_EQ(Reason(Call<v1::CreateStaffResponse>(admin, "CreateStaff", request)),
            "SIGN_IN_NAME_TAKEN");
  request.set_request_id(ids_.New());
  request.set_sign_in_name("thrice");
  request.set_passphrase("passwordpassword");
  EXPECT_EQ(Reason(Call<v1::CreateStaffResponse>(admin, "CreateStaff", request)),
            "PASSPHRASE_TOO_COMMON");
  EXPECT_EQ(Reason(SignIn("thrice", "passwordpassword")), "SIGN_IN_FAILED");
}

TEST_P(IdentityServerTest, StaffAreListedPageByPage) {
  const std::string agency = AddAgency("government");
  const auth::Actor admin = Person(agency, {auth::Role::kAgencyAdmin});
  for (const char* name : {"one", "two", "three"}) ASSERT_TRUE(MakeStaff(agency, name));
  v1::ListStaffRequest request;
  request.set_agency_id(agency);
  request.set_page_size(2);
  const auto page = Call<v1::ListStaffResponse>(admin, "ListStaff", request);
  ASSERT_TRUE(page.has_value()) << ToString(page.error());
  EXPECT_EQ(page->staff_size(), 2);
  request.set_page_token(page->next_page_token());
  const auto rest = Call<v1::ListStaffResponse>(admin, "ListStaff", request);
  ASSERT_TRUE(rest.has_value()) << ToString(rest.error());
  ASSERT_EQ(rest->staff_size(), 1);
  EXPECT_EQ(rest->staff(0).sign_in_name(), "three");
  EXPECT_EQ(rest->next_page_token(), "");
  request.set_agency_id(AddAgency("other"));
  EXPECT_EQ(Reason(Call<v1::ListStaffResponse>(admin, "ListStaff", request)), "NOT_YOUR_AGENCY");
}

TEST_P(IdentityServerTest, KeysComeInEpochs) {
  const std::string agency = AddAgency("victim_service_provider");
  const auth::Actor admin = Person(agency, {auth::Role::kAgencyAdmin});
  const auto epoch_1 = seal::GenerateKey(seal::KeyUse::kEpoch);
  const auto epoch_2 = seal::GenerateKey(seal::KeyUse::kEpoch);
  const auto signing = seal::GenerateKey(seal::KeyUse::kSigning);
  v1::GetAgencyKeysRequest get;
  get.set_agency_id(agency);
  const auto find = [&] { return Call<v1::GetAgencyKeysResponse>(admin, "GetAgencyKeys", get); };
  EXPECT_EQ(Reason(find()), "AGENCY_HAS_NO_KEYS");

  const auto publish = [&](const std::string& epoch_jwk, const std::string& signing_jwk) {
    v1::PublishAgencyKeysRequest request;
    request.set_request_id(ids_.New());
    request.set_epoch_jwk(epoch_jwk);
    request.set_signing_jwk(signing_jwk);
    return Call<v1::PublishAgencyKeysResponse>(admin, "PublishAgencyKeys", request);
  };
  const std::string signing_jwk = seal::ToJwk(signing->public_key);
  const std::string jwk_1 = seal::ToJwk(epoch_1->public_key);
  const std::string jwk_2 = seal::ToJwk(epoch_2->public_key);
  EXPECT_EQ(Reason(publish(signing_jwk, signing_jwk)), "INVALID_KEY");
  EXPECT_EQ(Reason(publish("{}", signing_jwk)), "INVALID_KEY");
  EXPECT_EQ(Reason(publish(seal::ToPrivateJwk(*epoch_1), signing_jwk)), "INVALID_KEY")
      << "a private key is never taken";
  ASSERT_EQ(Reason(publish(jwk_1, signing_jwk)), "");
  EXPECT_EQ(Reason(publish(jwk_1, signing_jwk)), "KEY_ALREADY_PUBLISHED");
  const auto second = publish(jwk_2, signing_jwk);
  ASSERT_TRUE(second.has_value()) << ToString(second.error());
  EXPECT_EQ(second->keys().epoch(), 2);

  EXPECT_EQ(find()->keys().epoch_jwk(), jwk_2);
  get.set_epoch(1);
  EXPECT_EQ(find()->keys().epoch_jwk(), jwk_1);
  get.set_epoch(3);
  EXPECT_EQ(Reason(find()), "KEYS_NOT_FOUND");
  get.set_epoch(0);
  get.set_kid(epoch_1->public_key.kid);
  EXPECT_EQ(find()->keys().epoch(), 1);
  get.set_kid(signing->public_key.kid);
  EXPECT_EQ(find()->keys().epoch(), 2) << "the latest with this key";

  // A signing key belongs to one agency.
  const std::string thief = AddAgency("other");
  v1::PublishAgencyKeysRequest request;
  request.set_request_id(ids_.New());
  request.set_epoch_jwk(seal::ToJwk(seal::GenerateKey(seal::KeyUse::kEpoch)->public_key));
  request.set_signing_jwk(signing_jwk);
  EXPECT_EQ(Reason(Call<v1::PublishAgencyKeysResponse>(Person(thief, {auth::Role::kAgencyAdmin}),
                                                       "PublishAgencyKeys", request)),
            "KEY_ALREADY_PUBLISHED");
}

TEST_P(IdentityServerTest, AgencyEventsReplaceTheCopyAndTheDirectoryIsAskedOnce) {
  const std::string agency = AddAgency("legal_services");
  ASSERT_TRUE(MakeStaff(agency, "counsel").has_value());
  ASSERT_TRUE(MakeStaff(agency, "counsel.two").has_value());
  EXPECT_EQ(directory_.gets, 1) << "the answer is kept";
  const auto session = SignIn("counsel", kGood);
  ASSERT_TRUE(session.has_value());

  events::v1::AgencyChanged changed;
  changed.set_agency_id(agency);
  changed.set_name("Renamed");
  changed.set_kind("legal_services");
  changed.set_membership("suspended");
  events::v1::EventEnvelope event;
  event.set_data_schema("fairlead.events.v1.AgencyChanged");
  event.set_data(changed.SerializeAsString());
  std::function<Result<bool>(storage::Transaction&)> apply =
      [&](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(ApplyDirectoryEvent(*store_, tx, event));
    return true;
  };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(apply)).has_value());
  EXPECT_EQ(Check(session->session_token())->membership(), "suspended");
  event.set_data("\xFF");
  EXPECT_EQ(Reason(SyncWait(database_->Write<bool>(apply))), "INVALID_EVENT");
}

TEST_P(IdentityServerTest, ManySignInsAtOnceAreHeldBackNotQueuedForEver) {
  const std::string agency = AddAgency("other");
  ASSERT_TRUE(MakeStaff(agency, "crowd").has_value());
  // More than the limit at the same moment: none slips past it.
  std::vector<Result<v1::SignInResponse>> answers;
  std::mutex mutex;
  std::condition_variable done;
  v1::SignInRequest request;
  request.set_sign_in_name("crowd");
  request.set_passphrase(kOther);
  rpc::CallOptions options;
  options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
  constexpr size_t kCalls = 20;
  for (size_t i = 0; i < kCalls; ++i) {
    Start(rpc::Call<v1::SignInResponse>(*channel_, "/fairlead.identity.v1.IdentityService/SignIn",
                                        request, options),
          [&](Result<v1::SignInResponse> answer) {
            const std::lock_guard lock(mutex);
            answers.push_back(std::move(answer));
            done.notify_one();
          });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return answers.size() == kCalls; });
  size_t failed = 0;
  for (const auto& answer : answers) failed += Reason(answer) == "SIGN_IN_FAILED" ? 1U : 0U;
  EXPECT_EQ(failed, 5U);
}

INSTANTIATE_TEST_SUITE_P(Engines, IdentityServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::identity
