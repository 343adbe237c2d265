// The methods of PasskeyService, and the two of IdentityService that take a passkey, driven by an
// authenticator in software, on both engines: the good path, and every way in which it may go
// wrong, after each of which nothing has changed.
#include "services/identity/passkey_server.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "services/identity/commands/passkey_tools.h"
#include "services/identity/fido_passkey_verifier.h"
#include "services/identity/testing/identity_fixture.h"
#include "services/identity/testing/software_authenticator.h"

namespace fairlead::identity {
namespace {

constexpr const char* kOrigin = "http://localhost:7420";

class PasskeyServerTest : public IdentityServerTest {
 protected:
  void SetUp() override {
    IdentityServerTest::SetUp();
    tools_ = std::make_unique<PasskeyTools>(
        PasskeyTools{*passkey_store_, *verifier_, RelyingPartyOf(kOrigin)});
    deps_->passkeys = tools_.get();
    denials_ = std::make_unique<audit::DenialWriter>(*database_, ids_, clock_,
                                                     audit::DenialOptions{.flush_every_ms = 0});
    deps_->denials = denials_.get();
    passkey_server_ = std::make_unique<PasskeyServer>(*deps_, std::string(32, 'p'));
    passkey_server_->Register(registry_);
    agency_ = AddAgency("victim_service_provider");
  }
  void TearDown() override {
    if (denials_) denials_->Stop();
    IdentityServerTest::TearDown();
  }

  template <class Response, class Request>
  Result<Response> Ask(const auth::Actor& actor, const std::string& method,
                       const Request& request) {
    rpc::CallOptions options;
    options.actor = actor;
    options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
    return SyncWait(rpc::Call<Response>(*channel_, "/fairlead.identity.v1.PasskeyService/" + method,
                                        request, options));
  }

  // An open invitation's code.
  std::string Invited() {
    std::string code = CodeOf(ids_.New());
    const auto invited =
        Invite(Person(agency_, {auth::Role::kAgencyAdmin}), agency_, code, {v1::ROLE_CASEWORKER});
    EXPECT_TRUE(invited.has_value()) << ToString(invited.error());
    return code;
  }
  std::string InvitedOptions(const std::string& code) {
    v1::BeginInvitedPasskeyRequest request;
    request.set_invitation_code(code);
    const auto begun =
        Ask<v1::BeginInvitedPasskeyResponse>(auth::Actor(), "BeginInvitedPasskey", request);
    EXPECT_TRUE(begun.has_value()) << ToString(begun.error());
    return begun ? begun->options_json() : "";
  }
  Result<v1::AcceptInvitationResponse> Join(const std::string& code, const std::string& name,
                                            const std::string& registration_json) {
    v1::AcceptInvitationRequest request;
    request.set_code(code);
    request.set_sign_in_name(name);
    request.set_passkey_registration_json(registration_json);
    return Accept(request);
  }
  // Somebody who has joined with this authenticator.
  v1::Staff Joined(SoftwareAuthenticator& key, const std::string& name) {
    const std::string code = Invited();
    const auto joined = Join(code, name, key.Register(InvitedOptions(code)));
    EXPECT_TRUE(joined.has_value()) << ToString(joined.error());
    return joined ? joined->staff() : v1::Staff();
  }

  std::string SignInOptions() {
    const auto begun = Ask<v1::BeginPasskeySignInResponse>(auth::Actor(), "BeginPasskeySignIn",
                                                           v1::BeginPasskeySignInRequest());
    EXPECT_TRUE(begun.has_value()) << ToString(begun.error());
    return begun ? begun->options_json() : "";
  }
  Result<v1::SignInWithPasskeyResponse> Assert(const std::string& assertion_json) {
    v1::SignInWithPasskeyRequest request;
    request.set_assertion_json(assertion_json);
    auth::Actor nobody;
    nobody.network = network_;
    return Ask<v1::SignInWithPasskeyResponse>(nobody, "SignInWithPasskey", request);
  }
  Result<v1::SignInWithPasskeyResponse> SignInWith(SoftwareAuthenticator& key,
                                                   const Lie& lie = {}) {
    return Assert(key.SignIn(SignInOptions(), lie));
  }
  auth::Actor SignedInWith(SoftwareAuthenticator& key) {
    const auto session = SignInWith(key);
    EXPECT_TRUE(session.has_value()) << ToString(session.error());
    return Person(session->sign_in());
  }

