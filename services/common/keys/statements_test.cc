#include "services/common/keys/statements.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>

#include "services/common/keys/testing/key_cast.h"

namespace fairlead::keys {
namespace {

namespace json = boost::json;

RootStatement Root(const seal::PrivateKey& key) {
  return {.number = 1,
          .root = key.public_key,
          .coalition = "Coalition of the Coast",
          .previous = "",
          .issued_s = kTestNowS};
}

TEST(StatementsTest, ARootSignsItselfAndTheNextOne) {
  const seal::PrivateKey first = SigningKey();
  const seal::PrivateKey second = SigningKey();
  const auto jws = SignRoot(Root(first), first);
  ASSERT_TRUE(jws.has_value()) << ToString(jws.error());
  EXPECT_EQ(ParseFirstRoot(*jws, kTestNowS), Root(first));

  RootStatement next = Root(second);
  next.number = 2;
  next.previous = first.public_key.kid;
  const auto next_jws = SignRoot(next, first);
  ASSERT_TRUE(next_jws.has_value()) << ToString(next_jws.error());
  EXPECT_EQ(ParseNextRoot(*next_jws, first.public_key, kTestNowS), next);
  EXPECT_EQ(CheckOf(ParseNextRoot(*next_jws, second.public_key, kTestNowS)), "kid");
  EXPECT_EQ(CheckOf(ParseFirstRoot(*next_jws, kTestNowS)), "number");
  EXPECT_EQ(CheckOf(ParseNextRoot(*jws, first.public_key, kTestNowS)), "number");
  EXPECT_EQ(CheckOf(SignRoot(next, second)), "previous") << "a root does not follow itself";
}

TEST(StatementsTest, ACertificateIsOfOneRootAndOneAgency) {
  const seal::PrivateKey root = SigningKey();
  const seal::PrivateKey agency = SigningKey();
  const AgencyCertificate certificate{.agency_id = kHarbor,
                                      .name = "Harbor House",
                                      .agency_key = agency.public_key,
                                      .issued_s = kTestNowS,
                                      .expires_s = kTestNowS + kMaxLifeS};
  const auto jws = SignCertificate(certificate, root);
  ASSERT_TRUE(jws.has_value()) << ToString(jws.error());
  EXPECT_EQ(ParseCertificate(*jws, root.public_key, kTestNowS), certificate);
  EXPECT_EQ(CheckOf(ParseCertificate(*jws, agency.public_key, kTestNowS)), "kid");
  AgencyCertificate wrong = certificate;
  wrong.expires_s += 1;
  EXPECT_EQ(CheckOf(SignCertificate(wrong, root)), "exp");
  wrong = certificate;
  wrong.name = "Harbor\nHouse";
  EXPECT_EQ(CheckOf(SignCertificate(wrong, root)), "name");
  wrong = certificate;
  wrong.agency_key = root.public_key;
  EXPECT_EQ(CheckOf(SignCertificate(wrong, root)), "agency_jwk");
  EXPECT_EQ(CheckOf(ParseCertificate(*jws, root.public_key, kTestNowS - kSkewS - 1)), "iat");
  EXPECT_TRUE(ParseCertificate(*jws, root.public_key, kTestNowS - kSkewS).has_value());
  EXPECT_FALSE(IsExpired(certificate.expires_s, certificate.expires_s + kSkewS - 1));
  EXPECT_TRUE(IsExpired(certificate.expires_s, certificate.expires_s + kSkewS));
}

TEST(StatementsTest, AKeyListSaysWhatWasSigned) {
  Publisher harbor;
  const seal::PrivateKey device = SealingKey();
  harbor.Publish([&](KeyList& list) {
    PutDevice(list, {.key = device.public_key, .staff_id = kPerson});
    PutDevice(list, {.key = device.public_key, .staff_id = kPerson});
  });
  harbor.Rotate();
  const auto list = ParseKeyList(harbor.jws, kTestNowS);
  ASSERT_TRUE(list.has_value()) << ToString(list.error());
  EXPECT_EQ(*list, harbor.list);
  EXPECT_EQ(list->devices.size(), 1U);
  EXPECT_TRUE(ListsDevice(*list, device.public_key.kid));
  EXPECT_FALSE(ListsDevice(*list, list->epoch_key.kid));
  ASSERT_EQ(list->past.size(), 1U);
  EXPECT_EQ(list->past[0].epoch_kid, harbor.past[0].epoch_key.public_key.kid);
}

using Change = std::function<void(json::object& header, json::object& payload)>;
using Attacks = std::vector<std::pair<std::string, Change>>;

Change Set(const char* name, const json::value& value) {
  return [name, value](json::object&, json::object& payload) { payload[name] = value; };
}

Attacks AttacksOnTheForm(const seal::PrivateKey& other) {
  const json::object other_jwk = json::parse(seal::ToJwk(other.public_key)).as_object();
  const json::object sealing_jwk = json::parse(seal::ToJwk(SealingKey().public_key)).as_object();
  const std::string other_kid = other.public_key.kid;
  return {
      {"alg", [](json::object& header, json::object&) { header["alg"] = "none"; }},
      {"alg", [](json::object& header, json::object&) { header["alg"] = "HS256"; }},
      {"typ", [](json::object& header, json::object&) { header["typ"] = "fairlead-root+jwt"; }},
      {"kid", [=](json::object& header, json::object&) { header["kid"] = other_kid; }},
      {"forbidden_member", [=](json::object& header, json::object&) { header["jwk"] = other_jwk; }},
      {"forbidden_member",
       [](json::object& header, json::object&) { header["crit"] = json::array{"exp"}; }},
      {"unknown_member", Set("extra", 1)},
      {"missing_member", [](json::object&, json::object& payload) { payload.erase("past"); }},
      {"v", Set("v", 2)},
      {"v", Set("v", "1")},
      {"agency_id", Set("agency_id", "harbor")},
      {"kid", Set("agency_jwk", other_jwk)},
      {"agency_jwk", Set("agency_jwk", sealing_jwk)},
      {"version", Set("version", 0)},
      {"version", Set("version", kMaxNumber + 1)},
      {"version", Set("version", 3.0)},
      {"previous", Set("previous", "")},
      {"previous", Set("previous", "short")},
      {"epoch", Set("epoch", 4)},
      {"past", Set("epoch", 1)},
      {"past", Set("epoch", 3)},
      {"past", Set("past", json::array())},
      {"epoch_jwk", Set("epoch_jwk", other_jwk)},
      {"signing_jwk", Set("signing_jwk", sealing_jwk)},
      {"signing_jwk", Set("signing_jwk", json::value_from(seal::ToJwk(other.public_key)))},
      {"iat", Set("iat", kTestNowS + kSkewS + 1)},
      {"exp", Set("exp", 1)},
      {"exp", Set("exp", kTestNowS + 2 * kMaxLifeS)},
  };
}

Attacks AttacksOnItsLists() {
  return {
      {"until",
       [](json::object&, json::object& payload) {
         payload["past"].as_array()[0].as_object()["until"] = 0;
       }},
      {"past",
       [](json::object&, json::object& payload) {  // an earlier key is used again
         payload["past"].as_array()[0].as_object()["epoch_kid"] =
             payload["epoch_jwk"].as_object()["kid"];
       }},
      {"devices",
       [](json::object&, json::object& payload) {
         json::array& devices = payload["devices"].as_array();
         std::swap(devices[0], devices[1]);
       }},
      {"devices",
       [](json::object&, json::object& payload) {
         json::array& devices = payload["devices"].as_array();
         devices[1] = devices[0];
       }},
      {"kid",
       [](json::object&, json::object& payload) {
         json::array& devices = payload["devices"].as_array();
         devices[0].as_object()["kid"] = devices[1].as_object()["kid"];
       }},
      {"staff_id",
       [](json::object&, json::object& payload) {
         payload["devices"].as_array()[0].as_object()["staff_id"] = "me";
       }},
  };
}

// One thing at a time is wrong, and signed as it then stands.
TEST(StatementsTest, ANearlyRightKeyListIsRefusedByName) {
  Publisher harbor;
  harbor.Rotate();
  harbor.Publish([](KeyList& list) {
    for (int i = 0; i < 2; ++i) {
      PutDevice(list, {.key = SealingKey().public_key, .staff_id = kPerson});
    }
  });
  const seal::PrivateKey other = SigningKey();
  size_t number = 0;
  for (const Attacks& attacks : {AttacksOnTheForm(other), AttacksOnItsLists()}) {
    for (const auto& [check, change] : attacks) {
      const auto read = ParseKeyList(Forge(harbor.jws, harbor.agency, change), kTestNowS);
      EXPECT_EQ(CheckOf(read), check) << "attack " << number;
      EXPECT_EQ(ReasonOf(read), "STATEMENT_INVALID") << "attack " << number;
      ++number;
    }
  }
  EXPECT_TRUE(ParseKeyList(Forge(harbor.jws, harbor.agency, [](auto&, auto&) {}), kTestNowS))
      << "an unchanged one is accepted: the refusals above are for the change";
}

TEST(StatementsTest, ShapesThatAreNoStatement) {
  Publisher harbor;
  const std::string& jws = harbor.jws;
  const seal::PrivateKey thief = SigningKey();
  EXPECT_EQ(CheckOf(ParseKeyList(Forge(jws, thief, [](auto&, auto&) {}), kTestNowS)), "signature");
  std::string changed = jws;
  changed.back() = changed.back() == 'A' ? 'Q' : 'A';
  EXPECT_EQ(CheckOf(ParseKeyList(changed, kTestNowS)), "signature");
  EXPECT_EQ(CheckOf(ParseKeyList("", kTestNowS)), "shape");
  EXPECT_EQ(CheckOf(ParseKeyList(jws.substr(0, jws.rfind('.')), kTestNowS)), "shape");
  EXPECT_EQ(CheckOf(ParseKeyList(jws + "=", kTestNowS)), "shape");
  EXPECT_EQ(CheckOf(ParseKeyList(jws + "." + jws, kTestNowS)), "shape");
  EXPECT_EQ(CheckOf(ParseKeyList(std::string(kMaxKeyListBytes + 1, 'a'), kTestNowS)), "too_large");
  // A member twice: whoever reads the first believes another thing than whoever reads the last.
  const size_t first = jws.find('.');
  std::string payload = *Base64UrlDecode(jws.substr(first + 1, jws.rfind('.') - first - 1));
  payload.insert(1, R"("version":7,)");
  const auto twice =
      seal::internal::MakeJws(*Base64UrlDecode(jws.substr(0, first)), payload, harbor.agency);
  EXPECT_EQ(CheckOf(ParseKeyList(twice->view(), kTestNowS)), "duplicate_member");
}

TEST(StatementsTest, WhatMayFollowAList) {
  Publisher harbor;
  harbor.Rotate();
  const std::string before_jws = harbor.jws;
  const KeyList before = harbor.list;
  const auto follow = [&](const std::function<void(KeyList&)>& change) {
    KeyList next = NextList(before_jws, before, kTestNowS);
    change(next);
    return CheckOf(CheckFollows(before_jws, before, next));
  };
  const auto rotate = [](KeyList& next) {
    BeginEpoch(next, SealingKey().public_key, SigningKey().public_key, kTestNowS);
  };
  EXPECT_EQ(follow([](KeyList&) {}), "");
  EXPECT_EQ(follow(rotate), "");
  EXPECT_EQ(follow([](KeyList& next) { next.agency_id = kClinic; }), "agency_id");
  EXPECT_EQ(follow([](KeyList& next) { ++next.version; }), "version");
  EXPECT_EQ(follow([](KeyList& next) { next.previous = ListHash("another"); }), "previous");
  EXPECT_EQ(follow([](KeyList& next) { --next.epoch; }), "epoch");
  EXPECT_EQ(follow([&](KeyList& next) {
              rotate(next);
              rotate(next);
            }),
            "epoch");
  EXPECT_EQ(follow([](KeyList& next) { next.epoch_key = SealingKey().public_key; }), "epoch_jwk");
  EXPECT_EQ(follow([](KeyList& next) { next.signing_key = SigningKey().public_key; }),
            "signing_jwk");
  EXPECT_EQ(follow([](KeyList& next) { ++next.past[0].until_s; }), "past");
  EXPECT_EQ(follow([&](KeyList& next) {
              rotate(next);
              --next.past[0].until_s;
            }),
            "past");
  EXPECT_EQ(follow([&](KeyList& next) {
              rotate(next);
              next.past[1].signing_key = SigningKey().public_key;
            }),
            "past");
}

TEST(StatementsTest, TheLatestHundredEpochsStayListed) {
  Publisher harbor;
  for (size_t i = 0; i < kMaxPastEpochs + 2; ++i) harbor.Rotate();
  EXPECT_EQ(harbor.list.epoch, static_cast<int64_t>(kMaxPastEpochs) + 3);
  ASSERT_EQ(harbor.list.past.size(), kMaxPastEpochs);
  EXPECT_EQ(harbor.list.past.front().epoch, 3);
  EXPECT_TRUE(ParseKeyList(harbor.jws, kTestNowS).has_value());
}

TEST(StatementsTest, TheLargestListFits) {
  Publisher harbor;
  for (size_t i = 0; i < kMaxPastEpochs; ++i) harbor.Rotate();
  harbor.Publish([](KeyList& list) {
    for (size_t i = 0; i < kMaxDevices; ++i) {
      PutDevice(list, {.key = SealingKey().public_key, .staff_id = kPerson});
    }
  });
  EXPECT_LE(harbor.jws.size(), kMaxKeyListBytes);
  EXPECT_TRUE(ParseKeyList(harbor.jws, kTestNowS).has_value());
  KeyList more = NextList(harbor.jws, harbor.list, kTestNowS);
  PutDevice(more, {.key = SealingKey().public_key, .staff_id = kPerson});
  EXPECT_EQ(CheckOf(SignKeyList(more, harbor.agency)), "devices");
}

TEST(StatementsTest, AFingerprintIsAHundredBitsOfTheThumbprint) {
  // RFC 7638's hash of nothing in particular, by hand: bytes 00 01 02 … 1f.
  std::string bytes;
  for (char c = 0; c < 32; ++c) bytes += c;
  EXPECT_EQ(Fingerprint(Base64UrlEncode(bytes)), "000G-40R4-0M30-E209-185G");
  EXPECT_EQ(Fingerprint(Base64UrlEncode(std::string(32, '\xff'))), "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
  EXPECT_EQ(Fingerprint("short"), "");
}

}  // namespace
}  // namespace fairlead::keys
