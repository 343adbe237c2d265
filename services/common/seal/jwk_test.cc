#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/common/seal/forge.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal {
namespace {

namespace json = boost::json;

std::string Changed(const std::function<void(json::object&)>& change) {
  json::object object = json::parse(ToJwk(TheCast().sender_epoch.public_key)).as_object();
  change(object);
  return Outcome(ParseJwk(json::serialize(object)));
}

TEST(JwkTest, RoundTrips) {
  for (const KeyUse use : {KeyUse::kEpoch, KeyUse::kSigning}) {
    const PrivateKey key = *GenerateKey(use);
    EXPECT_EQ(ParseJwk(ToJwk(key.public_key)), key.public_key);
    const Result<PrivateKey> back = ParsePrivateJwk(ToPrivateJwk(key));
    ASSERT_TRUE(back) << Outcome(back);
    EXPECT_EQ(back->public_key, key.public_key);
    EXPECT_EQ(back->d, key.d);
    EXPECT_EQ(ToJwk(key.public_key).find("\"d\""), std::string::npos);
  }
}

TEST(JwkTest, TheKidIsTheThumbprint) {
  // The required members in order, hashed by hand (RFC 7638, section 3).
  const PublicKey& key = TheCast().sender_epoch.public_key;
  EXPECT_EQ(key.kid, Base64UrlEncode(Sha256("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" +
                                            Base64UrlEncode(key.x) + "\",\"y\":\"" +
                                            Base64UrlEncode(key.y) + "\"}")));
  EXPECT_EQ(Changed([](json::object& o) { o.erase("kid"); }), "ok");
}

TEST(JwkTest, RefusesWhatIsNotTheProfile) {
  using O = json::object;
  EXPECT_EQ(Changed([](O&) {}), "ok");
  EXPECT_EQ(Changed([](O& o) { o.erase("use"); }), "ok");
  EXPECT_EQ(Changed([](O& o) { o["kty"] = "RSA"; }), "INVALID_KEY:kty");
  EXPECT_EQ(Changed([](O& o) { o["kty"] = "ec"; }), "INVALID_KEY:kty");
  EXPECT_EQ(Changed([](O& o) { o["crv"] = "P-384"; }), "INVALID_KEY:crv");
  EXPECT_EQ(Changed([](O& o) { o["alg"] = "ECDH-ES"; }), "INVALID_KEY:alg");
  EXPECT_EQ(Changed([](O& o) { o["alg"] = "none"; }), "INVALID_KEY:alg");
  EXPECT_EQ(Changed([](O& o) { o["alg"] = "ES256"; }), "INVALID_KEY:use");
  EXPECT_EQ(Changed([](O& o) { o["use"] = "sig"; }), "INVALID_KEY:use");
  EXPECT_EQ(Changed([](O& o) { o["kid"] = "frodo"; }), "INVALID_KEY:kid");
  EXPECT_EQ(Changed([](O& o) { o["kid"] = 1; }), "INVALID_KEY:kid");
  EXPECT_EQ(Changed([](O& o) { o["x5c"] = "MII"; }), "INVALID_KEY:forbidden_member");
  EXPECT_EQ(Changed([](O& o) { o["ext"] = true; }), "INVALID_KEY:unknown_member");
  EXPECT_EQ(Changed([](O& o) { o["d"] = "AA"; }), "INVALID_KEY:forbidden_member");
  EXPECT_EQ(Changed([](O& o) { o.erase("y"); }), "INVALID_KEY:missing_member");
  EXPECT_EQ(Changed([](O& o) { o.erase("alg"); }), "INVALID_KEY:missing_member");
  EXPECT_EQ(Changed([](O& o) { o["x"] = ""; }), "INVALID_KEY:x");
  EXPECT_EQ(Changed([](O& o) { o["x"] = Base64UrlEncode(std::string(31, 'x')); }), "INVALID_KEY:x");
  EXPECT_EQ(Changed([](O& o) { o["y"] = Base64UrlEncode(std::string(33, '\0')); }),
            "INVALID_KEY:y");
  EXPECT_EQ(Changed([](O& o) { o["y"] = std::string(o["y"].as_string()) + "="; }), "INVALID_KEY:y");
  EXPECT_EQ(Outcome(ParseJwk("[]")), "INVALID_KEY:json");
  EXPECT_EQ(Outcome(ParseJwk("")), "INVALID_KEY:json");
  EXPECT_EQ(Outcome(ParseJwk(R"({"kty":"EC","kty":"EC"})")), "INVALID_KEY:duplicate_member");
  EXPECT_EQ(Outcome(ParseJwk(std::string(3000, ' '))), "INVALID_KEY:too_large");
}

TEST(JwkTest, RefusesPointsOffTheCurve) {
  const auto with = [](const std::string& x, const std::string& y) {
    return Changed([&](json::object& o) {
      o.erase("kid");
      o["x"] = Base64UrlEncode(x);
      o["y"] = Base64UrlEncode(y);
    });
  };
  const PublicKey& key = TheCast().sender_epoch.public_key;
  EXPECT_EQ(with(key.x, key.y), "ok");
  EXPECT_EQ(with(key.y, key.x), "INVALID_KEY:point");
  EXPECT_EQ(with(std::string(32, '\0'), std::string(32, '\0')), "INVALID_KEY:point");
  EXPECT_EQ(with(std::string(32, '\xff'), std::string(32, '\xff')), "INVALID_KEY:point");
  // The coordinates are taken modulo nothing: x + p is refused although it is the same residue.
  const std::string p =
      *HexDecode("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  EXPECT_EQ(with(p, key.y), "INVALID_KEY:point");
}

TEST(JwkTest, RefusesPrivateKeysThatDoNotBelong) {
  const Cast& cast = TheCast();
  PrivateKey key = cast.sender_epoch;
  const auto with = [&key](const std::string& d) {
    key.d = d;
    return Outcome(ParsePrivateJwk(ToPrivateJwk(key)));
  };
  const std::string order =
      *HexDecode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  EXPECT_EQ(with(cast.sender_epoch.d), "ok");
  EXPECT_EQ(with(cast.other_epoch.d), "INVALID_KEY:d");
  EXPECT_EQ(with(std::string(32, '\0')), "INVALID_KEY:d");
  EXPECT_EQ(with(order), "INVALID_KEY:d");
  EXPECT_EQ(with(std::string(31, '\1')), "INVALID_KEY:d");
  EXPECT_EQ(Outcome(ParsePrivateJwk(ToJwk(cast.sender_epoch.public_key))),
            "INVALID_KEY:missing_member");
}

}  // namespace
}  // namespace fairlead::seal