  Result<v1::BeginPasskeyRegistrationResponse> Begin(const auth::Actor& actor) {
    v1::BeginPasskeyRegistrationRequest request;
    request.set_request_id(ids_.New());
    return Ask<v1::BeginPasskeyRegistrationResponse>(actor, "BeginPasskeyRegistration", request);
  }
  Result<v1::AddPasskeyResponse> Add(const auth::Actor& actor,
                                     const std::string& registration_json) {
    v1::AddPasskeyRequest request;
    request.set_request_id(ids_.New());
    request.set_registration_json(registration_json);
    return Ask<v1::AddPasskeyResponse>(actor, "AddPasskey", request);
  }
  Result<v1::ListPasskeysResponse> List(const auth::Actor& actor, int size = 0,
                                        const std::string& token = "") {
    v1::ListPasskeysRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    return Ask<v1::ListPasskeysResponse>(actor, "ListPasskeys", request);
  }
  std::string Remove(const auth::Actor& actor, const std::string& id) {
    v1::RemovePasskeyRequest request;
    request.set_request_id(ids_.New());
    request.set_passkey_id(id);
    return Reason(Ask<v1::RemovePasskeyResponse>(actor, "RemovePasskey", request));
  }
  std::string StepUp(const auth::Actor& actor, const std::string& assertion_json) {
    v1::StepUpRequest request;
    request.set_request_id(ids_.New());
    request.set_passkey_assertion_json(assertion_json);
    return Reason(Call<v1::StepUpResponse>(actor, "StepUp", request));
  }

  // Everything that a refusal must leave as it was.
  std::string Everything() {
    std::function<Result<std::string>(storage::ReadTransaction&)> read =
        [](storage::ReadTransaction& tx) -> Result<std::string> {
      std::string all;
      for (const char* sql :
           {"SELECT id, counter, last_use_ms, stop_ms, backed_up FROM passkey ORDER BY id",
            "SELECT id, proven_ms, last_used_ms FROM session ORDER BY id",
            "SELECT id, version FROM staff ORDER BY id",
            "SELECT id, expire_ms FROM invitation ORDER BY id"}) {
        FAIRLEAD_ASSIGN(const auto rows, tx.Query(sql));
        for (const auto& row : rows) {
          all += row.Text(0);
          for (size_t i = 1; i < row.size(); ++i) all += " " + std::to_string(row.Int(i));
          all += "\n";
        }
      }
      return all;
    };
    return *SyncWait(database_->Read<std::string>(read));
  }
  std::string Recorded(const std::string& action) {
    return Stored("SELECT CAST(COUNT(*) AS TEXT) FROM audit_record WHERE action = '" + action +
                  "'");
  }
  static std::string Check(const auto& result) {
    if (result) return "";
    const auto found = result.error().metadata.find("check");
    return found == result.error().metadata.end() ? result.error().reason : found->second;
  }

