// What an authenticator says, read and checked: every way in which it may not hold.
#include "services/identity/fido_passkey_verifier.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/identity/testing/software_authenticator.h"

namespace fairlead::identity {
namespace {

const RelyingParty kParty{"localhost", "http://localhost:7420"};
const std::string kChallenge(32, 'c');
const PasskeyPerson kPerson{std::string(32, 'u'), "ana", "Ana", {}};

// What Chromium 156 with its virtual authenticator answered to a challenge of 32 times "c" at
// http://localhost:7420.
constexpr std::string_view kChromiumRegistration =
    R"({"id":"u-BtpvvMY6R1qHrSxeTicDVxy6Z4_4cspE0dCfGPiTY","rawId":"u-BtpvvMY6R1qHrSxeTicDVxy6Z)"
    R"(4_4cspE0dCfGPiTY","type":"public-key","clientExtensionResults":{},"response":{"clientDat)"
    R"(aJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiWTJOalkyTmpZMk5qWTJOalkyTmpZ)"
    R"(Mk5qWTJOalkyTmpZMk5qWTJOalkyTSIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6NzQyMCIsImNyb3NzT3Jp)"
    R"(Z2luIjpmYWxzZX0","attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikSZYN5YgOjG)"
    R"(h0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NFAAAAAQECAwQFBgcIAQIDBAUGBwgAILvgbab7zGOkdah60sXk4nA1cc)"
    R"(umeP-HLKRNHQnxj4k2pQECAyYgASFYIDvpZruhqoFeNYuZ5IBY8kjvaxuwD6ttnaqezDcKqCHqIlgg5f22dZeZLj)"
    R"(eqHtZu_AVo9qRnxT-vMI0sMoTHnj1e7VA"}})";
constexpr std::string_view kChromiumAssertion =
    R"({"id":"u-BtpvvMY6R1qHrSxeTicDVxy6Z4_4cspE0dCfGPiTY","rawId":"u-BtpvvMY6R1qHrSxeTicDVxy6Z)"
    R"(4_4cspE0dCfGPiTY","type":"public-key","clientExtensionResults":{},"response":{"clientDat)"
    R"(aJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiWTJOalkyTmpZMk5qWTJOalkyTmpZMk5q)"
    R"(WTJOalkyTmpZMk5qWTJOalkyTSIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6NzQyMCIsImNyb3NzT3JpZ2lu)"
    R"(IjpmYWxzZX0","authenticatorData":"SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAg","s)"
    R"(ignature":"MEYCIQDMqX_rlw3CYZ2kYGKfZ2fZzkdH-SZVXQXr0D1Pe5K_VAIhAK6wXkApkmhoXvQ9_LGftGp5Y)"
    R"(bPF6SmqpVx5zRLewsI8","userHandle":"dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXU"}})";

class FidoPasskeyVerifierTest : public ::testing::Test {
 protected:
  // The whole way of a registration; the name of the check that failed, "" when all held.
  std::string Register(SoftwareAuthenticator& key, const Lie& lie = {}) {
    return TakeRegistration(key.Register(CreationOptionsJson(kParty, kPerson, kChallenge), lie));
  }
  std::string TakeRegistration(const std::string& text) {
    const auto answer = ReadRegistration(text);
    if (!answer) return Check(answer);
    const auto challenge = CheckClientData(answer->client_data, Ceremony::kCreate, kParty);
    if (!challenge) return Check(challenge);
    if (*challenge != kChallenge) return "another challenge";
    auto passkey = verifier_->ReadAttestation(kParty, *answer);
    if (!passkey) return Check(passkey);
    passkey_ = std::move(*passkey);
    return "";
  }
  std::string SignIn(SoftwareAuthenticator& key, const Lie& lie = {}) {
    const auto answer = ReadAssertion(key.SignIn(RequestOptionsJson(kParty, kChallenge), lie));
    if (!answer) return Check(answer);
    const auto challenge = CheckClientData(answer->client_data, Ceremony::kGet, kParty);
    if (!challenge) return Check(challenge);
    if (*challenge != kChallenge) return "another challenge";
    const auto facts = verifier_->CheckAssertion(kParty, passkey_, *answer);
    if (!facts) return Check(facts);
    facts_ = *facts;
    return "";
  }
  static std::string Check(const auto& result) {
    EXPECT_EQ(result.error().reason, "PASSKEY_INVALID");
    return result.error().metadata.at("check");
  }

  const std::unique_ptr<PasskeyVerifier> verifier_ = MakeFidoPasskeyVerifier();
  Passkey passkey_;
  AssertionFacts facts_;
};

