// The hub as the attacker: it holds packets, may change, mix and make them, and knows every public
// key. One named attack each; the real client refuses all of them. The forger (forge.h) gets
// everything right except the one thing under test.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/common/seal/forge.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal {
namespace {

namespace json = boost::json;

std::string ForgedPacket(const std::function<void(json::object&)>& change) {
  return Forged([&change](Forgery& f) { f.change_packet = change; });
}
std::string ForgedProtected(const std::function<void(json::object&)>& change) {
  return Forged([&change](Forgery& f) { change(f.protected_header); });
}
std::string ForgedRecipient(const std::function<void(json::object&)>& change) {
  return ForgedPacket([&change](json::object& p) { change(RecipientHeaderAt(p, 0)); });
}
std::string ForgedSigned(const std::function<void(json::object&)>& change) {
  return Forged([&change](Forgery& f) { change(f.signed_header); });
}

std::string Bytes64(size_t size) { return Base64UrlEncode(std::string(size, 'b')); }

TEST(MaliciousHub, AFaultlessForgeryOpens) {
  // Otherwise the refusals below would prove nothing.
  EXPECT_EQ(Forged([](Forgery&) {}), "ok");
}

// ---- headers that RFC 7515 and 7516 know and this profile does not

#define FORBIDDEN_HEADER_TEST(NAME, MEMBER, VALUE)                         \
  TEST(MaliciousHub, Refuses##NAME##InTheProtectedHeader) {                \
    EXPECT_EQ(ForgedProtected([](json::object& o) { o[MEMBER] = VALUE; }), \
              "INVALID_PACKET:forbidden_member");                          \
  }                                                                        \
  TEST(MaliciousHub, Refuses##NAME##InTheRecipientHeader) {                \
    EXPECT_EQ(ForgedRecipient([](json::object& o) { o[MEMBER] = VALUE; }), \
              "INVALID_PACKET:forbidden_member");                          \
  }                                                                        \
  TEST(MaliciousHub, Refuses##NAME##InTheSignedHeader) {                   \
    EXPECT_EQ(ForgedSigned([](json::object& o) { o[MEMBER] = VALUE; }),    \
              "SIGNATURE_INVALID:forbidden_member");                       \
  }

FORBIDDEN_HEADER_TEST(Zip, "zip", "DEF")
FORBIDDEN_HEADER_TEST(Crit, "crit", json::array{"exp"})
FORBIDDEN_HEADER_TEST(Jku, "jku", "https://hub.example/keys")
FORBIDDEN_HEADER_TEST(Jwk, "jwk", json::object())
FORBIDDEN_HEADER_TEST(X5u, "x5u", "https://hub.example/cert")
FORBIDDEN_HEADER_TEST(X5c, "x5c", json::array{"MII"})
FORBIDDEN_HEADER_TEST(X5t, "x5t", "AAAA")
FORBIDDEN_HEADER_TEST(Apu, "apu", "QWxpY2U")
FORBIDDEN_HEADER_TEST(Apv, "apv", "Qm9i")
FORBIDDEN_HEADER_TEST(P2s, "p2s", "c2FsdA")
FORBIDDEN_HEADER_TEST(P2c, "p2c", 1'000'000)
FORBIDDEN_HEADER_TEST(B64, "b64", false)

// ---- algorithms

TEST(MaliciousHub, RefusesEveryOtherKeyAlgorithm) {
  for (const char* alg : {"dir", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "A256KW",
                          "A256GCMKW", "RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "PBES2-HS256+A128KW",
                          "PBES2-HS512+A256KW", "none", "", "ecdh-es+a256kw", "ECDH-ES+A256KW "}) {
    EXPECT_EQ(ForgedRecipient([alg](json::object& o) { o["alg"] = alg; }), "INVALID_PACKET:alg")
        << alg;
  }
}

TEST(MaliciousHub, RefusesAnAlgorithmInTheProtectedHeader) {
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["alg"] = "dir"; }),
            "INVALID_PACKET:unknown_member");
}

TEST(MaliciousHub, RefusesAMissingAlgorithm) {
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o.erase("alg"); }),
            "INVALID_PACKET:missing_member");
}

TEST(MaliciousHub, RefusesEveryOtherContentAlgorithm) {
  for (const char* enc :
       {"A128GCM", "A192GCM", "A128CBC-HS256", "A256CBC-HS512", "none", "", "a256gcm", "XC20P"}) {
    EXPECT_EQ(ForgedProtected([enc](json::object& o) { o["enc"] = enc; }), "INVALID_PACKET:enc")
        << enc;
  }
}

