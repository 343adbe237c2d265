// Passphrase and code, throttling, step-up, and what is kept of them, on both engines.
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <vector>

#include "services/identity/testing/identity_fixture.h"

namespace fairlead::identity {
namespace {

constexpr const char* kWrong = "wrong wrong wrong wrong";

class SignInTest : public IdentityServerTest {
 protected:
  void SetUp() override {
    IdentityServerTest::SetUp();
    agency_ = AddAgency("victim_service_provider");
  }
  Result<v1::StepUpResponse> StepUp(const auth::Actor& me, const std::string& passphrase,
                                    const std::string& totp_code) {
    v1::StepUpRequest request;
    request.set_request_id(ids_.New());
    request.set_passphrase(passphrase);
    request.set_totp_code(totp_code);
    return Call<v1::StepUpResponse>(me, "StepUp", request);
  }
  // So that the next attempts wait.
  void UseUpAttempts(const std::string& name) {
    for (int i = 0; i < kAttemptsPerWindow; ++i) {
      ASSERT_EQ(Reason(SignInWith(name, kWrong, "")), "SIGN_IN_FAILED") << i;
    }
  }
  std::string agency_;
};

TEST_P(SignInTest, NeedsBothFactorsAndSaysNotWhichWasWrong) {
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  const auto good = SignIn("ana", kGood);
  ASSERT_TRUE(good.has_value()) << ToString(good.error());
  EXPECT_EQ(good->session().method(), v1::SIGN_IN_METHOD_PASSPHRASE_TOTP);
  std::set<std::string> messages;
  const auto refused = [&](const Result<v1::SignInResponse>& answer) {
    EXPECT_EQ(Reason(answer), "SIGN_IN_FAILED");
    if (answer) return;
    messages.insert(answer.error().message);
    EXPECT_TRUE(answer.error().metadata.empty());
  };
  refused(SignInWith("ana", kWrong, NextCode("ana")));
  refused(SignInWith("ana", kGood, "000000"));
  refused(SignInWith("ana", kGood, ""));
  refused(SignInWith("nobody", kGood, "000000"));
  refused(SignInWith("nobody", kGood, "", "AAAAAAAAAAAAAAAAAAAAAAAAAA"));
  EXPECT_EQ(messages.size(), 1U);
}

TEST_P(SignInTest, ACodeCountsOnceAndInItsTime) {
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  const std::string& secret = authenticators_["ana"].secret;
  const auto with_step = [&](int64_t offset) {
    return Reason(SignInWith("ana", kGood, TotpCode(secret, TotpStep(clock_.NowMs()) + offset)));
  };
  EXPECT_EQ(with_step(-1), "SIGN_IN_FAILED") << "it was shown when the account was made";
  EXPECT_EQ(with_step(0), "");
  EXPECT_EQ(with_step(0), "SIGN_IN_FAILED") << "replayed";
  EXPECT_EQ(with_step(2), "SIGN_IN_FAILED") << "of a clock too far ahead";
  EXPECT_EQ(with_step(1), "");
  EXPECT_EQ(with_step(0), "SIGN_IN_FAILED") << "older than one that was used";
  clock_.Advance(5 * kTotpStepMs);
  EXPECT_EQ(with_step(-2), "SIGN_IN_FAILED") << "of a clock too far behind";
  EXPECT_EQ(with_step(-1), "");
}

TEST_P(SignInTest, OfTwoAtOnceWithOneCodeOneSucceeds) {
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  v1::SignInRequest request;
  request.set_sign_in_name("ana");
  request.set_passphrase(kGood);
  request.set_totp_code(NextCode("ana"));
  rpc::CallOptions options;
  options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
  std::mutex mutex;
  std::condition_variable done;
  std::vector<std::string> outcomes;
  for (int i = 0; i < 2; ++i) {
    Start(rpc::Call<v1::SignInResponse>(*channel_, "/fairlead.identity.v1.IdentityService/SignIn",
                                        request, options),
          [&](Result<v1::SignInResponse> answer) {
            const std::lock_guard lock(mutex);
            outcomes.push_back(Reason(answer));
            done.notify_one();
          });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return outcomes.size() == 2; });
  std::sort(outcomes.begin(), outcomes.end());
  EXPECT_EQ(outcomes, (std::vector<std::string>{"", "SIGN_IN_FAILED"}));
}

TEST_P(SignInTest, ARecoveryCodeCountsOnce) {
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  const std::vector<std::string> codes = authenticators_["ana"].recovery_codes;
  const auto first = SignInWith("ana", kGood, "", codes[3]);
  ASSERT_TRUE(first.has_value()) << ToString(first.error());
  EXPECT_EQ(first->session().method(), v1::SIGN_IN_METHOD_PASSPHRASE_RECOVERY_CODE);
  EXPECT_EQ(Reason(SignInWith("ana", kGood, "", codes[3])), "SIGN_IN_FAILED");
  EXPECT_EQ(Reason(SignInWith("ana", kWrong, "", codes[4])), "SIGN_IN_FAILED");
  EXPECT_EQ(Reason(SignInWith("ana", kGood, "", codes[4])), "")
      << "a wrong passphrase does not use it up";
  ASSERT_TRUE(MakeStaff(agency_, "ben").has_value());
  EXPECT_EQ(Reason(SignInWith("ben", kGood, "", codes[5])), "SIGN_IN_FAILED") << "another's";
}

TEST_P(SignInTest, GuessingKeepsNobodyOutWhoHoldsTheAuthenticator) {
  const std::string hotline = AddAgency("hotline");
  ASSERT_TRUE(MakeStaff(hotline, "line.one", {v1::ROLE_HOTLINE_OPERATOR}).has_value());
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  for (const char* name : {"line.one", "ana", "nobody.here"}) {
    UseUpAttempts(name);
    const auto sixth = SignInWith(name, kGood, "000000");
    EXPECT_EQ(Reason(sixth), "TOO_MANY_ATTEMPTS") << name;
    EXPECT_EQ(sixth.error().metadata.at("retry_after_s"), "3600") << name;
  }
  // However long somebody goes on guessing, at whatever moment.
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(Reason(SignInWith("line.one", kWrong, "000000")), "TOO_MANY_ATTEMPTS");
  }
  const auto operator_session = SignIn("line.one", kGood);
  EXPECT_TRUE(operator_session.has_value()) << ToString(operator_session.error());
  EXPECT_EQ(Reason(SignInWith("line.one", kWrong, "")), "SIGN_IN_FAILED") << "success forgives";

