#include "gateway/signature/http_signature.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/common/base/encoding.h"

namespace fairlead::gateway {
namespace {

constexpr const char* kComponents =
    R"(("@method" "@authority" "@path" "@query" "content-digest"))";
constexpr const char* kKeyId = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
constexpr const char* kNonce = "AAAAAAAAAAAAAAAAAAAAAA";
constexpr const char* kAlg = R"(;alg="ecdsa-p256-sha256")";

std::string Parameters(const std::string& components = kComponents) {
  return components + ";created=1700000000;nonce=\"" + kNonce + "\";keyid=\"" + kKeyId + "\"" +
         kAlg;
}
std::string Value(size_t size = 64) {
  return "sig=:" + Base64Encode(std::string(size, 's')) + ":";
}
std::string CheckOf(const std::string& input, const std::string& signature = Value()) {
  const auto read = ParseHttpSignature(input, signature);
  if (read) return "";
  EXPECT_EQ(read.error().code, Code::kUnauthenticated);
  EXPECT_EQ(read.error().reason, "SIGNATURE_INVALID");
  return read.error().metadata.at("check");
}
std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// RFC 9421, appendix B.2.4: "Signing a Response Using ecdsa-p256-sha256" with the key
// test-key-ecc-p256 of appendix B.1.3.
TEST(HttpSignatureTest, TheStandardsOwnExampleVerifies) {
  const auto key = seal::ParseJwk(
      R"({"kty":"EC","crv":"P-256","alg":"ES256","use":"sig",)"
      R"("x":"qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA",)"
      R"("y":"Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0"})");
  ASSERT_TRUE(key) << ToString(key.error());
  const std::string base =
      "\"@status\": 200\n"
      "\"content-type\": application/json\n"
      "\"content-digest\": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX"
      "69wWdXymyU0rjJuahq4l5aGgfLQ==:\n"
      "\"content-length\": 23\n"
      "\"@signature-params\": (\"@status\" \"content-type\" \"content-digest\" \"content-length\")"
      ";created=1618884473;keyid=\"test-key-ecc-p256\"";
  std::string signature =
      Base64Decode("wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkL"
                   "Ij+32oiasw==")
          .value_or("");
  EXPECT_TRUE(seal::VerifyBytes(*key, base, signature));
  EXPECT_FALSE(seal::VerifyBytes(*key, base + "\n", signature));
  signature[40] = static_cast<char>(signature[40] ^ 1);
  EXPECT_FALSE(seal::VerifyBytes(*key, base, signature));
  EXPECT_FALSE(seal::VerifyBytes(*key, base, "")) << "nor nothing at all";
}

TEST(HttpSignatureTest, ReadsWhatTheProfileHas) {
  const auto read = ParseHttpSignature("sig=" + Parameters() + ";expires=1700000030", Value());
  ASSERT_TRUE(read) << ToString(read.error());
  EXPECT_EQ(read->created_s, 1'700'000'000);
  EXPECT_EQ(read->expires_s, 1'700'000'030);
  EXPECT_EQ(read->nonce, kNonce);
  EXPECT_EQ(read->key_id, kKeyId);
  EXPECT_EQ(read->value, std::string(64, 's'));
  EXPECT_EQ(SignatureBase({"POST", "hub.example", "/a.B/C", ""}, "sha-256=:x:", *read),
            "\"@method\": POST\n\"@authority\": hub.example\n\"@path\": /a.B/C\n\"@query\": ?\n"
            "\"content-digest\": sha-256=:x:\n\"@signature-params\": " +
                Parameters() + ";expires=1700000030");
  // In any order, and under any label.
  const std::string turned = R"(("content-digest" "@query" "@path" "@method" "@authority"))";
  const auto other =
      ParseHttpSignature("a1=" + Parameters(turned), Replaced(Value(), "sig", "a1"));
  ASSERT_TRUE(other) << ToString(other.error());
  EXPECT_TRUE(SignatureBase({"GET", "h", "/", "q=%20"}, "d", *other)
                  .starts_with("\"content-digest\": d\n\"@query\": ?q=%20\n\"@path\": /\n"));
}

TEST(HttpSignatureTest, RefusesEveryOtherForm) {
  const std::string good = "sig=" + Parameters();
  ASSERT_EQ(CheckOf(good), "");
  EXPECT_EQ(CheckOf(good, ""), "missing");
  EXPECT_EQ(CheckOf(""), "missing");
  for (const char* component : {"@method", "@authority", "@path", "@query", "content-digest"}) {
    const std::string quoted = std::string("\"") + component + "\"";
    EXPECT_EQ(CheckOf(Replaced(good, quoted, "\"date\"")), "components") << component;
    EXPECT_EQ(CheckOf(Replaced(good, quoted, "\"@method\" \"@method\"")), "components");
  }
  EXPECT_EQ(CheckOf(Replaced(good, " \"@query\"", "")), "components");
  EXPECT_EQ(CheckOf(Replaced(good, "\"@path\"", "\"@path\";bs")), "components");
  EXPECT_EQ(CheckOf(Replaced(good, "\"@path\" ", "\"@path\"  ")), "components");
  EXPECT_EQ(CheckOf(Replaced(good, "\"@path\" ", "")), "components");
  EXPECT_EQ(CheckOf(Replaced(good, kComponents, "()")), "components");
  EXPECT_EQ(CheckOf("sig=" + Replaced(Parameters(), "(", "")), "syntax");
  for (const char* needed : {";created=1700000000", ";nonce=\"AAAAAAAAAAAAAAAAAAAAAA\"",
                             ";keyid=\"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\"",
                             ";alg=\"ecdsa-p256-sha256\""}) {
    const std::string name(needed + 1, std::string(needed).find('=') - 1);
    EXPECT_EQ(CheckOf(Replaced(good, needed, "")), name);
    EXPECT_EQ(CheckOf(good + needed), "syntax") << name << " twice";
  }
  for (const char* algorithm : {"rsa-v1_5-sha256", "hmac-sha256", "ed25519", "ecdsa-p384-sha384",
                                "none", "ECDSA-P256-SHA256", ""}) {
    EXPECT_EQ(CheckOf(Replaced(good, "ecdsa-p256-sha256", algorithm)), "alg") << algorithm;
  }
  EXPECT_EQ(CheckOf(Replaced(good, "=1700000000", "=-1")), "created");
  EXPECT_EQ(CheckOf(Replaced(good, "=1700000000", "=01")), "created");
  EXPECT_EQ(CheckOf(Replaced(good, "=1700000000", "=1700000000.5")), "nonce");
  EXPECT_EQ(CheckOf(Replaced(good, "=1700000000", "=1234567890123456")), "created");
  EXPECT_EQ(CheckOf(good + ";expires=\"1\""), "expires");
  EXPECT_EQ(CheckOf(Replaced(good, kNonce, "short")), "nonce");
  EXPECT_EQ(CheckOf(Replaced(good, kNonce, std::string(65, 'n'))), "nonce");
  EXPECT_EQ(CheckOf(Replaced(good, kNonce, "AAAAAAAAAAAAAAAA AAAA")), "nonce");
  EXPECT_EQ(CheckOf(Replaced(good, kKeyId, "somebody")), "keyid");
  EXPECT_EQ(CheckOf(good + ";tag=\"x\""), "syntax");
  EXPECT_EQ(CheckOf(good + ";"), "syntax");
  EXPECT_EQ(CheckOf(good + " "), "syntax");
  EXPECT_EQ(CheckOf(good + ", other=" + Parameters()), "one_signature");
  EXPECT_EQ(CheckOf(good, Value() + ", other=:AA==:"), "one_signature");
  EXPECT_EQ(CheckOf(good, Replaced(Value(), "sig", "other")), "label");
  EXPECT_EQ(CheckOf(good, Value(63)), "value");
  EXPECT_EQ(CheckOf(good, Value(72)), "value") << "DER is not what the standard has";
  EXPECT_EQ(CheckOf(good, "sig=:!!!:"), "value");
  EXPECT_EQ(CheckOf(good, "sig"), "syntax");
  EXPECT_EQ(CheckOf(good + ";x=\"" + std::string(1024, 'x') + "\""), "syntax");
}

TEST(HttpSignatureTest, TheDigestIsOfThisBody) {
  const std::string digest = "sha-256=:" + Base64Encode(Sha256("{}")) + ":";
  EXPECT_TRUE(CheckContentDigest(digest, "{}"));
  for (const std::string& wrong :
       {std::string(), digest + ", " + digest, "SHA-256" + digest.substr(7),
        "sha-256=:" + Base64Encode(Sha256("{ }")) + ":", "sha-512" + digest.substr(7),
        "sha-256=" + Base64Encode(Sha256("{}")), digest.substr(0, 20)}) {
    const auto checked = CheckContentDigest(wrong, "{}");
    ASSERT_FALSE(checked) << wrong;
    EXPECT_EQ(checked.error().metadata.at("check"), "content_digest");
  }
}

TEST(HttpSignatureTest, KnowsTheAuthority) {
  EXPECT_EQ(NormalAuthority("Hub.Example.ORG:443", true), "hub.example.org");
  EXPECT_EQ(NormalAuthority("hub.example.org:80", true), "hub.example.org:80");
  EXPECT_EQ(NormalAuthority("127.0.0.1:80", false), "127.0.0.1");
  EXPECT_EQ(NormalAuthority("[::1]:7420", false), "[::1]:7420");
}

TEST(HttpSignatureTest, OnesOwnSignatureFitsAndOnlyToItsRequest) {
  const auto key = seal::GenerateKey(seal::KeyUse::kSigning);
  ASSERT_TRUE(key);
  const SignedParts parts{"POST", "hub.example", "/a.B/C", "x=1"};
  const auto headers = SignHttpMessage(parts, "{}", *key, 1'700'000'000, kNonce);
  ASSERT_TRUE(headers) << ToString(headers.error());
  EXPECT_TRUE(CheckContentDigest(headers->content_digest, "{}"));
  const auto read = ParseHttpSignature(headers->signature_input, headers->signature);
  ASSERT_TRUE(read) << ToString(read.error());
  EXPECT_EQ(read->key_id, key->public_key.kid);
  const auto fits = [&](const SignedParts& sent, const std::string& digest) {
    return seal::VerifyBytes(key->public_key, SignatureBase(sent, digest, *read), read->value);
  };
  EXPECT_TRUE(fits(parts, headers->content_digest));
  EXPECT_FALSE(fits({"GET", parts.authority, parts.path, parts.query}, headers->content_digest));
  EXPECT_FALSE(fits({"POST", "hub.evil", parts.path, parts.query}, headers->content_digest));
  EXPECT_FALSE(fits({"POST", parts.authority, "/a.B/D", parts.query}, headers->content_digest));
  EXPECT_FALSE(fits({"POST", parts.authority, parts.path, "x=2"}, headers->content_digest));
  EXPECT_FALSE(fits(parts, "sha-256=:x:"));
  const auto epoch = seal::GenerateKey(seal::KeyUse::kEpoch);
  EXPECT_FALSE(SignHttpMessage(parts, "{}", *epoch, 1'700'000'000, kNonce))
      << "a key for sealing does not sign";
}

// Whatever is read was written in the one form: its own text and nothing else gives the base.
RC_GTEST_PROP(HttpSignatureTest, AnyTextIsReadOrRefused, ()) {
  std::string input = "sig=" + Parameters();
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<size_t>(0, input.size());
    if (*rc::gen::arbitrary<bool>()) {
      input[at] = *rc::gen::arbitrary<char>();
    } else {
      input.erase(at, *rc::gen::inRange<size_t>(1, 8));
      if (input.empty()) break;
    }
  }
  const auto read = ParseHttpSignature(input, Value());
  if (!read) return;
  RC_ASSERT("sig=" + read->parameters == input);
  RC_ASSERT(read->components.size() == 5U);
}

}  // namespace
}  // namespace fairlead::gateway