  const std::unique_ptr<PasskeyStore> passkey_store_ = MakeSqlPasskeyStore();
  const std::unique_ptr<PasskeyVerifier> verifier_ = MakeFidoPasskeyVerifier();
  std::unique_ptr<PasskeyTools> tools_;
  std::unique_ptr<audit::DenialWriter> denials_;
  std::unique_ptr<PasskeyServer> passkey_server_;
  std::string agency_;
  SoftwareAuthenticator key_{"localhost", kOrigin};
};

TEST_P(PasskeyServerTest, JoinSignInStepUpAndAddAnother) {
  const std::string code = Invited();
  const std::string options = InvitedOptions(code);
  const auto parsed = boost::json::parse(options);
  EXPECT_EQ(parsed.at("rp").at("id"), "localhost");
  EXPECT_EQ(parsed.at("authenticatorSelection").at("userVerification"), "required");
  EXPECT_EQ(parsed.at("authenticatorSelection").at("residentKey"), "required");
  EXPECT_EQ(parsed.at("attestation"), "none");
  EXPECT_EQ(Base64UrlDecode(parsed.at("challenge").as_string().c_str())->size(), 32U);
  const std::string registration = key_.Register(options);
  const auto joined = Join(code, "ana", registration);
  ASSERT_TRUE(joined.has_value()) << ToString(joined.error());
  EXPECT_EQ(Reason(Join(code, "eve", registration)), "INVITATION_INVALID");
  EXPECT_EQ(key_.user_handle().size(), 32U);
  EXPECT_EQ(key_.user_handle().find(joined->staff().id()), std::string::npos);

  const std::string asked = SignInOptions();
  EXPECT_TRUE(boost::json::parse(asked).at("allowCredentials").as_array().empty());
  const auto session = Assert(key_.SignIn(asked));
  ASSERT_TRUE(session.has_value()) << ToString(session.error());
  EXPECT_EQ(session->sign_in().staff().id(), joined->staff().id());
  EXPECT_EQ(session->sign_in().session().method(), v1::SIGN_IN_METHOD_PASSKEY);
  const auto checked = IdentityServerTest::Check(session->sign_in().session_token());
  ASSERT_TRUE(checked.has_value()) << ToString(checked.error());
  EXPECT_EQ(checked->assurance(), 3);

  // Ten minutes later the session needs a fresh proof, and gets one.
  clock_.Advance(10 * kMinuteMs);
  EXPECT_EQ(IdentityServerTest::Check(session->sign_in().session_token())->assurance(), 2);
  const auth::Actor me = Person(session->sign_in());
  EXPECT_EQ(StepUp(me, key_.SignIn(SignInOptions())), "");
  EXPECT_EQ(IdentityServerTest::Check(session->sign_in().session_token())->assurance(), 3);

  const auto begun = Begin(me);
  ASSERT_TRUE(begun.has_value()) << ToString(begun.error());
  EXPECT_EQ(boost::json::parse(begun->options_json()).at("excludeCredentials").as_array().size(),
            1U);
  SoftwareAuthenticator second("localhost", kOrigin, PasskeyAlgorithm::kEdDsa);
  const auto added = Add(me, second.Register(begun->options_json()));
  ASSERT_TRUE(added.has_value()) << ToString(added.error());
  EXPECT_EQ(second.user_handle(), key_.user_handle()) << "one handle a person";
  EXPECT_EQ(Reason(SignInWith(second)), "");
  const auto first_page = List(me, 1);
  ASSERT_TRUE(first_page.has_value());
  EXPECT_EQ(first_page->passkeys_size(), 1);
  EXPECT_EQ(List(me, 1, first_page->next_page_token())->passkeys(0).id(), added->passkey().id());
  EXPECT_EQ(Remove(me, first_page->passkeys(0).id()), "");
  EXPECT_EQ(Reason(SignInWith(key_)), "SIGN_IN_FAILED") << "removed";
  EXPECT_EQ(Remove(me, added->passkey().id()), "LAST_CREDENTIAL");
  EXPECT_EQ(Recorded("passkey_added"), "2");
  EXPECT_EQ(Recorded("passkey_removed"), "1");
  EXPECT_EQ(Recorded("signed_in"), "2");
  EXPECT_EQ(Recorded("sign_in_failed"), "0") << "what nobody has is counted";
}

TEST_P(PasskeyServerTest, ARegistrationThatDoesNotHoldChangesNothing) {
  const std::string code = Invited();
  const std::vector<std::pair<std::string, Lie>> lies = {
      {"type", {.type = "webauthn.get"}},
      {"challenge", {.challenge = std::string(32, 'x')}},
      {"origin", {.origin = "http://localhost:7421"}},
      {"cross_origin", {.cross_origin = true}},
      {"rp_id", {.rp_id = "elsewhere.example"}},
      {"user_presence", {.no_user_presence = true}},
      {"user_verification", {.no_user_verification = true}},
      {"credential_id", {.outer_credential_id = "another"}},
      {"key", {.key_off_curve = true}},
      {"attestation", {.cut_attestation_bytes = 1}}};
  const std::string before = Everything();
  for (const auto& [check, lie] : lies) {
    const auto refused = Join(code, "ana", key_.Register(InvitedOptions(code), lie));
    EXPECT_EQ(Reason(refused), "PASSKEY_INVALID") << check;
    EXPECT_EQ(Check(refused), check);
    EXPECT_EQ(Everything(), before) << check;
  }
  EXPECT_EQ(Check(Join(code, "ana", "{}")), "json");
  // Over: five minutes, to the millisecond.
  std::string late = key_.Register(InvitedOptions(code));
  clock_.Advance(kChallengeLifetimeMs);
  EXPECT_EQ(Check(Join(code, "ana", late)), "challenge");
  // Another invitation's challenge, and one to sign in with.
  EXPECT_EQ(Check(Join(code, "ana", key_.Register(InvitedOptions(Invited())))), "challenge");
  const auto other = boost::json::parse(SignInOptions());
  const Lie borrowed{.challenge = *Base64UrlDecode(other.at("challenge").as_string().c_str())};
  EXPECT_EQ(Check(Join(code, "ana", key_.Register(InvitedOptions(code), borrowed))), "challenge");
  // The code is needed at all.
  v1::BeginInvitedPasskeyRequest wrong;
  wrong.set_invitation_code(CodeOf("no invitation"));
  EXPECT_EQ(
      Reason(Ask<v1::BeginInvitedPasskeyResponse>(auth::Actor(), "BeginInvitedPasskey", wrong)),
      "INVITATION_INVALID");
  late = key_.Register(InvitedOptions(code));
  clock_.Advance(kChallengeLifetimeMs - 1);
  EXPECT_EQ(Reason(Join(code, "ana", late)), "");
}

TEST_P(PasskeyServerTest, AnAssertionThatDoesNotHoldIsOneAnswerAndChangesNothing) {
  Joined(key_, "ana");
  SoftwareAuthenticator other("localhost", kOrigin);
  Joined(other, "ben");
  const std::vector<std::pair<std::string, Lie>> lies = {
      {"type", {.type = "webauthn.create"}},
      {"challenge", {.challenge = std::string(32, 'x')}},
      {"origin", {.origin = "http://localhost:7421"}},
      {"cross origin", {.cross_origin = true}},
      {"rp id", {.rp_id = "elsewhere.example"}},
      {"presence", {.no_user_presence = true}},
      {"verification", {.no_user_verification = true}},
      {"signature", {.wrong_signature = true}},
      {"unknown credential", {.outer_credential_id = std::string(32, 'u')}},
      {"another's credential", {.outer_credential_id = other.credential_id()}},
      {"another's handle", {.user_handle = other.user_handle()}},
      {"no handle", {.user_handle = ""}}};
  const std::string before = Everything();
  for (const auto& [what, lie] : lies) {
    network_ = what;  // so that none has to wait
    const auto refused = SignInWith(key_, lie);
    EXPECT_EQ(Reason(refused), "SIGN_IN_FAILED") << what;
    EXPECT_TRUE(refused.error().metadata.empty()) << what;
    EXPECT_EQ(Everything(), before) << what;
  }
  network_ = "192.0.2.7";
  EXPECT_EQ(Reason(Assert("{}")), "SIGN_IN_FAILED");
  std::string assertion = key_.SignIn(SignInOptions());
  clock_.Advance(kChallengeLifetimeMs);
  EXPECT_EQ(Reason(Assert(assertion)), "SIGN_IN_FAILED") << "the challenge is over";
  EXPECT_EQ(Everything(), before);

  assertion = key_.SignIn(SignInOptions());
  ASSERT_EQ(Reason(Assert(assertion)), "");
  const std::string after = Everything();
  EXPECT_EQ(Reason(Assert(assertion)), "SIGN_IN_FAILED") << "replayed";
  EXPECT_EQ(Everything(), after);
  // One try a challenge: after a wrong one, the right one is late.
  const std::string options = SignInOptions();
  EXPECT_EQ(Reason(Assert(key_.SignIn(options, {.wrong_signature = true}))), "SIGN_IN_FAILED");
  EXPECT_EQ(Reason(Assert(key_.SignIn(options))), "SIGN_IN_FAILED");
  EXPECT_EQ(Everything(), after);
}

// Like a passphrase's, but that the signature takes the code's place.
TEST_P(PasskeyServerTest, FailuresWaitAndTheRightKeyNever) {
  Joined(key_, "ana");
  network_ = "192.0.2.7";
  const std::string recorded = "SELECT CAST(COUNT(*) AS TEXT) FROM audit_record";
  const Lie wrong{.wrong_signature = true};
  for (int i = 0; i < kAttemptsPerWindow; ++i) {
    ASSERT_EQ(Reason(SignInWith(key_, wrong)), "SIGN_IN_FAILED") << i;
  }
  const std::string before = Everything();
  const std::string rows = Stored(recorded);
  const auto waits = SignInWith(key_, wrong);
  EXPECT_EQ(Reason(waits), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(waits.error().metadata.at("retry_after_s"), "3600");
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Stored(recorded), rows) << "a flood writes nothing";
  EXPECT_EQ(Reason(SignInWith(key_)), "") << "whoever has the key does not wait";

  // Twenty from one network, on whatever keys, unreadable ones too.
  network_ = "198.51.100.2";
  for (int i = 0; i < kAttemptsPerNetwork - 1; ++i) {
    ASSERT_EQ(Reason(Assert("{}")), "SIGN_IN_FAILED") << i;
  }
  EXPECT_EQ(Reason(IdentityServerTest::SignInWith("ana", kGood, "000000")), "SIGN_IN_FAILED")
      << "one count for all ways to sign in";
  EXPECT_EQ(Reason(Assert("{}")), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Reason(IdentityServerTest::SignInWith("ben", kGood, "000000")), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Reason(SignInWith(key_)), "");
}

// Whoever invents credential ids must not be able to fill the trail, from however many networks.
TEST_P(PasskeyServerTest, InventedPasskeysAreCountedAndBoundedTogether) {
  Joined(key_, "ana");
  const std::string recorded = "SELECT CAST(COUNT(*) AS TEXT) FROM audit_record";
  const auto invent = [&] {
    network_ = ids_.New();
    return Reason(SignInWith(key_, {.outer_credential_id = Sha256(network_)}));
  };
  const int before = std::stoi(Stored(recorded));
  for (int i = 0; i < 7; ++i) ASSERT_EQ(invent(), "SIGN_IN_FAILED");
  denials_->Flush();
  clock_.Advance(kMinuteMs);
  denials_->Flush();
  EXPECT_EQ(std::stoi(Stored(recorded)), before + 1) << "one row a minute";
  EXPECT_EQ(Recorded("call_denied"), "1");
  EXPECT_EQ(Reason(SignInWith(key_, {.wrong_signature = true})), "SIGN_IN_FAILED");
  EXPECT_EQ(std::stoi(Stored(recorded)), before + 2) << "a real passkey's has a row of its own";

  std::function<Result<bool>(storage::Transaction&)> flood =
      [this](storage::Transaction& tx) -> Result<bool> {
    const Throttle full{.attempts = kUnknownPasskeys, .window_ms = clock_.NowMs()};
    return store_->PutThrottle(tx, secrets_.Digest("passkey of nobody"), full).has_value();
  };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(flood)).has_value());
  EXPECT_EQ(invent(), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Reason(Assert("{}")), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Reason(SignInWith(key_, {.wrong_signature = true})), "SIGN_IN_FAILED")
      << "real passkeys are not counted there";
  EXPECT_EQ(Reason(SignInWith(key_)), "");
}