TEST(MaliciousHub, RefusesEveryOtherSignatureAlgorithm) {
  for (const char* alg : {"none", "None", "HS256", "ES384", "ES256K", "EdDSA", "RS256", ""}) {
    EXPECT_EQ(ForgedSigned([alg](json::object& o) { o["alg"] = alg; }), "SIGNATURE_INVALID:alg")
        << alg;
  }
}

TEST(MaliciousHub, RefusesASignatureMadeWithThePublicKeyAsHmacKey) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.signed_header["alg"] = "HS256";
              f.change_jws = [](std::string& jws) {
                jws = jws.substr(0, jws.rfind('.') + 1) + Bytes64(32);
              };
            }),
            "SIGNATURE_INVALID:alg");
}

// ---- lengths

TEST(MaliciousHub, RefusesAnIvOfAnotherLength) {
  for (const size_t size : {1U, 8U, 11U, 13U, 16U}) {
    EXPECT_EQ(ForgedPacket([size](json::object& p) { p["iv"] = Bytes64(size); }),
              "INVALID_PACKET:iv");
  }
}

TEST(MaliciousHub, RefusesAnEmptyIv) {
  EXPECT_EQ(ForgedPacket([](json::object& p) { p["iv"] = ""; }), "INVALID_PACKET:iv");
}

TEST(MaliciousHub, RefusesATruncatedTag) {
  for (const size_t size : {4U, 8U, 12U, 15U}) {
    EXPECT_EQ(ForgedPacket([size](json::object& p) {
                const std::string tag = *Base64UrlDecode(std::string(p["tag"].as_string()));
                p["tag"] = Base64UrlEncode(tag.substr(0, size));
              }),
              "INVALID_PACKET:tag");
  }
}

TEST(MaliciousHub, RefusesALongerTag) {
  EXPECT_EQ(ForgedPacket([](json::object& p) { p["tag"] = Bytes64(17); }), "INVALID_PACKET:tag");
}

TEST(MaliciousHub, RefusesAWrappedKeyOfAnotherLength) {
  for (const size_t size : {24U, 32U, 39U, 41U, 48U, 72U}) {
    EXPECT_EQ(ForgedPacket(
                  [size](json::object& p) { RecipientAt(p, 0)["encrypted_key"] = Bytes64(size); }),
              "INVALID_PACKET:encrypted_key");
  }
}

TEST(MaliciousHub, RefusesAnEmptyWrappedKey) {
  EXPECT_EQ(ForgedPacket([](json::object& p) { RecipientAt(p, 0)["encrypted_key"] = ""; }),
            "INVALID_PACKET:encrypted_key");
}

TEST(MaliciousHub, RefusesACiphertextOfNoPaddedSize) {
  for (const size_t size : {1U, 1366U, 3000U, 20000U, 100000U}) {
    EXPECT_EQ(ForgedPacket([size](json::object& p) { p["ciphertext"] = Bytes64(size); }),
              "INVALID_PACKET:ciphertext");
  }
}

TEST(MaliciousHub, RefusesAPacketOfMoreThan192KiB) {
  std::string packet = SamplePacket();
  packet.append(kMaxPacketBytes + 1 - packet.size(), ' ');
  EXPECT_EQ(OpenAsRecipient(packet), "INVALID_PACKET:too_large");
}

// ---- ephemeral keys

TEST(MaliciousHub, RefusesAnEphemeralPointOffTheCurve) {
  // The invalid-curve attack: a few hundred such points would give the private key away.
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o["epk"].as_object()["y"] = Bytes64(32); }),
            "INVALID_PACKET:epk");
}

TEST(MaliciousHub, RefusesAnEphemeralPointOfZeros) {
  EXPECT_EQ(ForgedRecipient([](json::object& o) {
              o["epk"].as_object()["x"] = Base64UrlEncode(std::string(32, '\0'));
              o["epk"].as_object()["y"] = Base64UrlEncode(std::string(32, '\0'));
            }),
            "INVALID_PACKET:epk");
}

TEST(MaliciousHub, RefusesAnEphemeralKeyOnAnotherCurve) {
  for (const char* curve : {"P-384", "P-521", "secp256k1", "X25519", ""}) {
    EXPECT_EQ(ForgedRecipient([curve](json::object& o) { o["epk"].as_object()["crv"] = curve; }),
              "INVALID_PACKET:crv");
  }
}

