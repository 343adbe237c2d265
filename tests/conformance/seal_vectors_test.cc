// Published vectors run through the primitives of services/common/seal: Wycheproof, the RFC 7520
// cookbook, and RFC 7518's own example. The data is not part of this repository: the folder is
// FAIRLEAD_CONFORMANCE_DATA, or ../shared/data.
//
// Not every vector fits, because the profile has one algorithm of each kind. Cookbook 5.4 is P-384
// with A128KW and A128GCM and section 6 is PS256 in RSA-OAEP: none of their steps exists here, so
// they are run as packets that must be refused. What fits of the cookbook is 5.5 (ECDH-ES on P-256
// and the Concat KDF of a 256-bit key).
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/common/base/encoding.h"
#include "services/common/seal/crypto.h"
#include "services/common/seal/profile.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal::internal {
namespace {

namespace json = boost::json;

std::filesystem::path VectorFolder() {
  const char* folder = std::getenv("FAIRLEAD_CONFORMANCE_DATA");
  return std::filesystem::path(folder == nullptr ? "../shared/data" : folder) / "vectors";
}

json::value Load(const std::filesystem::path& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return json::parse(text);
}

#define LOAD_OR_SKIP(NAME, FILE)                                          \
  if (!std::filesystem::exists(VectorFolder() / (FILE))) {                \
    GTEST_SKIP() << "no vectors: " << (VectorFolder() / (FILE)).string(); \
  }                                                                       \
  const json::value NAME = Load(VectorFolder() / (FILE))

std::string Text(const json::value& object, const char* name) {
  return std::string(object.at(name).as_string());
}
std::string Hex(const json::value& object, const char* name) {
  return HexDecode(Text(object, name)).value();
}
std::string B64(const json::value& object, const char* name) {
  return Base64UrlDecode(Text(object, name)).value();
}

std::vector<std::string> Split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

TEST(Rfc7518, AppendixCDerivesTheKeyOfTheRfc) {
  const Point bob{*Base64UrlDecode("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"),
                  *Base64UrlDecode("e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck")};
  const Point alice{*Base64UrlDecode("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0"),
                    *Base64UrlDecode("SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps")};
  const auto z = Ecdh(alice, *Base64UrlDecode("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"), bob);
  ASSERT_TRUE(z);
  const auto key = ConcatKdf(z->view(), "A128GCM", "Alice", "Bob", 16);
  ASSERT_TRUE(key);
  EXPECT_EQ(Base64UrlEncode(key->view()), "VqqN6vgjbSBcIijNcacQGg");
}

TEST(Rfc7638, TheThumbprintOfAKnownKey) {
  // RFC 7638's own example is RSA; this EC key is RFC 7517, appendix A.1, hashed by two others
  // (npm jose and Debian's jose agree on it).
  EXPECT_EQ(Thumbprint(*Base64UrlDecode("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
                       *Base64UrlDecode("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM")),
            "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
}

TEST(Wycheproof, EcdhP256Webcrypto) {
  LOAD_OR_SKIP(file, "wycheproof/ecdh_secp256r1_webcrypto_test.json");
  int valid = 0;
  int invalid = 0;
  for (const json::value& group : file.at("testGroups").as_array()) {
    for (const json::value& test : group.at("tests").as_array()) {
      // The vectors' kid is "none"; ours would be the thumbprint, and the use must be said.
      const auto as_ours = [&test](const char* name) {
        json::object jwk = test.at(name).as_object();
        jwk.erase("kid");
        jwk["alg"] = "ECDH-ES+A256KW";
        return json::serialize(jwk);
      };
      const Result<PublicKey> peer = ParseJwk(as_ours("public"));
      const bool should_hold = Text(test, "result") == "valid";
      EXPECT_EQ(peer.has_value(), should_hold) << json::serialize(test);
      ++(should_hold ? valid : invalid);
      if (!peer) continue;
      const Result<PrivateKey> own = ParsePrivateJwk(as_ours("private"));
      ASSERT_TRUE(own) << json::serialize(test);
      const auto shared = Ecdh({own->public_key.x, own->public_key.y}, own->d, {peer->x, peer->y});
      ASSERT_TRUE(shared);
      EXPECT_EQ(HexEncode(shared->view()), Text(test, "shared")) << json::serialize(test);
    }
  }
  EXPECT_EQ(valid, 330);
  EXPECT_EQ(invalid, 23);
}

TEST(Wycheproof, AesWrap256) {
  LOAD_OR_SKIP(file, "wycheproof/aes_wrap_test.json");
  int run = 0;
  for (const json::value& group : file.at("testGroups").as_array()) {
    if (group.at("keySize").as_int64() != 256) continue;
    for (const json::value& test : group.at("tests").as_array()) {
      const std::string key = Hex(test, "key");
      const std::string message = Hex(test, "msg");
      const std::string wrapped = Hex(test, "ct");
      const auto unwrapped = AesKeyUnwrap(key, wrapped);
      // "acceptable" is a key of 8 bytes, which RFC 3394 does not have: refused here.
      const bool should_hold = Text(test, "result") == "valid";
      EXPECT_EQ(unwrapped.has_value(), should_hold) << json::serialize(test);
      if (should_hold) {
        EXPECT_EQ(unwrapped->view(), message);
        EXPECT_EQ(AesKeyWrap(key, message), wrapped);
      }
      ++run;
    }
  }
  EXPECT_EQ(run, 68);
}

TEST(Wycheproof, AesGcm256) {
  LOAD_OR_SKIP(file, "wycheproof/aes_gcm_test.json");
  int right_size = 0;
  int wrong_iv = 0;
  for (const json::value& group : file.at("testGroups").as_array()) {
    if (group.at("keySize").as_int64() != 256) continue;
    const bool iv_fits = group.at("ivSize").as_int64() == 96;
    for (const json::value& test : group.at("tests").as_array()) {
      const auto opened = AesGcmDecrypt(Hex(test, "key"), Hex(test, "iv"), Hex(test, "aad"),
                                        Hex(test, "ct"), Hex(test, "tag"));
      const bool should_hold = iv_fits && Text(test, "result") == "valid";
      EXPECT_EQ(opened.has_value(), should_hold) << json::serialize(test);
      ++(iv_fits ? right_size : wrong_iv);
      if (!should_hold) continue;
      EXPECT_EQ(opened->view(), Hex(test, "msg"));
      const auto sealed =
          AesGcmEncrypt(Hex(test, "key"), Hex(test, "iv"), Hex(test, "aad"), Hex(test, "msg"));
      ASSERT_TRUE(sealed);
      EXPECT_EQ(HexEncode(sealed->ciphertext), Text(test, "ct"));
      EXPECT_EQ(HexEncode(sealed->tag), Text(test, "tag"));
    }
  }
  EXPECT_EQ(right_size, 66);
  EXPECT_GT(wrong_iv, 30);
}

// A compact JWE of the profile's algorithms through the primitives; nullopt when refused.
std::optional<std::string> OpenCompact(const std::string& jwe, const json::value& jwk) {
  const std::vector<std::string> parts = Split(jwe, '.');
  if (parts.size() != 5) return std::nullopt;
  const auto header_text = Base64UrlDecode(parts[0]);
  if (!header_text) return std::nullopt;
  const auto header = ParseObject("INVALID_PACKET", *header_text, 4096, 2);
  if (!header || !ExpectText("", *header, "alg", kKeyAlgorithm) ||
      !ExpectText("", *header, "enc", kContentAlgorithm)) {
    return std::nullopt;
  }
  const json::value& epk = header->at("epk");
  const auto kek =
      WrappingKey({B64(jwk, "x"), B64(jwk, "y")}, B64(jwk, "d"), {B64(epk, "x"), B64(epk, "y")});
  if (!kek) return std::nullopt;
  const auto content_key = AesKeyUnwrap(kek->view(), Base64UrlDecode(parts[1]).value_or(""));
  if (!content_key) return std::nullopt;
  const auto plain =
      AesGcmDecrypt(content_key->view(), Base64UrlDecode(parts[2]).value_or(""), parts[0],
                    Base64UrlDecode(parts[3]).value_or(""), Base64UrlDecode(parts[4]).value_or(""));
  if (!plain) return std::nullopt;
  return std::string(plain->view());
}

TEST(Wycheproof, JsonWebEncryption) {
  LOAD_OR_SKIP(file, "wycheproof/json_web_encryption_test.json");
  int opened = 0;
  int refused = 0;
  for (const json::value& group : file.at("testGroups").as_array()) {
    const json::value& jwk = group.at("private");
    const json::value parsed = jwk.is_string() ? json::parse(std::string(jwk.as_string())) : jwk;
    for (const json::value& test : group.at("tests").as_array()) {
      const std::string jwe =
          test.at("jwe").is_string() ? Text(test, "jwe") : json::serialize(test.at("jwe"));
      // None of them is a packet, whatever else it is.
      EXPECT_FALSE(ParseEnvelope(jwe)) << json::serialize(test);
      const json::value* alg = parsed.as_object().if_contains("alg");
      if (alg == nullptr || *alg != "ECDH-ES+A256KW") {
        ++refused;
        continue;
      }
      const bool fits = Text(test, "result") == "valid" && Text(test, "enc") == "A256GCM";
      const std::optional<std::string> plain = OpenCompact(jwe, parsed);
      EXPECT_EQ(plain.has_value(), fits) << json::serialize(test);
      if (fits) {
        EXPECT_EQ(plain, Hex(test, "pt"));
      }
      ++(fits ? opened : refused);
    }
  }
  EXPECT_EQ(opened, 1);  // the file has one of ECDH-ES+A256KW with A256GCM
  EXPECT_EQ(opened + refused, 139);
}

TEST(Wycheproof, JsonWebSignatureEs256) {
  LOAD_OR_SKIP(file, "wycheproof/json_web_signature_test.json");
  int run = 0;
  for (const json::value& group : file.at("testGroups").as_array()) {
    const std::string comment = Text(group, "comment");
    if (comment != "es256" && comment != "SpecialCaseEs256") continue;
    const json::value& jwk = group.at("public");
    const json::value key = jwk.is_string() ? json::parse(std::string(jwk.as_string())) : jwk;
    for (const json::value& test : group.at("tests").as_array()) {
      const std::vector<std::string> parts = Split(Text(test, "jws"), '.');
      bool holds = false;
      if (parts.size() == 3) {
        const auto header = ParseObject("", Base64UrlDecode(parts[0]).value_or(""), 4096, 2);
        holds = header && CheckMembers("", *header, {"alg", "kid"}) &&
                ExpectText("", *header, "alg", kSignatureAlgorithm) &&
                VerifyEs256({B64(key, "x"), B64(key, "y")}, parts[0] + "." + parts[1],
                            Base64UrlDecode(parts[2]).value_or(""));
      }
      EXPECT_EQ(holds, Text(test, "result") == "valid") << json::serialize(test);
      ++run;
    }
  }
  EXPECT_EQ(run, 39);
}

TEST(Rfc7520, Section55DerivesTheContentKey) {
  LOAD_OR_SKIP(file,
               "jose-cookbook/jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2.json");
  const json::value& recipient = file.at("input").at("key");
  const json::value& step = file.at("encrypting_key");
  const json::value& ephemeral = step.at("epk");
  // From both sides: the sender has the ephemeral private key, the recipient its own.
  const auto from_sender = Ecdh({B64(ephemeral, "x"), B64(ephemeral, "y")}, B64(ephemeral, "d"),
                                {B64(recipient, "x"), B64(recipient, "y")});
  const auto from_recipient = Ecdh({B64(recipient, "x"), B64(recipient, "y")}, B64(recipient, "d"),
                                   {B64(ephemeral, "x"), B64(ephemeral, "y")});
  ASSERT_TRUE(from_sender && from_recipient);
  EXPECT_EQ(from_sender->view(), from_recipient->view());
  const auto key = ConcatKdf(from_sender->view(), "A128CBC-HS256", "", "", 32);
  ASSERT_TRUE(key);
  EXPECT_EQ(Base64UrlEncode(key->view()), Text(step, "cek"));
}

TEST(Rfc7520, EveryJweOfTheCookbookIsRefusedAsAPacket) {
  if (!std::filesystem::exists(VectorFolder() / "jose-cookbook")) GTEST_SKIP() << "no vectors";
  int refused = 0;
  const auto refuse = [&refused](const json::value& file) {
    // Compact, flattened and general form: the profile is General JSON, and not of these.
    for (const auto& form : file.at("output").as_object()) {
      const json::value& jwe = form.value();
      const std::string text =
          jwe.is_string() ? std::string(jwe.as_string()) : json::serialize(jwe);
      const Result<Envelope> envelope = ParseEnvelope(text);
      ASSERT_FALSE(envelope);
      EXPECT_EQ(envelope.error().reason, "INVALID_PACKET");
      ++refused;
    }
  };
  for (const auto& entry :
       std::filesystem::directory_iterator(VectorFolder() / "jose-cookbook/jwe")) {
    refuse(Load(entry.path()));
  }
  const json::value nested =
      Load(VectorFolder() / "jose-cookbook/6.nesting_signatures_and_encryption.json");
  if (const json::value* encrypt = nested.as_object().if_contains("encrypt")) refuse(*encrypt);
  EXPECT_GT(refused, 25);
}

}  // namespace
}  // namespace fairlead::seal::internal