TEST_P(PasskeyServerTest, ACloneIsStoppedAndEverySessionOfThePersonEnds) {
  Joined(key_, "ana");
  SoftwareAuthenticator other("localhost", kOrigin);
  Joined(other, "ben");
  const auto mine = SignInWith(key_);
  const auto bens = SignInWith(other);
  ASSERT_TRUE(mine.has_value() && bens.has_value());
  EXPECT_EQ(Reason(SignInWith(key_, {.counter = 9})), "");
  const auto cloned = SignInWith(key_, {.counter = 9});
  EXPECT_EQ(Reason(cloned), "PASSKEY_CLONED");
  EXPECT_EQ(Reason(IdentityServerTest::Check(mine->sign_in().session_token())), "SESSION_INVALID");
  EXPECT_EQ(Reason(IdentityServerTest::Check(bens->sign_in().session_token())), "");
  EXPECT_EQ(Reason(SignInWith(key_, {.counter = 20})), "SIGN_IN_FAILED") << "stopped for good";
  EXPECT_EQ(Recorded("passkey_clone_suspected"), "1");
  const auth::Actor ana = Person(mine->sign_in());
  const auto listed = List(ana);
  ASSERT_TRUE(listed.has_value());
  EXPECT_TRUE(listed->passkeys(0).has_stop_time());

  // One that has never counted need not; one that begins to must go on.
  SoftwareAuthenticator quiet("localhost", kOrigin);
  quiet.counts = false;
  Joined(quiet, "cam");
  EXPECT_EQ(Reason(SignInWith(quiet)), "");
  EXPECT_EQ(Reason(SignInWith(quiet)), "");
  EXPECT_EQ(Reason(SignInWith(quiet, {.counter = 3})), "");
  EXPECT_EQ(Reason(SignInWith(quiet)), "PASSKEY_CLONED");
  // Stepping up sees it too.
  const auth::Actor ben = Person(bens->sign_in());
  EXPECT_EQ(StepUp(ben, other.SignIn(SignInOptions(), {.counter = 0})), "PASSKEY_CLONED");
  EXPECT_EQ(Reason(IdentityServerTest::Check(bens->sign_in().session_token())), "SESSION_INVALID");
}

