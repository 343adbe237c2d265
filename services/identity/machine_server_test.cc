// Machine clients: who lets them in, what counts as theirs, and when that ends; on both engines.
#include "services/identity/machine_server.h"

#include "services/common/seal/seal.h"
#include "services/identity/testing/identity_fixture.h"

namespace fairlead::identity {
namespace {

constexpr const char* kBase = "\"@method\": POST\n…";  // whatever the gateway made of the request

class MachineServerTest : public IdentityServerTest {
 protected:
  void SetUp() override {
    IdentityServerTest::SetUp();
    refusals_ = std::make_unique<audit::DenialWriter>(*database_, ids_, clock_,
                                                      audit::DenialOptions{.flush_every_ms = 0});
    machine_deps_ = std::make_unique<MachineDeps>(MachineDeps{*deps_, *machines_, *refusals_});
    machine_server_ = std::make_unique<MachineServer>(*machine_deps_, std::string(32, 'm'));
    machine_server_->Register(registry_);
    agency_ = AddAgency("victim_service_provider");
    admin_ = Person(agency_, {auth::Role::kAgencyAdmin});
  }
  void TearDown() override {
    if (refusals_) refusals_->Stop();
    IdentityServerTest::TearDown();
  }

  template <class Response, class Request>
  Result<Response> Ask(const auth::Actor& actor, const std::string& method, const Request& request,
                       const std::string& service = "") {
    rpc::CallOptions options;
    options.actor = actor;
    options.on_behalf_of_service = service;
    options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
    return SyncWait(rpc::Call<Response>(
        *channel_, "/fairlead.identity.v1.MachineService/" + method, request, options));
  }
  v1::CreateMachineClientRequest CreateRequest(const std::string& jwk,
                                               const std::string& certificate = "") {
    v1::CreateMachineClientRequest request;
    request.set_request_id(ids_.New());
    request.set_label("case_system");
    request.set_signing_jwk(jwk);
    request.set_certificate_sha256(certificate);
    return request;
  }
  Result<v1::CreateMachineClientResponse> Create(const auth::Actor& actor, const std::string& jwk,
                                                 const std::string& certificate = "") {
    return Ask<v1::CreateMachineClientResponse>(actor, "CreateMachineClient",
                                                CreateRequest(jwk, certificate));
  }
  Result<v1::DisableMachineClientResponse> Disable(const auth::Actor& actor,
                                                   const std::string& id) {
    v1::DisableMachineClientRequest request;
    request.set_request_id(ids_.New());
    request.set_machine_client_id(id);
    return Ask<v1::DisableMachineClientResponse>(actor, "DisableMachineClient", request);
  }
  Result<v1::ListMachineClientsResponse> List(const auth::Actor& actor, int size = 0,
                                              const std::string& token = "") {
    v1::ListMachineClientsRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    return Ask<v1::ListMachineClientsResponse>(actor, "ListMachineClients", request);
  }

  v1::CheckMachineClientRequest Signed(const seal::PrivateKey& key, const std::string& nonce,
                                       int64_t age_s = 0) {
    v1::CheckMachineClientRequest request;
    v1::MachineSignature& signature = *request.mutable_signature();
    signature.set_key_id(key.public_key.kid);
    signature.set_base(kBase);
    signature.set_value(seal::SignBytes(key, kBase).value());
    signature.set_created_s(clock_.NowMs() / 1000 - age_s);
    signature.set_nonce(nonce);
    return request;
  }
  Result<v1::CheckMachineClientResponse> CheckAs(const v1::CheckMachineClientRequest& request) {
    return Ask<v1::CheckMachineClientResponse>(auth::ServiceActor("gateway"), "CheckMachineClient",
                                               request, "gateway");
  }
  Result<v1::CheckMachineClientResponse> ByCertificate(const std::string& hash) {
    v1::CheckMachineClientRequest request;
    request.set_certificate_sha256(hash);
    return CheckAs(request);
  }
  static seal::PrivateKey NewKey() { return seal::GenerateKey(seal::KeyUse::kSigning).value(); }
  static std::string Jwk(const seal::PrivateKey& key) { return seal::ToJwk(key.public_key); }