  // A right code buys one try at the passphrase, and no second one.
  const std::string code = NextCode("ana");
  EXPECT_EQ(Reason(SignInWith("ana", kWrong, code)), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Reason(SignInWith("ana", kGood, code)), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Reason(SignIn("ana", kGood)), "");
  EXPECT_EQ(Reason(SignInWith("nobody.here", kGood, "000000")), "TOO_MANY_ATTEMPTS");
  clock_.Advance(60 * kMinuteMs);
  EXPECT_EQ(Reason(SignInWith("nobody.here", kGood, "000000")), "SIGN_IN_FAILED");
}

// Whoever guesses makes wait where they are, and not the person they guess at.
TEST_P(SignInTest, FiveOnAnAccountFromOneNetwork) {
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  network_ = "192.0.2.7";
  UseUpAttempts("ana");
  EXPECT_EQ(Reason(SignInWith("ana", kGood, "000000")), "TOO_MANY_ATTEMPTS");
  network_ = "198.51.100.2";
  EXPECT_EQ(Reason(SignInWith("ana", kWrong, "")), "SIGN_IN_FAILED") << "elsewhere it is the first";
  EXPECT_EQ(Reason(SignIn("ana", kGood)), "");
  network_ = "192.0.2.7";
  EXPECT_EQ(Reason(SignInWith("ana", kWrong, "")), "TOO_MANY_ATTEMPTS")
      << "the guesser is not forgiven by another's success elsewhere";
}

TEST_P(SignInTest, TwentyOnAnAccountFromAnywhere) {
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  for (int i = 0; i < kAttemptsPerAccount; ++i) {
    network_ = "192.0.2." + std::to_string(i);
    ASSERT_EQ(Reason(SignInWith("ana", kWrong, "")), "SIGN_IN_FAILED") << i;
  }
  network_ = "192.0.2.200";
  EXPECT_EQ(Reason(SignInWith("ana", kWrong, "")), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Reason(SignInWith("ben", kWrong, "")), "SIGN_IN_FAILED") << "not another's";
  EXPECT_EQ(Reason(SignIn("ana", kGood)), "") << "whoever has the authenticator gets in";
}

TEST_P(SignInTest, TwentyFailuresFromOneNetworkAndNoSuccessAmongThem) {
  const std::string hotline = AddAgency("hotline");
  ASSERT_TRUE(MakeStaff(hotline, "line.one", {v1::ROLE_HOTLINE_OPERATOR}).has_value());
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  network_ = "2001:db8:0:1::/64";
  const auto fail_at = [&](int i) {
    return Reason(SignInWith("guess." + std::to_string(i), kWrong, ""));
  };
  for (int i = 0; i < kAttemptsPerNetwork - 1; ++i) {
    ASSERT_EQ(fail_at(i), "SIGN_IN_FAILED");
    // What succeeds costs nothing, and wipes out nothing.
    if (i % 4 == 0) {
      ASSERT_EQ(Reason(SignIn("ana", kGood)), "");
    }
  }
  EXPECT_EQ(fail_at(97), "SIGN_IN_FAILED");
  const auto waits = SignInWith("guess.98", kWrong, "");
  EXPECT_EQ(Reason(waits), "TOO_MANY_ATTEMPTS");
  const int64_t wait_s = std::stoll(waits.error().metadata.at("retry_after_s"));
  EXPECT_GT(wait_s, 0);
  EXPECT_LE(wait_s, 3600);
  // The hotline sits behind the same address, and whoever floods goes on.
  for (int i = 0; i < 50; ++i) ASSERT_EQ(fail_at(100 + i), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Reason(SignIn("line.one", kGood)), "");
  EXPECT_EQ(fail_at(99), "TOO_MANY_ATTEMPTS") << "a success gives back no more than its own";
  network_ = "198.51.100.2";
  EXPECT_EQ(fail_at(99), "SIGN_IN_FAILED");
}