TEST_P(PasskeyServerTest, APasskeyIsOnePersonsAndTenAreTheMost) {
  Joined(key_, "ana");
  SoftwareAuthenticator bens("localhost", kOrigin);
  Joined(bens, "ben");
  const auth::Actor ana = SignedInWith(key_);
  const auth::Actor ben = SignedInWith(bens);
  // Another person's challenge; another person's passkey, to look at, to step up with, to remove.
  SoftwareAuthenticator fresh("localhost", kOrigin);
  const std::string for_ben = Begin(ben)->options_json();
  EXPECT_EQ(Check(Add(ana, fresh.Register(for_ben))), "challenge");
  EXPECT_EQ(StepUp(ana, bens.SignIn(SignInOptions())), "SIGN_IN_FAILED");
  const std::string bens_id = List(ben)->passkeys(0).id();
  EXPECT_EQ(Remove(ana, bens_id), "PASSKEY_NOT_FOUND");
  EXPECT_EQ(Remove(ana, ids_.New()), "PASSKEY_NOT_FOUND");
  // A credential id that is taken, by whomever.
  const Lie taken{.credential_id = key_.credential_id()};
  EXPECT_EQ(Reason(Add(ben, fresh.Register(Begin(ben)->options_json(), taken))), "PASSKEY_EXISTS");
  EXPECT_EQ(Reason(Add(ana, fresh.Register(Begin(ana)->options_json(), taken))), "PASSKEY_EXISTS");
  for (int i = 2; i <= kMaxPasskeysPerStaff; ++i) {
    EXPECT_EQ(Reason(Add(ana, fresh.Register(Begin(ana)->options_json()))), "") << i;
  }
  EXPECT_EQ(Reason(Add(ana, fresh.Register(Begin(ana)->options_json()))), "TOO_MANY_PASSKEYS");
  EXPECT_EQ(List(ana)->passkeys_size(), kMaxPasskeysPerStaff);
  // The same request again is the same answer, and not a second passkey.
  ASSERT_EQ(Remove(ana, List(ana)->passkeys(0).id()), "");
  v1::AddPasskeyRequest request;
  request.set_request_id(ids_.New());
  request.set_registration_json(fresh.Register(Begin(ana)->options_json()));
  const auto once = Ask<v1::AddPasskeyResponse>(ana, "AddPasskey", request);
  const auto twice = Ask<v1::AddPasskeyResponse>(ana, "AddPasskey", request);
  ASSERT_TRUE(once.has_value() && twice.has_value());
  EXPECT_EQ(once->passkey().id(), twice->passkey().id());
}