  std::string agency_;
  auth::Actor admin_;
  std::unique_ptr<MachineStore> machines_ = MakeSqlMachineStore();
  std::unique_ptr<audit::DenialWriter> refusals_;
  std::unique_ptr<MachineDeps> machine_deps_;
  std::unique_ptr<MachineServer> machine_server_;
};

TEST_P(MachineServerTest, AnAdministratorLetsASystemIn) {
  const seal::PrivateKey key = NewKey();
  const std::string certificate = HashOf("certificate");
  const auto request = CreateRequest(Jwk(key), certificate);
  const auto made = Ask<v1::CreateMachineClientResponse>(admin_, "CreateMachineClient", request);
  ASSERT_TRUE(made) << ToString(made.error());
  EXPECT_EQ(made->machine_client().agency_id(), agency_);
  EXPECT_EQ(made->machine_client().creator_staff_id(), admin_.staff_id);
  const auto again = Ask<v1::CreateMachineClientResponse>(admin_, "CreateMachineClient", request);
  ASSERT_TRUE(again) << ToString(again.error());
  EXPECT_EQ(again->machine_client().id(), made->machine_client().id()) << "a repeat makes no other";

  const auto who = CheckAs(Signed(key, "n1"));
  ASSERT_TRUE(who) << ToString(who.error());
  EXPECT_EQ(who->machine_client_id(), made->machine_client().id());
  EXPECT_EQ(who->agency_id(), agency_);
  EXPECT_EQ(who->agency_kind(), "victim_service_provider");
  EXPECT_EQ(who->membership(), "active");
  const auto shown = ByCertificate(certificate);
  ASSERT_TRUE(shown) << ToString(shown.error());
  EXPECT_EQ(shown->machine_client_id(), made->machine_client().id());
  EXPECT_EQ(Stored("SELECT record_id FROM audit_record WHERE action = 'machine_client_created'"),
            made->machine_client().id());
}

TEST_P(MachineServerTest, NobodyElseDoes) {
  const std::string jwk = Jwk(NewKey());
  for (const auth::Role role : {auth::Role::kCaseworker, auth::Role::kHotlineOperator,
                                auth::Role::kCoordinator, auth::Role::kAuditor}) {
    EXPECT_EQ(Reason(Create(Person(agency_, {role}), jwk)), "ROLE_NOT_ALLOWED");
    EXPECT_EQ(Reason(List(Person(agency_, {role}))), "ROLE_NOT_ALLOWED");
    EXPECT_EQ(Reason(Disable(Person(agency_, {role}), ids_.New())), "ROLE_NOT_ALLOWED");
  }
  auth::Actor machine = Person(agency_, {auth::Role::kIntegration});
  machine.kind = auth::ActorKind::kMachine;
  EXPECT_EQ(Reason(Create(machine, jwk)), "ROLE_NOT_ALLOWED") << "no system makes another";
  auth::Actor weak = admin_;
  weak.assurance = auth::kSignedIn;
  EXPECT_EQ(Reason(Create(weak, jwk)), "STEP_UP_REQUIRED");
  EXPECT_EQ(Reason(Disable(weak, ids_.New())), "STEP_UP_REQUIRED");
  const auto check = Signed(NewKey(), "n");
  EXPECT_EQ(Reason(Ask<v1::CheckMachineClientResponse>(admin_, "CheckMachineClient", check)),
            "SERVICES_ONLY");
  EXPECT_EQ(Reason(Ask<v1::CheckMachineClientResponse>(admin_, "CheckMachineClient", check,
                                                       "referral")),
            "SERVICES_ONLY");
}

TEST_P(MachineServerTest, TakesNoBadKeyAndNoneTwice) {
  const seal::PrivateKey key = NewKey();
  const auto epoch = seal::GenerateKey(seal::KeyUse::kEpoch);
  EXPECT_EQ(Reason(Create(admin_, "")), "CREDENTIAL_NEEDED");
  EXPECT_EQ(Reason(Create(admin_, "{}")), "INVALID_KEY");
  EXPECT_EQ(Reason(Create(admin_, seal::ToPrivateJwk(key))), "INVALID_KEY")
      << "a private key is never taken";
  EXPECT_EQ(Reason(Create(admin_, seal::ToJwk(epoch->public_key))), "INVALID_KEY");
  EXPECT_EQ(Reason(Create(admin_, "", "short")), "INVALID_HASH");
  EXPECT_EQ(Stored("SELECT CAST(COUNT(*) AS TEXT) FROM machine_client"), "0");

  const auto made = Create(admin_, Jwk(key), HashOf("one"));
  ASSERT_TRUE(made) << ToString(made.error());
  const auth::Actor other = Person(AddAgency("other"), {auth::Role::kAgencyAdmin});
  EXPECT_EQ(Reason(Create(other, Jwk(key))), "MACHINE_CREDENTIAL_IN_USE");
  EXPECT_EQ(Reason(Create(other, "", HashOf("one"))), "MACHINE_CREDENTIAL_IN_USE");
  ASSERT_EQ(Reason(Disable(admin_, made->machine_client().id())), "");
  EXPECT_EQ(Reason(Create(admin_, Jwk(key))), "MACHINE_CREDENTIAL_IN_USE") << "nor afterwards";
}

TEST_P(MachineServerTest, ThereAreTwentyAtMostAndTheyAreListed) {
  std::string first;
  for (int i = 0; i < kMaxMachineClients; ++i) {
    const auto made = Create(admin_, Jwk(NewKey()));
    ASSERT_TRUE(made) << ToString(made.error());
    if (i == 0) first = made->machine_client().id();
  }
  EXPECT_EQ(Reason(Create(admin_, Jwk(NewKey()))), "TOO_MANY_MACHINE_CLIENTS");
  EXPECT_EQ(Reason(Create(Person(AddAgency("other"), {auth::Role::kAgencyAdmin}), Jwk(NewKey()))),
            "")
      << "of one agency";
  ASSERT_EQ(Reason(Disable(admin_, first)), "");
  EXPECT_EQ(Reason(Create(admin_, Jwk(NewKey()))), "");
  const auto page = List(admin_, 15);
  ASSERT_TRUE(page) << ToString(page.error());
  EXPECT_EQ(page->machine_clients_size(), 15);
  EXPECT_TRUE(page->machine_clients(0).has_disable_time());
  const auto rest = List(admin_, 15, page->next_page_token());
  ASSERT_TRUE(rest) << ToString(rest.error());
  EXPECT_EQ(rest->machine_clients_size(), 6);
  EXPECT_EQ(rest->next_page_token(), "");
  for (const auto& each : rest->machine_clients()) EXPECT_EQ(each.agency_id(), agency_);
}

TEST_P(MachineServerTest, ASignatureIsItsOwnersAndOfNow) {
  const seal::PrivateKey key = NewKey();
  ASSERT_EQ(Reason(Create(admin_, Jwk(key))), "");
  EXPECT_EQ(Reason(CheckAs(Signed(NewKey(), "n0"))), "MACHINE_NOT_RECOGNISED");
  auto forged = Signed(NewKey(), "n1");
  forged.mutable_signature()->set_key_id(key.public_key.kid);
  EXPECT_EQ(Reason(CheckAs(forged)), "MACHINE_NOT_RECOGNISED") << "the same as for no key at all";
  auto moved = Signed(key, "n2");
  moved.mutable_signature()->set_base("another request");
  EXPECT_EQ(Reason(CheckAs(moved)), "MACHINE_NOT_RECOGNISED");

  EXPECT_EQ(Reason(CheckAs(Signed(key, "old", kSignatureWindowS))), "");
  EXPECT_EQ(Reason(CheckAs(Signed(key, "ahead", -kSignatureWindowS))), "");
  for (const int64_t age_s : {kSignatureWindowS + 1, -kSignatureWindowS - 1}) {
    const auto late = CheckAs(Signed(key, "late", age_s));
    EXPECT_EQ(Reason(late), "SIGNATURE_TIME") << age_s;
    EXPECT_EQ(late.error().metadata.at("server_time"), FormatTime(clock_.NowMs()));
  }
  auto expired = Signed(key, "expired", 10);
  expired.mutable_signature()->set_expires_s(clock_.NowMs() / 1000 - 1);
  EXPECT_EQ(Reason(CheckAs(expired)), "SIGNATURE_TIME");
  expired.mutable_signature()->set_expires_s(clock_.NowMs() / 1000);
  EXPECT_EQ(Reason(CheckAs(expired)), "") << "what was refused for its time has spent nothing";

  v1::CheckMachineClientRequest both = Signed(key, "both");
  both.set_certificate_sha256(HashOf("certificate"));
  EXPECT_EQ(Reason(CheckAs(both)), "CREDENTIAL_NEEDED");
  EXPECT_EQ(Reason(CheckAs({})), "CREDENTIAL_NEEDED");
  EXPECT_EQ(Reason(ByCertificate(HashOf("nobody's"))), "MACHINE_NOT_RECOGNISED");
}

TEST_P(MachineServerTest, ASignatureCountsOnceAndAcrossARestart) {
  const seal::PrivateKey key = NewKey();
  const seal::PrivateKey another = NewKey();
  ASSERT_EQ(Reason(Create(admin_, Jwk(key))), "");
  ASSERT_EQ(Reason(Create(admin_, Jwk(another))), "");
  const auto request = Signed(key, "the nonce");
  ASSERT_EQ(Reason(CheckAs(request)), "");
  EXPECT_EQ(Reason(CheckAs(request)), "SIGNATURE_REPLAYED");
  EXPECT_EQ(Reason(CheckAs(Signed(another, "the nonce"))), "") << "each client has its own";
  // Nothing of it is in memory: another server on the same database knows it as well.
  const MachineDeps fresh{*deps_, *machines_, *refusals_};
  MachineServer restarted(fresh, std::string(32, 'r'));
  rpc::CallContext context;
  context.actor = auth::ServiceActor("gateway");
  EXPECT_EQ(Reason(SyncWait(restarted.CheckMachineClient(context, request))),
            "SIGNATURE_REPLAYED");
  clock_.Advance((kSignatureWindowS + 1) * 1000);
  EXPECT_EQ(Reason(CheckAs(request)), "SIGNATURE_TIME");
  clock_.Advance(kNonceKeptS * 1000);
  ASSERT_EQ(Reason(CheckAs(Signed(key, "much later"))), "");
  EXPECT_EQ(Stored("SELECT CAST(COUNT(*) AS TEXT) FROM machine_nonce"), "1")
      << "what cannot be used again is forgotten";
}

TEST_P(MachineServerTest, NoncesAreBounded) {
  const seal::PrivateKey key = NewKey();
  const auto made = Create(admin_, Jwk(key));
  ASSERT_TRUE(made) << ToString(made.error());
  std::function<Result<bool>(storage::Transaction&)> fill =
      [&](storage::Transaction& tx) -> Result<bool> {
    for (int i = 0; i < kMaxNonces; ++i) {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO machine_nonce (machine_client_id, nonce, expire_ms) "
                     "VALUES ($1, $2, $3)",
                     {made->machine_client().id(), std::to_string(i), clock_.NowMs() + 1000}));
    }
    return true;
  };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(fill)));
  const auto refused = CheckAs(Signed(key, "one more"));
  EXPECT_EQ(Reason(refused), "TOO_MANY_CALLS");
  EXPECT_EQ(refused.error().metadata.at("retry_after_s"), std::to_string(kSignatureWindowS));
  clock_.Advance(2000);
  EXPECT_EQ(Reason(CheckAs(Signed(key, "later"))), "");
}

