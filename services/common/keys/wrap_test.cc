#include "services/common/keys/wrap.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>

#include "services/common/keys/testing/key_cast.h"

namespace fairlead::keys {
namespace {

namespace json = boost::json;

class WrapTest : public ::testing::Test {
 protected:
  WrapTest() {
    harbor_.Rotate();
    harbor_.Publish(
        [&](KeyList& list) { PutDevice(list, {.key = device_.public_key, .staff_id = kPerson}); });
  }
  std::string Wrap(const EpochKeys& keys, const seal::PublicKey& device) {
    return *WrapKeys(kHarbor, harbor_.list.version, keys, device, SystemRandom());
  }
  std::string Changed(const std::function<void(json::object&)>& change) {
    json::object wrap = json::parse(Wrap(harbor_.current, device_.public_key)).as_object();
    change(wrap);
    return json::serialize(wrap);
  }
  std::string WithProtected(const char* name, const json::value& value) {
    return Changed([&](json::object& wrap) {
      auto header = json::parse(*Base64UrlDecode(wrap["protected"].as_string())).as_object();
      header[name] = value;
      wrap["protected"] = Base64UrlEncode(json::serialize(header));
    });
  }

  Publisher harbor_;
  seal::PrivateKey device_ = SealingKey();
};

TEST_F(WrapTest, TheDeviceGetsTheKeysOfEveryEpoch) {
  for (const EpochKeys* keys : {&harbor_.current, &harbor_.past[0]}) {
    const std::string jwe = Wrap(*keys, device_.public_key);
    const auto back = UnwrapKeys(jwe, device_, harbor_.list);
    ASSERT_TRUE(back.has_value()) << ToString(back.error());
    EXPECT_EQ(back->epoch, keys->epoch);
    EXPECT_EQ(back->epoch_key.d, keys->epoch_key.d);
    EXPECT_EQ(back->signing_key.d, keys->signing_key.d);
    const auto header = ReadWrap(jwe);
    ASSERT_TRUE(header.has_value()) << ToString(header.error());
    EXPECT_EQ(*header, (WrapHeader{.agency_id = kHarbor,
                                   .epoch = keys->epoch,
                                   .device_kid = device_.public_key.kid,
                                   .version = harbor_.list.version}));
    EXPECT_EQ(jwe.find(Base64UrlEncode(keys->epoch_key.d)), std::string::npos);
    EXPECT_LE(jwe.size(), kMaxWrapBytes);
  }
}

TEST_F(WrapTest, KeysThatTheListDoesNotNameAreRefused) {
  const EpochKeys invented{
      .epoch = harbor_.list.epoch, .epoch_key = SealingKey(), .signing_key = SigningKey()};
  EXPECT_EQ(ReasonOf(UnwrapKeys(Wrap(invented, device_.public_key), device_, harbor_.list)),
            "WRAP_KEY_MISMATCH");
  const EpochKeys past_invented{.epoch = 1, .epoch_key = SealingKey(), .signing_key = SigningKey()};
  EXPECT_EQ(ReasonOf(UnwrapKeys(Wrap(past_invented, device_.public_key), device_, harbor_.list)),
            "WRAP_KEY_MISMATCH");
  EpochKeys mixed{.epoch = harbor_.list.epoch,
                  .epoch_key = *seal::ParsePrivateJwk(ToPrivateJwk(harbor_.current.epoch_key)),
                  .signing_key = *seal::ParsePrivateJwk(ToPrivateJwk(harbor_.past[0].signing_key))};
  EXPECT_EQ(ReasonOf(UnwrapKeys(Wrap(mixed, device_.public_key), device_, harbor_.list)),
            "WRAP_KEY_MISMATCH");
  mixed.epoch = 77;
  EXPECT_EQ(ReasonOf(UnwrapKeys(Wrap(mixed, device_.public_key), device_, harbor_.list)),
            "WRAP_KEY_MISMATCH");
}

TEST_F(WrapTest, ADeviceThatIsNotListedGetsNothing) {
  const seal::PrivateKey stranger = SealingKey();
  EXPECT_EQ(
      ReasonOf(UnwrapKeys(Wrap(harbor_.current, stranger.public_key), stranger, harbor_.list)),
      "DEVICE_NOT_LISTED");
  harbor_.Publish([](KeyList& list) { list.devices.clear(); });
  EXPECT_EQ(ReasonOf(UnwrapKeys(Wrap(harbor_.current, device_.public_key), device_, harbor_.list)),
            "DEVICE_NOT_LISTED");
}

TEST_F(WrapTest, AChangedWrapIsRefusedByName) {
  const auto check = [&](const std::string& jwe) {
    const auto keys = UnwrapKeys(jwe, device_, harbor_.list);
    if (!keys) {
      EXPECT_EQ(keys.error().reason, "WRAP_INVALID");
    }
    return CheckOf(keys);
  };
  EXPECT_EQ(check(Changed([](json::object&) {})), "");
  EXPECT_EQ(check(WithProtected("typ", "fairlead-seal+jwe")), "typ");
  EXPECT_EQ(check(WithProtected("enc", "A128CBC-HS256")), "enc");
  EXPECT_EQ(check(WithProtected("v", 2)), "v");
  EXPECT_EQ(check(WithProtected("zip", "DEF")), "forbidden_member");
  EXPECT_EQ(check(WithProtected("agency_id", json::value_from(kClinic))), "agency_id");
  EXPECT_EQ(check(WithProtected("epoch", 0)), "epoch");
  EXPECT_EQ(check(WithProtected("epoch", 1)), "decrypt") << "a replayed epoch";
  EXPECT_EQ(check(WithProtected("version", 1)), "decrypt");
  EXPECT_EQ(check(WithProtected("version", harbor_.list.version + 1)), "version");
  EXPECT_EQ(check(WithProtected("device_kid", json::value_from(SealingKey().public_key.kid))),
            "device_kid");
  const auto recipient = [](json::object& wrap) -> json::object& {
    return wrap["recipients"].as_array()[0].as_object();
  };
  EXPECT_EQ(check(Changed(
                [&](json::object& wrap) { recipient(wrap)["header"].as_object()["alg"] = "dir"; })),
            "alg");
  EXPECT_EQ(check(Changed([](json::object& wrap) {
              wrap["recipients"].as_array().push_back(wrap["recipients"].as_array()[0]);
            })),
            "recipients");
  EXPECT_EQ(check(Changed([&](json::object& wrap) {
              recipient(wrap)["encrypted_key"] = Base64UrlEncode(std::string(40, 'k'));
            })),
            "decrypt");
  EXPECT_EQ(check(Changed([](json::object& wrap) { wrap["tag"] = Base64UrlEncode("short"); })),
            "tag");
  EXPECT_EQ(check(Changed(
                [](json::object& wrap) { wrap["tag"] = Base64UrlEncode(std::string(16, 't')); })),
            "decrypt");
  EXPECT_EQ(check(Changed([](json::object& wrap) { wrap["unprotected"] = json::object(); })),
            "forbidden_member");
  EXPECT_EQ(check(std::string(kMaxWrapBytes + 1, ' ')), "too_large");
  // Another device's wrap.
  EXPECT_EQ(check(Wrap(harbor_.current, SealingKey().public_key)), "device_kid");
}

}  // namespace
}  // namespace fairlead::keys