TEST_F(FidoPasskeyVerifierTest, EveryAlgorithmThatIsOffered) {
  for (const PasskeyAlgorithm algorithm :
       {PasskeyAlgorithm::kEs256, PasskeyAlgorithm::kEdDsa, PasskeyAlgorithm::kRs256}) {
    SoftwareAuthenticator key(kParty.id, kParty.origin, algorithm);
    key.backed_up = true;
    ASSERT_EQ(Register(key), "") << static_cast<int>(algorithm);
    EXPECT_EQ(passkey_.algorithm, algorithm);
    EXPECT_EQ(passkey_.credential_id, key.credential_id());
    EXPECT_EQ(AaguidText(passkey_.aaguid), "0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a");
    EXPECT_TRUE(passkey_.backed_up);
    ASSERT_EQ(SignIn(key), "") << static_cast<int>(algorithm);
    EXPECT_EQ(facts_.counter, 1);
    EXPECT_TRUE(facts_.backed_up);
    EXPECT_EQ(SignIn(key, {.wrong_signature = true}), "assertion") << static_cast<int>(algorithm);
  }
}

TEST_F(FidoPasskeyVerifierTest, WhatABrowserAnswered) {
  ASSERT_EQ(TakeRegistration(std::string(kChromiumRegistration)), "");
  EXPECT_EQ(passkey_.algorithm, PasskeyAlgorithm::kEs256);
  const auto answer = ReadAssertion(kChromiumAssertion);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->credential_id, passkey_.credential_id);
  EXPECT_EQ(answer->user_handle, std::string(32, 'u'));
  const auto challenge = CheckClientData(answer->client_data, Ceremony::kGet, kParty);
  ASSERT_TRUE(challenge.has_value());
  EXPECT_EQ(*challenge, kChallenge);
  const auto facts = verifier_->CheckAssertion(kParty, passkey_, *answer);
  ASSERT_TRUE(facts.has_value());
  EXPECT_GT(facts->counter, passkey_.counter);
}

TEST_F(FidoPasskeyVerifierTest, ARegistrationThatDoesNotHold) {
  SoftwareAuthenticator key(kParty.id, kParty.origin);
  EXPECT_EQ(Register(key, {.type = "webauthn.get"}), "type");
  EXPECT_EQ(Register(key, {.challenge = std::string(31, 'c')}), "challenge");
  EXPECT_EQ(Register(key, {.challenge = std::string(32, 'd')}), "another challenge");
  EXPECT_EQ(Register(key, {.origin = "http://localhost:7421"}), "origin");
  EXPECT_EQ(Register(key, {.origin = "https://localhost:7420"}), "origin");
  EXPECT_EQ(Register(key, {.cross_origin = true}), "cross_origin");
  EXPECT_EQ(Register(key, {.top_origin = true}), "cross_origin");
  EXPECT_EQ(Register(key, {.rp_id = "elsewhere.example"}), "rp_id");
  EXPECT_EQ(Register(key, {.no_user_presence = true}), "user_presence");
  EXPECT_EQ(Register(key, {.no_user_verification = true}), "user_verification");
  EXPECT_EQ(Register(key, {.outer_credential_id = "another"}), "credential_id");
  EXPECT_EQ(Register(key, {.credential_id = std::string(1024, 'x')}), "json");
  EXPECT_EQ(Register(key, {.key_off_curve = true}), "key");
}

TEST_F(FidoPasskeyVerifierTest, AnAttestationObjectCutAnywhereIsRefused) {
  SoftwareAuthenticator key(kParty.id, kParty.origin);
  const std::string whole = key.Register(CreationOptionsJson(kParty, kPerson, kChallenge));
  const auto answer = ReadRegistration(whole);
  ASSERT_TRUE(answer.has_value());
  for (size_t size = 0; size < answer->attestation_object.size(); ++size) {
    RegistrationAnswer cut = *answer;
    cut.attestation_object.resize(size);
    EXPECT_FALSE(verifier_->ReadAttestation(kParty, cut).has_value()) << size;
  }
  RegistrationAnswer more = *answer;
  more.attestation_object += '\0';
  EXPECT_FALSE(verifier_->ReadAttestation(kParty, more).has_value());
  // A list that claims 2^32 members, a text that claims 2^60 bytes, a map in a map 4,000 deep.
  for (const std::string& bad : {std::string("\x9b\x00\x00\x00\x01\x00\x00\x00\x00", 9),
                                 std::string("\xbb\x7f\xff\xff\xff\xff\xff\xff\xff", 9),
                                 std::string("\x7b\x10\x00\x00\x00\x00\x00\x00\x00", 9),
                                 std::string(4000, '\x81'), std::string("\xff"), std::string()}) {
    more.attestation_object = bad;
    EXPECT_EQ(Check(verifier_->ReadAttestation(kParty, more)), "attestation");
  }
}