TEST_P(MachineServerTest, DisablingTakesEffectAtOnce) {
  const seal::PrivateKey key = NewKey();
  const auto made = Create(admin_, Jwk(key), HashOf("certificate"));
  ASSERT_TRUE(made) << ToString(made.error());
  const std::string id = made->machine_client().id();
  const auth::Actor stranger = Person(AddAgency("other"), {auth::Role::kAgencyAdmin});
  EXPECT_EQ(Reason(Disable(stranger, id)), "MACHINE_CLIENT_NOT_FOUND");
  EXPECT_EQ(Reason(Disable(stranger, ids_.New())), "MACHINE_CLIENT_NOT_FOUND");
  ASSERT_EQ(Reason(CheckAs(Signed(key, "before"))), "");
  ASSERT_EQ(Reason(Disable(admin_, id)), "");
  EXPECT_EQ(Reason(CheckAs(Signed(key, "after"))), "MACHINE_CLIENT_DISABLED");
  EXPECT_EQ(Reason(ByCertificate(HashOf("certificate"))), "MACHINE_CLIENT_DISABLED");
  auto forged = Signed(NewKey(), "forged");
  forged.mutable_signature()->set_key_id(key.public_key.kid);
  EXPECT_EQ(Reason(CheckAs(forged)), "MACHINE_NOT_RECOGNISED")
      << "said to whoever has the key only";
  EXPECT_EQ(Reason(Disable(admin_, id)), "ALREADY_DISABLED");
  refusals_->Flush();
  EXPECT_EQ(Stored("SELECT staff_id FROM audit_record WHERE action = 'machine_client_refused' AND "
                   "refused_reason = 'MACHINE_CLIENT_DISABLED'"),
            id);
  EXPECT_EQ(Stored("SELECT record_id FROM audit_record WHERE action = 'machine_client_disabled'"),
            id);
}