TEST_P(SignInTest, TheDatabaseKnowsNoAddress) {
  network_ = "192.0.2.7";
  EXPECT_EQ(Reason(SignInWith("ana", kWrong, "")), "SIGN_IN_FAILED");
  EXPECT_EQ(Stored("SELECT CAST(COUNT(*) AS TEXT) FROM sign_in_throttle"), "3");
  std::function<Result<bool>(storage::ReadTransaction&)> look =
      [&](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT key FROM sign_in_throttle"));
    for (const auto& row : rows) {
      for (const char* text : {"192.0.2.7", "network\n192.0.2.7", "ana", "account\nana"}) {
        EXPECT_NE(row.Bytes(0), text);
        EXPECT_NE(row.Bytes(0), Sha256(text)) << "could be tried out";
      }
    }
    return true;
  };
  EXPECT_TRUE(SyncWait(database_->Read<bool>(look)).has_value());
}

TEST_P(SignInTest, ManyAtOnceDoNotSlipPastTheLimit) {
  ASSERT_TRUE(MakeStaff(agency_, "crowd").has_value());
  std::vector<std::string> outcomes;
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
            outcomes.push_back(Reason(answer));
            done.notify_one();
          });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return outcomes.size() == kCalls; });
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "SIGN_IN_FAILED"), kAttemptsPerWindow);
}

TEST_P(SignInTest, AnAttemptThatNobodyLookedAtIsGivenBack) {
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  network_ = "192.0.2.7";
  hashes_.Stop();  // from here on no passphrase is looked at
  for (int i = 0; i < 2 * kAttemptsPerWindow; ++i) {
    ASSERT_EQ(Reason(SignInWith("ana", kGood, "")), "SHUTTING_DOWN");
  }
  EXPECT_EQ(Stored("SELECT CAST(SUM(attempts) AS TEXT) FROM sign_in_throttle"), "0");
}

TEST_P(SignInTest, StepUpLastsTenMinutes) {
  ASSERT_TRUE(MakeStaff(agency_, "ana", {v1::ROLE_AGENCY_ADMIN}).has_value());
  const auto session = SignIn("ana", kGood);
  ASSERT_TRUE(session.has_value());
  const auth::Actor me = Person(*session);
  const auto assurance = [&] { return Check(session->session_token())->assurance(); };
  EXPECT_EQ(assurance(), auth::kProvenLately) << "a sign-in is a proof";
  clock_.Advance(10 * kMinuteMs - 1);
  EXPECT_EQ(assurance(), auth::kProvenLately);
  clock_.Advance(1);
  EXPECT_EQ(assurance(), auth::kSignedIn);

  EXPECT_EQ(Reason(StepUp(me, kWrong, NextCode("ana"))), "SIGN_IN_FAILED");
  EXPECT_EQ(Reason(StepUp(me, kGood, "000000")), "SIGN_IN_FAILED");
  EXPECT_EQ(assurance(), auth::kSignedIn);
  const auto done = StepUp(me, kGood, NextCode("ana"));
  ASSERT_TRUE(done.has_value()) << ToString(done.error());
  EXPECT_EQ(done->session().step_up_expire_time().seconds(),
            (clock_.NowMs() + 10 * kMinuteMs) / 1000);
  EXPECT_EQ(assurance(), auth::kProvenLately);

  auth::Actor gone = me;
  gone.session_id = ids_.New();
  EXPECT_EQ(Reason(StepUp(gone, kGood, NextCode("ana"))), "SESSION_INVALID");
  auth::Actor other = me;  // another's session is nobody's business
  other.staff_id = ids_.New();
  EXPECT_EQ(Reason(StepUp(other, kGood, NextCode("ana"))), "SESSION_INVALID");
  EXPECT_EQ(Reason(StepUp(auth::Actor(), kGood, "")), "SIGN_IN_REQUIRED");
}