TEST(MaliciousHub, RefusesAnEphemeralKeyOfAnotherKind) {
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o["epk"].as_object()["kty"] = "OKP"; }),
            "INVALID_PACKET:kty");
}

TEST(MaliciousHub, RefusesAnEphemeralKeyWithItsPrivateHalf) {
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o["epk"].as_object()["d"] = Bytes64(32); }),
            "INVALID_PACKET:forbidden_member");
}

TEST(MaliciousHub, RefusesAnEphemeralKeyInTheProtectedHeader) {
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["epk"] = json::object(); }),
            "INVALID_PACKET:unknown_member");
}

TEST(MaliciousHub, RefusesShortCoordinates) {
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o["epk"].as_object()["x"] = Bytes64(31); }),
            "INVALID_PACKET:x");
}

TEST(MaliciousHub, RefusesAMissingEphemeralKey) {
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o.erase("epk"); }),
            "INVALID_PACKET:missing_member");
}

TEST(MaliciousHub, AnotherValidEphemeralKeyOpensNothing) {
  EXPECT_EQ(ForgedPacket([](json::object& p) {
              for (size_t i = 0; i < 2; ++i) {
                const PublicKey key = GenerateKey(KeyUse::kEpoch)->public_key;
                json::object& epk = RecipientHeaderAt(p, i)["epk"].as_object();
                epk["x"] = Base64UrlEncode(key.x);
                epk["y"] = Base64UrlEncode(key.y);
              }
            }),
            "DECRYPTION_FAILED");
}

// ---- recipients

TEST(MaliciousHub, RefusesAMissingRecips) {
  EXPECT_EQ(ForgedProtected([](json::object& o) { o.erase("recips"); }),
            "INVALID_PACKET:missing_member");
}

TEST(MaliciousHub, RefusesADifferingRecips) {
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["recips"] = SampleReleaseHash(); }),
            "INVALID_PACKET:recips");
}

TEST(MaliciousHub, RefusesAnAddedRecipient) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.recipients.push_back(TheCast().other_epoch.public_key);
              std::sort(f.recipients.begin(), f.recipients.end(),
                        [](const PublicKey& a, const PublicKey& b) { return a.kid < b.kid; });
            }),
            "INVALID_PACKET:recips");
}

TEST(MaliciousHub, RefusesARemovedRecipient) {
  SealRequest three = SampleRequest();
  three.recipients.push_back(TheCast().other_epoch.public_key);
  json::object packet = ParsePacket(*Seal(three, TheCast().sender_signing, SystemRandom()));
  json::array& recipients = packet["recipients"].as_array();
  recipients.erase(recipients.begin());
  EXPECT_EQ(OpenAsRecipient(json::serialize(packet)), "INVALID_PACKET:recips");
}

TEST(MaliciousHub, RefusesASwappedRecipient) {
  EXPECT_EQ(
      Forged([](Forgery& f) {
        f.recipients = {TheCast().recipient_epoch.public_key, TheCast().other_epoch.public_key};
        std::sort(f.recipients.begin(), f.recipients.end(),
                  [](const PublicKey& a, const PublicKey& b) { return a.kid < b.kid; });
      }),
      "INVALID_PACKET:recips");
}

TEST(MaliciousHub, RefusesASingleRecipient) {
  EXPECT_EQ(ForgedPacket([](json::object& p) { p["recipients"].as_array().pop_back(); }),
            "INVALID_PACKET:recipient_count");
}

TEST(MaliciousHub, RefusesNoRecipients) {
  EXPECT_EQ(ForgedPacket([](json::object& p) { p["recipients"].as_array().clear(); }),
            "INVALID_PACKET:recipient_count");
}

TEST(MaliciousHub, RefusesNineRecipients) {
  EXPECT_EQ(ForgedPacket([](json::object& p) {
              json::array& recipients = p["recipients"].as_array();
              while (recipients.size() < 9) recipients.push_back(json::value(recipients[0]));
            }),
            "INVALID_PACKET:recipient_count");
}

TEST(MaliciousHub, RefusesARecipientTwice) {
  EXPECT_EQ(ForgedPacket([](json::object& p) {
              json::array& recipients = p["recipients"].as_array();
              recipients[1] = json::value(recipients[0]);
            }),
            "INVALID_PACKET:recipient_order");
}

TEST(MaliciousHub, RefusesRecipientsOutOfOrder) {
  EXPECT_EQ(ForgedPacket([](json::object& p) {
              json::array& recipients = p["recipients"].as_array();
              const json::value first = recipients[0];
              recipients[0] = json::value(recipients[1]);
              recipients[1] = first;
            }),
            "INVALID_PACKET:recipient_order");
}

