#include "services/common/auth/assertion.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <thread>

#include "services/common/auth/ed25519.h"
#include "services/common/base/encoding.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::auth {
namespace {

Actor Caseworker() {
  Actor actor;
  actor.kind = ActorKind::kStaff;
  actor.staff_id = "0190a5c0-0000-7000-8000-000000000001";
  actor.agency_id = "0190a5c0-0000-7000-8000-000000000002";
  actor.agency_kind = AgencyKind::kHealthProvider;
  actor.membership = Membership::kActive;
  actor.roles = {Role::kCaseworker, Role::kAgencyAdmin};
  actor.session_id = "0190a5c0-0000-7000-8000-000000000003";
  actor.assurance = 2;
  return actor;
}

class AssertionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto signer = OpenAssertionSigner(folder_.File("key.jwk"), clock_);
    ASSERT_TRUE(signer) << ToString(signer.error());
    signer_ = std::move(*signer);
    verifier_ = *MakeAssertionVerifier(signer_->PublicJwk(), clock_);
  }
  std::string Reason(std::string_view assertion) {
    const Result<VerifiedCaller> caller = verifier_->Verify(assertion);
    if (caller) return "OK";
    EXPECT_EQ(caller.error().code, Code::kUnauthenticated);
    return caller.error().reason;
  }
  // The claims changed by `edit` and signed again with the hub's own key: so only the claim can
  // be what is refused.
  template <class Edit>
  std::string Resigned(Edit edit) {
    std::string text = signer_->Sign(Caseworker(), "referral");
    const size_t first = text.find('.');
    const size_t last = text.rfind('.');
    boost::json::object claims =
        boost::json::parse(*Base64UrlDecode(text.substr(first + 1, last - first - 1))).as_object();
    edit(claims);
    return SignedAs(text.substr(0, first), boost::json::serialize(claims));
  }
  std::string SignedAs(const std::string& header, const std::string& claims) {
    const std::string input = header + "." + Base64UrlEncode(claims);
    return input + "." + Base64UrlEncode(OpenKeyFile(folder_.File("key.jwk"))->Sign(input));
  }

  const testing::TempDir folder_;
  FakeClock clock_;
  std::unique_ptr<AssertionSigner> signer_;
  std::unique_ptr<AssertionVerifier> verifier_;
};

TEST_F(AssertionTest, SaysWhoCalls) {
  Result<VerifiedCaller> caller = verifier_->Verify(signer_->Sign(Caseworker()));
  ASSERT_TRUE(caller) << ToString(caller.error());
  EXPECT_EQ(caller->actor, Caseworker());
  EXPECT_EQ(caller->calling_service, "");

  caller = verifier_->Verify(signer_->Sign(Caseworker(), "referral"));
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->actor, Caseworker());
  EXPECT_EQ(caller->calling_service, "referral");

  caller = verifier_->Verify(signer_->Sign(ServiceActor("gateway")));
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->actor, ServiceActor("gateway"));
  EXPECT_EQ(caller->calling_service, "gateway");

  // A service cannot act for itself under another's name.
  caller = verifier_->Verify(signer_->Sign(ServiceActor("gateway"), "referral"));
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->calling_service, "gateway");
}

// Only what the gateway signed says where a call comes from.
TEST_F(AssertionTest, SaysFromWhere) {
  Actor nobody;
  nobody.network = "2001:db8:0:1::/64";
  EXPECT_EQ(verifier_->Verify(signer_->Sign(nobody))->actor, nobody);
  Actor caseworker = Caseworker();
  caseworker.network = "192.0.2.7";
  EXPECT_EQ(verifier_->Verify(signer_->Sign(caseworker))->actor.network, "192.0.2.7");
  EXPECT_EQ(verifier_->Verify(signer_->Sign(Caseworker()))->actor.network, "");
  for (const boost::json::value& bad :
       {boost::json::value(""), boost::json::value(7), boost::json::value(std::string(65, '1'))}) {
    EXPECT_EQ(Reason(Resigned([&](auto& claims) { claims["net"] = bad; })),
              "ACTOR_ASSERTION_INVALID");
  }
}