TEST_P(MachineServerTest, ASuspendedAgencysSystemsAreOutForGood) {
  const seal::PrivateKey key = NewKey();
  ASSERT_EQ(Reason(Create(admin_, Jwk(key))), "");
  const auth::Actor neighbour = Person(AddAgency("other"), {auth::Role::kAgencyAdmin});
  const seal::PrivateKey theirs = NewKey();
  ASSERT_EQ(Reason(Create(neighbour, Jwk(theirs))), "");
  v1::CloseAgencyAccessRequest close;
  close.set_agency_id(agency_);
  close.set_membership("suspended");
  close.set_version(2);
  ASSERT_EQ(Reason(Call<v1::CloseAgencyAccessResponse>(auth::ServiceActor("directory"),
                                                       "CloseAgencyAccess", close, "directory")),
            "");
  EXPECT_EQ(Reason(CheckAs(Signed(key, "n1"))), "MACHINE_CLIENT_DISABLED");
  EXPECT_EQ(Reason(CheckAs(Signed(theirs, "n2"))), "") << "another agency's goes on";
  EXPECT_EQ(Stored("SELECT subject_agency_id FROM audit_record WHERE "
                   "action = 'machine_client_disabled'"),
            agency_);
  EXPECT_EQ(Reason(Create(admin_, Jwk(NewKey()))), "AGENCY_NOT_ACTIVE");
}

INSTANTIATE_TEST_SUITE_P(Engines, MachineServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::identity