TEST(MaliciousHub, RefusesARecipientUnderAnotherKid) {
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o["kid"] = "frodo"; }), "INVALID_PACKET:kid");
}

TEST(MaliciousHub, ExchangedKeysOpenNothing) {
  // Both are authentic, each for the other recipient.
  EXPECT_EQ(ForgedPacket([](json::object& p) {
              const json::value first = RecipientAt(p, 0)["encrypted_key"];
              RecipientAt(p, 0)["encrypted_key"] = json::value(RecipientAt(p, 1)["encrypted_key"]);
              RecipientAt(p, 1)["encrypted_key"] = first;
            }),
            "DECRYPTION_FAILED");
}

// ---- other members and other forms

TEST(MaliciousHub, RefusesASharedUnprotectedHeader) {
  EXPECT_EQ(ForgedPacket([](json::object& p) {
              p["unprotected"] = json::object({{"zip", "DEF"}});
            }),
            "INVALID_PACKET:forbidden_member");
}

TEST(MaliciousHub, RefusesAdditionalAuthenticatedData) {
  EXPECT_EQ(ForgedPacket([](json::object& p) { p["aad"] = "eA"; }),
            "INVALID_PACKET:forbidden_member");
}

TEST(MaliciousHub, RefusesTheFlattenedForm) {
  EXPECT_EQ(ForgedPacket([](json::object& p) {
              p["header"] = json::value(RecipientAt(p, 0)["header"]);
              p["encrypted_key"] = json::value(RecipientAt(p, 0)["encrypted_key"]);
              p.erase("recipients");
            }),
            "INVALID_PACKET:unknown_member");
}

TEST(MaliciousHub, RefusesTheCompactForm) {
  EXPECT_EQ(OpenAsRecipient("eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA"), "INVALID_PACKET:json");
}

TEST(MaliciousHub, RefusesAnUnknownMemberAnywhere) {
  EXPECT_EQ(ForgedPacket([](json::object& p) { p["note"] = 1; }), "INVALID_PACKET:unknown_member");
  EXPECT_EQ(ForgedPacket([](json::object& p) { RecipientAt(p, 0)["note"] = 1; }),
            "INVALID_PACKET:unknown_member");
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o["note"] = 1; }),
            "INVALID_PACKET:unknown_member");
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o["epk"].as_object()["note"] = 1; }),
            "INVALID_PACKET:unknown_member");
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["note"] = 1; }),
            "INVALID_PACKET:unknown_member");
  EXPECT_EQ(ForgedSigned([](json::object& o) { o["note"] = 1; }),
            "SIGNATURE_INVALID:unknown_member");
}

TEST(MaliciousHub, RefusesEachMissingMember) {
  for (const char* name : {"protected", "recipients", "iv", "ciphertext", "tag"}) {
    EXPECT_EQ(ForgedPacket([name](json::object& p) { p.erase(name); }),
              "INVALID_PACKET:missing_member");
  }
  for (const char* name :
       {"typ", "v", "enc", "cty", "referral_id", "sender_agency_id", "sender_kid", "release_hash",
        "purpose", "categories", "exp", "recips"}) {
    EXPECT_EQ(ForgedProtected([name](json::object& o) { o.erase(name); }),
              "INVALID_PACKET:missing_member");
  }
  for (const char* name : {"alg", "typ", "kid", "cty"}) {
    EXPECT_EQ(ForgedSigned([name](json::object& o) { o.erase(name); }),
              "SIGNATURE_INVALID:missing_member");
  }
}

TEST(MaliciousHub, RefusesMembersOfAnotherType) {
  for (const char* name : {"protected", "iv", "ciphertext", "tag"}) {
    EXPECT_EQ(ForgedPacket([name](json::object& p) { p[name] = json::array(); }),
              std::string("INVALID_PACKET:") + name);
  }
  EXPECT_EQ(ForgedPacket([](json::object& p) { p["recipients"] = "two"; }),
            "INVALID_PACKET:recipients");
  EXPECT_EQ(ForgedPacket([](json::object& p) { p["recipients"].as_array()[0] = nullptr; }),
            "INVALID_PACKET:recipients");
  EXPECT_EQ(ForgedPacket([](json::object& p) { RecipientAt(p, 0)["header"] = "x"; }),
            "INVALID_PACKET:header");
  EXPECT_EQ(ForgedRecipient([](json::object& o) { o["epk"] = "x"; }), "INVALID_PACKET:epk");
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["v"] = "1"; }), "INVALID_PACKET:v");
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["exp"] = 1.79e9; }), "INVALID_PACKET:exp");
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["categories"] = "needs"; }),
            "INVALID_PACKET:categories");
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["categories"] = json::array{1}; }),
            "INVALID_PACKET:categories");
  EXPECT_EQ(ForgedSigned([](json::object& o) { o["kid"] = 7; }), "SIGNATURE_INVALID:kid");
}