TEST_F(AssertionTest, ExpiresAfterAMinuteAndTheSkew) {
  const std::string assertion = signer_->Sign(Caseworker());
  EXPECT_EQ(Reason(assertion), "OK");
  clock_.Advance((kAssertionLifetimeS + kAssertionSkewS) * 1000 - 1);
  EXPECT_EQ(Reason(assertion), "OK");
  clock_.Advance(1);
  // Also for the verifier that remembers it.
  EXPECT_EQ(Reason(assertion), "ACTOR_ASSERTION_EXPIRED");
  const auto forgetful = *MakeAssertionVerifier(signer_->PublicJwk(), clock_);
  EXPECT_EQ(forgetful->Verify(assertion).error().reason, "ACTOR_ASSERTION_EXPIRED");
}

TEST_F(AssertionTest, IsSignedOnceInAWhile) {
  const std::string first = signer_->Sign(Caseworker());
  EXPECT_EQ(signer_->Sign(Caseworker()), first);
  EXPECT_NE(signer_->Sign(Caseworker(), "referral"), first);
  Actor demoted = Caseworker();
  demoted.roles.erase(Role::kAgencyAdmin);
  EXPECT_EQ(verifier_->Verify(signer_->Sign(demoted))->actor.roles, demoted.roles);
  clock_.Advance(kAssertionReuseS * 1000);
  const std::string later = signer_->Sign(Caseworker());
  EXPECT_NE(later, first);
  EXPECT_EQ(Reason(later), "OK");
}

TEST_F(AssertionTest, RefusesEveryChangedCharacter) {
  const std::string good = signer_->Sign(Caseworker(), "referral");
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    ASSERT_EQ(Reason(bad), "ACTOR_ASSERTION_INVALID") << "character " << i;
  }
  EXPECT_EQ(Reason(good.substr(0, good.size() - 1)), "ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(Reason(good + "A"), "ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(Reason(good.substr(0, good.rfind('.') + 1)), "ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(Reason(good + ".A"), "ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(Reason("a.b"), "ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(Reason("..."), "ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(Reason(std::string(kMaxAssertionBytes + 1, 'A')), "ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(Reason(""), "ACTOR_ASSERTION_MISSING");
}

TEST_F(AssertionTest, RefusesAnotherKey) {
  auto other = OpenAssertionSigner(folder_.File("other.jwk"), clock_);
  EXPECT_EQ(Reason((*other)->Sign(Caseworker())), "ACTOR_ASSERTION_INVALID");
}

TEST_F(AssertionTest, RefusesOtherHeaders) {
  const std::string kid = Ed25519Key::FromJwk(signer_->PublicJwk())->Thumbprint();
  const std::string token = signer_->Sign(Caseworker());
  const size_t first = token.find('.');
  const std::string claims =
      *Base64UrlDecode(token.substr(first + 1, token.rfind('.') - first - 1));
  const auto with_header = [&](const std::string& json) {
    return Reason(SignedAs(Base64UrlEncode(json), claims));
  };
  const std::string good = R"({"alg":"EdDSA","typ":"fairlead-actor+jwt","kid":")" + kid + "\"}";
  EXPECT_EQ(with_header(good), "OK");
  for (const std::string& bad :
       {R"({"alg":"none","typ":"fairlead-actor+jwt","kid":")" + kid + "\"}",
        R"({"alg":"HS256","typ":"fairlead-actor+jwt","kid":")" + kid + "\"}",
        R"({"alg":"EdDSA","typ":"jwt","kid":")" + kid + "\"}",
        std::string(R"({"alg":"EdDSA","typ":"fairlead-actor+jwt","kid":"other"})"),
        R"({"alg":"EdDSA","typ":"fairlead-actor+jwt","crit":["x"],"kid":")" + kid + "\"}",
        std::string("{}"), std::string()}) {
    EXPECT_EQ(with_header(bad), "ACTOR_ASSERTION_INVALID") << bad;
  }
}