TEST_P(PasskeyServerTest, WhoMayNot) {
  Joined(key_, "ana");
  auth::Actor ana = SignedInWith(key_);
  EXPECT_EQ(Reason(Begin(auth::Actor())), "SIGN_IN_REQUIRED");
  EXPECT_EQ(Reason(Add(auth::Actor(), "{}")), "SIGN_IN_REQUIRED");
  EXPECT_EQ(Reason(List(auth::Actor())), "SIGN_IN_REQUIRED");
  EXPECT_EQ(Remove(auth::Actor(), ids_.New()), "SIGN_IN_REQUIRED");
  auth::Actor software = ana;
  software.roles = {auth::Role::kIntegration};
  EXPECT_EQ(Reason(Begin(software)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Reason(Add(software, "{}")), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Reason(List(software)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Remove(software, ids_.New()), "ROLE_NOT_ALLOWED");
  ana.assurance = auth::kSignedIn;
  EXPECT_EQ(Reason(Begin(ana)), "STEP_UP_REQUIRED");
  EXPECT_EQ(Reason(Add(ana, "{}")), "STEP_UP_REQUIRED");
  EXPECT_EQ(Remove(ana, ids_.New()), "STEP_UP_REQUIRED");
  EXPECT_EQ(Reason(List(ana)), "");
}

TEST_P(PasskeyServerTest, AHubWithoutANameSaysSo) {
  PasskeyTools nameless{*passkey_store_, *verifier_, RelyingPartyOf("http://127.0.0.1:7420")};
  deps_->passkeys = &nameless;
  EXPECT_EQ(Reason(Ask<v1::BeginPasskeySignInResponse>(auth::Actor(), "BeginPasskeySignIn",
                                                       v1::BeginPasskeySignInRequest())),
            "PASSKEYS_NEED_A_NAME");
  EXPECT_EQ(Reason(Assert("{}")), "PASSKEYS_NEED_A_NAME");
  EXPECT_EQ(Reason(Begin(Person(agency_, {auth::Role::kCaseworker}))), "PASSKEYS_NEED_A_NAME");
}

TEST_P(PasskeyServerTest, ChallengesAreBounded) {
  const std::string first = SignInOptions();
  for (int i = 0; i < 40; ++i) SignInOptions();
  EXPECT_EQ(Stored("SELECT CAST(COUNT(*) AS TEXT) FROM passkey_challenge"), "41");
  clock_.Advance(kChallengeLifetimeMs);
  for (int i = 0; i < 3; ++i) SignInOptions();
  EXPECT_EQ(Stored("SELECT CAST(COUNT(*) AS TEXT) FROM passkey_challenge"), "3")
      << "those that are over are cleared away, sixteen at a time";
  // Beyond the most that are kept, the oldest give way.
  std::function<Result<bool>(storage::Transaction&)> jump =
      [](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("UPDATE passkey_challenge SET number = number + $1 WHERE number = "
                   "(SELECT MAX(number) FROM passkey_challenge)",
                   {kMaxChallenges}));
    return true;
  };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(jump)).has_value());
  SignInOptions();
  EXPECT_EQ(Stored("SELECT CAST(COUNT(*) AS TEXT) FROM passkey_challenge"), "2");
}

INSTANTIATE_TEST_SUITE_P(Engines, PasskeyServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::identity