TEST(MaliciousHub, RefusesRepeatedMembers) {
  const std::string packet = SamplePacket();
  EXPECT_EQ(OpenAsRecipient("{\"iv\":\"AAAA\"," + packet.substr(1)),
            "INVALID_PACKET:duplicate_member");
  EXPECT_EQ(OpenAsRecipient("{\"\\u0069v\":\"AAAA\"," + packet.substr(1)),
            "INVALID_PACKET:duplicate_member");
}

TEST(MaliciousHub, RefusesRepeatedMembersInTheProtectedHeader) {
  EXPECT_EQ(ForgedPacket([](json::object& p) {
              std::string text = *Base64UrlDecode(std::string(p["protected"].as_string()));
              text.insert(1, "\"exp\":4000000000,");
              p["protected"] = Base64UrlEncode(text);
            }),
            "INVALID_PACKET:duplicate_member");
}

TEST(MaliciousHub, RefusesTrailingAndDeepJson) {
  EXPECT_EQ(OpenAsRecipient(SamplePacket() + "{}"), "INVALID_PACKET:json");
  EXPECT_EQ(OpenAsRecipient(std::string(100'000, '[')), "INVALID_PACKET:json");
  EXPECT_EQ(ForgedPacket([](json::object& p) { p["protected"] = Base64UrlEncode("[1]"); }),
            "INVALID_PACKET:json");
}

TEST(MaliciousHub, RefusesBase64InAnotherSpelling) {
  for (const char* name : {"protected", "iv", "ciphertext", "tag"}) {
    for (const char* suffix : {"=", " ", "\n", "+", "A"}) {
      const std::string outcome = ForgedPacket(
          [&](json::object& p) { p[name] = std::string(p[name].as_string()) + suffix; });
      // One more character may spell one more byte: well-formed, then, and not what was sealed.
      EXPECT_TRUE(outcome.rfind("INVALID_PACKET:", 0) == 0 ||
                  (outcome == "DECRYPTION_FAILED" && std::string(name) == "ciphertext"))
          << name << suffix << " " << outcome;
    }
  }
}

TEST(MaliciousHub, RefusesAnotherTypeOrVersion) {
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["typ"] = "JOSE+JSON"; }), "INVALID_PACKET:typ");
  EXPECT_EQ(ForgedProtected([](json::object& o) { o["cty"] = "JWT"; }), "INVALID_PACKET:cty");
  for (const int version : {0, 2, -1}) {
    EXPECT_EQ(ForgedProtected([version](json::object& o) { o["v"] = version; }),
              "INVALID_PACKET:v");
  }
  EXPECT_EQ(ForgedSigned([](json::object& o) { o["typ"] = "JWT"; }), "SIGNATURE_INVALID:typ");
}

TEST(MaliciousHub, RefusesHeaderFieldsOutOfForm) {
  const auto with = [](const char* name, const json::value& value) {
    return ForgedProtected([&](json::object& o) { o[name] = value; });
  };
  EXPECT_EQ(with("referral_id", "Maria, 555-0100"), "INVALID_PACKET:referral_id");
  EXPECT_EQ(with("sender_agency_id", "Harbor"), "INVALID_PACKET:sender_agency_id");
  EXPECT_EQ(with("sender_kid", "x"), "INVALID_PACKET:sender_kid");
  EXPECT_EQ(with("release_hash", "x"), "INVALID_PACKET:release_hash");
  EXPECT_EQ(with("purpose", "any words at all"), "INVALID_PACKET:purpose");
  EXPECT_EQ(with("categories", json::array()), "INVALID_PACKET:categories");
  EXPECT_EQ(with("categories", json::array({"needs", "identity"})), "INVALID_PACKET:categories");
  EXPECT_EQ(with("categories", json::array({"needs", "needs"})), "INVALID_PACKET:categories");
  EXPECT_EQ(with("exp", 0), "INVALID_PACKET:exp");
  EXPECT_EQ(with("exp", -1), "INVALID_PACKET:exp");
}

}  // namespace
}  // namespace fairlead::seal