TEST_F(FidoPasskeyVerifierTest, AnAssertionThatDoesNotHold) {
  SoftwareAuthenticator key(kParty.id, kParty.origin);
  ASSERT_EQ(Register(key), "");
  EXPECT_EQ(SignIn(key, {.type = "webauthn.create"}), "type");
  EXPECT_EQ(SignIn(key, {.challenge = std::string(33, 'c')}), "challenge");
  EXPECT_EQ(SignIn(key, {.origin = "http://localhost"}), "origin");
  EXPECT_EQ(SignIn(key, {.cross_origin = true}), "cross_origin");
  EXPECT_EQ(SignIn(key, {.rp_id = "elsewhere.example"}), "assertion");
  EXPECT_EQ(SignIn(key, {.no_user_presence = true}), "assertion");
  EXPECT_EQ(SignIn(key, {.no_user_verification = true}), "assertion");
  EXPECT_EQ(SignIn(key, {.wrong_signature = true}), "assertion");
  SoftwareAuthenticator other(kParty.id, kParty.origin);
  other.Register(CreationOptionsJson(kParty, kPerson, kChallenge));
  EXPECT_EQ(SignIn(other), "assertion") << "signed with another key";
  EXPECT_EQ(SignIn(key), "");
}

TEST_F(FidoPasskeyVerifierTest, JsonThatIsNotACredential) {
  SoftwareAuthenticator key(kParty.id, kParty.origin);
  const std::string good = key.Register(CreationOptionsJson(kParty, kPerson, kChallenge));
  ASSERT_EQ(TakeRegistration(good), "");
  for (const char* member : {"id", "rawId", "type", "response"}) {
    auto value = boost::json::parse(good);
    value.as_object().erase(member);
    EXPECT_EQ(TakeRegistration(boost::json::serialize(value)), "json") << member;
    value.as_object()[member] = 7;
    EXPECT_EQ(TakeRegistration(boost::json::serialize(value)), "json") << member;
  }
  for (const std::string& bad :
       {std::string("{}"), std::string("[]"), std::string("x"), std::string("{\"id\":1,\"id\":2}"),
        good + " x", std::string(20'000, ' ')}) {
    EXPECT_EQ(TakeRegistration(bad), "json");
  }
  auto padded = boost::json::parse(good);
  auto& response = padded.at("response").as_object();
  response["attestationObject"] = std::string(response["attestationObject"].as_string()) + "=";
  EXPECT_EQ(TakeRegistration(boost::json::serialize(padded)), "json") << "base64url is strict";
}

TEST(RelyingPartyTest, OnlyAHubWithAName) {
  const auto party = [](const char* url) {
    const auto found = RelyingPartyOf(url);
    return found ? found->id + " " + found->origin : found.error().reason;
  };
  EXPECT_EQ(party("https://hub.example.org"), "hub.example.org https://hub.example.org");
  EXPECT_EQ(party("https://Hub.Example.org:443/"), "hub.example.org https://hub.example.org");
  EXPECT_EQ(party("https://hub.example.org:8443"), "hub.example.org https://hub.example.org:8443");
  EXPECT_EQ(party("http://localhost:7420"), "localhost http://localhost:7420");
  for (const char* bad :
       {"http://127.0.0.1:7420", "https://192.0.2.1", "http://[::1]:7420", "http://localhost:0",
        "http://hub.example.org", "https://", "ftp://hub.example.org", "https://0x7f.1",
        "https://user@hub.example.org", "https://hub.example.org:", "https://.example.org", ""}) {
    EXPECT_EQ(party(bad), "PASSKEYS_NEED_A_NAME") << bad;
  }
}

TEST(PasskeyCounterTest, GrowsOrIsNotThere) {
  EXPECT_TRUE(CounterMayFollow(0, 0));
  EXPECT_TRUE(CounterMayFollow(0, 1));
  EXPECT_TRUE(CounterMayFollow(7, 8));
  EXPECT_FALSE(CounterMayFollow(7, 7));
  EXPECT_FALSE(CounterMayFollow(7, 6));
  EXPECT_FALSE(CounterMayFollow(7, 0));
}

}  // namespace
}  // namespace fairlead::identity