// Each claim missing, and each of another type or out of its range, though rightly signed.
TEST_F(AssertionTest, RefusesEveryClaimThatIsNotAsItShouldBe) {
  EXPECT_EQ(Reason(Resigned([](auto&) {})), "OK");
  for (const char* name : {"iss", "aud", "iat", "exp", "jti", "knd", "sub", "agy", "agk", "mem",
                           "rol", "sid", "asr"}) {
    EXPECT_EQ(Reason(Resigned([&](auto& claims) { claims.erase(name); })),
              "ACTOR_ASSERTION_INVALID")
        << name;
    EXPECT_EQ(Reason(Resigned([&](auto& claims) { claims[name] = nullptr; })),
              "ACTOR_ASSERTION_INVALID")
        << name;
    EXPECT_EQ(Reason(Resigned([&](auto& claims) { claims[name] = 1.5; })),
              "ACTOR_ASSERTION_INVALID")
        << name;
  }
  using Object = boost::json::object;
  const int64_t now_s = clock_.NowMs() / 1000;
  const std::map<std::string, std::function<void(Object&)>> edits = {
      {"another issuer", [](Object& c) { c["iss"] = "elsewhere"; }},
      {"another audience", [](Object& c) { c["aud"] = "other"; }},
      {"no jti", [](Object& c) { c["jti"] = ""; }},
      {"unknown kind", [](Object& c) { c["knd"] = "root"; }},
      {"staff of no name", [](Object& c) { c["sub"] = ""; }},
      {"agency kind 10", [](Object& c) { c["agk"] = 10; }},
      {"membership -1", [](Object& c) { c["mem"] = -1; }},
      {"role 7", [](Object& c) { c["rol"] = boost::json::array{7}; }},
      {"a role twice",
       [](Object& c) {
         c["rol"] = boost::json::array{1, 1};
       }},
      {"a role as text", [](Object& c) { c["rol"] = boost::json::array{"1"}; }},
      {"assurance 4", [](Object& c) { c["asr"] = 4; }},
      {"an empty service", [](Object& c) { c["svc"] = ""; }},
      {"service is no text", [](Object& c) { c["svc"] = true; }},
      {"a service under another name",
       [](Object& c) {
         c["knd"] = "service";
         c["sub"] = "gateway";
       }},
      {"one claim more", [](Object& c) { c["admin"] = true; }},
      {"lives longer", [&](Object& c) { c["exp"] = now_s + kAssertionLifetimeS + 1; }},
      {"ends before it begins", [&](Object& c) { c["exp"] = now_s; }},
      {"from the future",
       [&](Object& c) {
         c["iat"] = now_s + kAssertionSkewS + 1;
         c["exp"] = now_s + kAssertionSkewS + 30;
       }},
  };
  for (const auto& [what, edit] : edits) {
    EXPECT_EQ(Reason(Resigned(edit)), "ACTOR_ASSERTION_INVALID") << what;
  }
}

TEST_F(AssertionTest, RemembersABoundedNumber) {
  Actor actor = Caseworker();
  for (int i = 0; i < 5'000; ++i) {
    actor.session_id = std::to_string(i);
    ASSERT_EQ(Reason(signer_->Sign(actor)), "OK");
  }
  actor.session_id = "0";  // forgotten by now, by both; verified afresh
  EXPECT_EQ(Reason(signer_->Sign(actor)), "OK");
}

TEST_F(AssertionTest, WorksFromManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Actor actor = Caseworker();
      for (int i = 0; i < 500; ++i) {
        actor.session_id = std::to_string((t * 31 + i) % 40);
        const Result<VerifiedCaller> caller = verifier_->Verify(signer_->Sign(actor));
        if (!caller || caller->actor != actor) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(KeyFileTest, IsMadeOnceAndKept) {
  const testing::TempDir folder;
  const std::string path = folder.File("assertion.jwk");
  const Result<Ed25519Key> made = OpenKeyFile(path);
  ASSERT_TRUE(made) << ToString(made.error());
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_EQ(OpenKeyFile(path)->PublicJwk(), made->PublicJwk());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()),
                          std::filesystem::directory_iterator()),
            1);
}

TEST(KeyFileTest, GivesAllWhoHaveItTheSameKeysForOtherUses) {
  const testing::TempDir folder;
  const auto one = OpenAssertionSigner(folder.File("assertion.jwk"), SystemClock());
  const auto two = OpenAssertionSigner(folder.File("assertion.jwk"), SystemClock());
  const auto other = OpenAssertionSigner(folder.File("other.jwk"), SystemClock());
  ASSERT_TRUE(one && two && other);
  const std::string key = (*one)->DeriveKey("one use");
  EXPECT_EQ(key.size(), 32U);
  EXPECT_EQ((*two)->DeriveKey("one use"), key);
  EXPECT_NE((*one)->DeriveKey("another use"), key);
  EXPECT_NE((*other)->DeriveKey("one use"), key);
}