TEST_P(SignInTest, ANewPassphraseReplacesAllAndEndsTheOtherSessions) {
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  const auto here = SignIn("ana", kGood);
  const auto elsewhere = SignIn("ana", kGood);
  ASSERT_TRUE(here.has_value() && elsewhere.has_value());
  const Authenticator old = authenticators_["ana"];
  v1::SetPassphraseRequest request;
  request.set_request_id(ids_.New());
  *request.mutable_passphrase() = NewCredential("ana", kOther);
  auth::Actor me = Person(*here);
  me.assurance = auth::kSignedIn;
  EXPECT_EQ(Reason(Call<v1::SetPassphraseResponse>(me, "SetPassphrase", request)),
            "STEP_UP_REQUIRED");
  me.assurance = auth::kProvenLately;
  const auto set = Call<v1::SetPassphraseResponse>(me, "SetPassphrase", request);
  ASSERT_TRUE(set.has_value()) << ToString(set.error());
  EXPECT_TRUE(Check(here->session_token()).has_value());
  EXPECT_EQ(Reason(Check(elsewhere->session_token())), "SESSION_INVALID");
  EXPECT_EQ(Reason(SignIn("ana", kOther)), "");
  EXPECT_EQ(Reason(SignIn("ana", kGood)), "SIGN_IN_FAILED");
  EXPECT_EQ(Reason(SignInWith("ana", kOther, "", old.recovery_codes[0])), "SIGN_IN_FAILED");
}

// What a thief of the database has: hashes, and secrets under a key that is not in it.
TEST_P(SignInTest, AStolenDatabaseSignsNobodyIn) {
  ASSERT_TRUE(MakeStaff(agency_, "lena").has_value());
  const auto session = SignIn("lena", kGood);
  ASSERT_TRUE(session.has_value());
  std::string everything;
  std::string totp_sealed;
  std::function<Result<bool>(storage::ReadTransaction&)> dump =
      [&](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto staff, tx.Query("SELECT passphrase_hash, totp_sealed FROM staff"));
    FAIRLEAD_ASSIGN(const auto sessions, tx.Query("SELECT token_sha256 FROM session"));
    FAIRLEAD_ASSIGN(const auto codes, tx.Query("SELECT code_sha256 FROM recovery_code"));
    EXPECT_EQ(codes.size(), 10U);
    totp_sealed = staff.at(0).Bytes(1);
    everything = staff.at(0).Text(0) + totp_sealed;
    EXPECT_EQ(sessions.at(0).Bytes(0), Sha256(session->session_token()));
    for (const auto& code : codes) everything += code.Bytes(0);
    return true;
  };
  ASSERT_TRUE(SyncWait(database_->Read<bool>(dump)).has_value());
  EXPECT_EQ(everything.find("$argon2id$v=19$"), 0U);
  const Authenticator& lena = authenticators_["lena"];
  EXPECT_EQ(everything.find(lena.secret), std::string::npos);
  for (const std::string& code : lena.recovery_codes) {
    EXPECT_EQ(everything.find(code), std::string::npos);
  }
  // No file of the database has the token, the secret or a code either.
  if (GetParam() == Engine::kSqlite) {
    ASSERT_TRUE(std::filesystem::exists(folder_.File("test.db")));
    for (const char* name : {"test.db", "test.db-wal"}) {
      std::ifstream in(folder_.File(name), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(in)),
                              std::istreambuf_iterator<char>());
      EXPECT_EQ(bytes.find(lena.secret), std::string::npos) << name;
      EXPECT_EQ(bytes.find(session->session_token()), std::string::npos) << name;
      EXPECT_EQ(bytes.find(lena.recovery_codes[0]), std::string::npos) << name;
      EXPECT_EQ(bytes.find(kGood), std::string::npos) << name;
    }
  }
  // Put beside another key, the database lets nobody in by code.
  SecretBox other;
  ASSERT_TRUE(other.Open(folder_.File("another.key"), SystemRandom()));
  EXPECT_EQ(other.Unseal(totp_sealed, "totp\n" + session->staff().id()), std::nullopt);
  EXPECT_EQ(secrets_.Unseal(totp_sealed, "totp\n" + ids_.New()), std::nullopt)
      << "one person's secret is not another's";
  EXPECT_EQ(secrets_.Unseal(totp_sealed, "totp\n" + session->staff().id()), lena.secret);
  ASSERT_TRUE(secrets_.Open(folder_.File("another.key"), SystemRandom()));
  EXPECT_EQ(Reason(SignIn("lena", kGood)), "SIGN_IN_FAILED");
  EXPECT_EQ(Reason(SignInWith("lena", kGood, "", lena.recovery_codes[0])), "")
      << "the way back when the key is lost";
}

INSTANTIATE_TEST_SUITE_P(Engines, SignInTest, ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         EngineName);

}  // namespace
}  // namespace fairlead::identity