TEST(KeyFileTest, ManyStartersEndWithOneKey) {
  const testing::TempDir folder;
  std::mutex mutex;
  std::set<std::string> keys;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const Result<Ed25519Key> key = OpenKeyFile(folder.File("k"));
      const std::lock_guard lock(mutex);
      keys.insert(key ? key->PublicJwk() : ToString(key.error()));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(keys.size(), 1U) << *keys.begin();
}

TEST(KeyFileTest, RefusesWhatIsNoPrivateKeyOfOurs) {
  const testing::TempDir folder;
  const std::string path = folder.File("k");
  const auto reason_of = [&](const std::string& text, mode_t mode) {
    { std::ofstream(path) << text; }
    ::chmod(path.c_str(), mode);
    const Result<Ed25519Key> key = OpenKeyFile(path);
    return key ? std::string("OK") : key.error().reason + "/" + key.error().metadata.at("problem");
  };
  const Ed25519Key key = Ed25519Key::Generate();
  EXPECT_EQ(reason_of(key.PrivateJwk(), 0600), "OK");
  EXPECT_EQ(reason_of(key.PrivateJwk(), 0640), "INVALID_KEY_FILE/others may read it; chmod 600");
  EXPECT_EQ(reason_of(key.PublicJwk(), 0600), "INVALID_KEY_FILE/without its private half");
  EXPECT_EQ(reason_of("{}", 0600), "INVALID_KEY_FILE/not an Ed25519 JWK");
  EXPECT_EQ(reason_of("", 0600), "INVALID_KEY_FILE/not an Ed25519 JWK");
  EXPECT_EQ(reason_of(std::string(5'000, ' '), 0600), "INVALID_KEY_FILE/too large");
  std::string unpaired = key.PrivateJwk();
  const std::string other = Ed25519Key::Generate().PrivateJwk();
  unpaired.replace(unpaired.find("\"d\":\"") + 5, 43, other.substr(other.find("\"d\":\"") + 5, 43));
  EXPECT_EQ(reason_of(unpaired, 0600), "INVALID_KEY_FILE/not an Ed25519 JWK");
  std::filesystem::remove(path);
  std::filesystem::create_symlink(folder.File("elsewhere"), path);
  EXPECT_EQ(OpenKeyFile(path).error().reason, "INVALID_KEY_FILE");
  EXPECT_EQ(OpenKeyFile(folder.File("no/such/folder/k")).error().reason, "INVALID_KEY_FILE");
}

// RFC 8037, appendix A: the key, its thumbprint, and the signature of its JWS.
TEST(Ed25519Test, Rfc8037Vectors) {
  const Result<Ed25519Key> key =
      Ed25519Key::FromJwk(R"({"kty":"OKP","crv":"Ed25519",)"
                          R"("d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
                          R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  ASSERT_TRUE(key) << ToString(key.error());
  EXPECT_EQ(key->Thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  const std::string input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  EXPECT_EQ(Base64UrlEncode(key->Sign(input)), signature);
  const Result<Ed25519Key> verifying = Ed25519Key::FromJwk(key->PublicJwk());
  EXPECT_TRUE(verifying->Verify(input, *Base64UrlDecode(signature)));
  EXPECT_FALSE(verifying->Verify(input + ".", *Base64UrlDecode(signature)));
}

TEST(Ed25519Test, RefusesOtherJwks) {
  for (const char* bad :
       {"", "[]", R"({"kty":"OKP"})",
        R"({"kty":"EC","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR"})",
        R"({"kty":"OKP","crv":"Ed25519","k":"1",)"
        R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        R"({"kty":"OKP","crv":"Ed25519","x":1})"}) {
    const Result<Ed25519Key> key = Ed25519Key::FromJwk(bad);
    ASSERT_FALSE(key) << bad;
    EXPECT_EQ(key.error().reason, "INVALID_KEY");
  }
}

}  // namespace
}  // namespace fairlead::auth
