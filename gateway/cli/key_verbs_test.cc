// Keys of an agency from nothing: made, joined, changed, recovered; and a root that vouches.
#include <gmock/gmock.h>

#include <filesystem>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/fake_key_service.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPersonId[] = "01890a5d-ac96-774b-bcce-b302099a8004";
constexpr char kLeaver[] = "01890a5d-ac96-774b-bcce-b302099a8005";

class KeyVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    ASSERT_EQ(Cli({"key", "init"}), kExitOk) << err;
  }
  // The same person at a second machine.
  void OtherMachine() {
    environment_["FAIRLEAD_HOME"] = folder_.File("second");
    SignIn();
  }
  void FirstMachine() { environment_["FAIRLEAD_HOME"] = folder_.File("home"); }
  bool Has(const std::string& kid) {
    return std::filesystem::exists(environment_["FAIRLEAD_HOME"] + "/profiles/default/keys/" +
                                   kOwnAgency + "/" + kid + ".jwk");
  }

  FakeKeyService keys_{hub_, kPersonId};
};

TEST_F(KeyVerbsTest, ASecondDeviceJoinsAfterAPersonHasCompared) {
  ASSERT_EQ(Cli({"key", "rotate"}), kExitOk) << err;
  const keys::KeyList list = keys_.ListOf(kOwnAgency);
  OtherMachine();
  ASSERT_EQ(Cli({"key", "join"}), kExitOk) << err;
  const std::string fingerprint =
      keys::Fingerprint(seal::ParseJwk(keys_.devices.at(1).device_jwk())->kid);
  EXPECT_THAT(out, HasSubstr(fingerprint));
  EXPECT_EQ(Cli({"key", "sync"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("DEVICE_NOT_CONFIRMED"));

  FirstMachine();
  EXPECT_EQ(Cli({"key", "confirm", fingerprint}), kExitUsage) << "nobody to compare";
  EXPECT_THAT(err, HasSubstr(fingerprint)) << "what would have been asked";
  EXPECT_THAT(err, HasSubstr("--yes"));
  EXPECT_EQ(Cli({"key", "confirm", fingerprint, "--person", "Ana", "--yes"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("--person is the colleague's id"));
  EXPECT_THAT(err, Not(HasSubstr("DEVICE_PERSON_CHANGED"))) << "nothing is wrong";
  EXPECT_EQ(Cli({"key", "confirm", fingerprint, "--person", kLeaver, "--yes"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("DEVICE_PERSON_CHANGED"));
  EXPECT_EQ(keys_.ListOf(kOwnAgency).devices.size(), 1U);
  in_is_terminal_ = true;
  EXPECT_EQ(Cli({"key", "confirm", fingerprint}, "n\n"), kExitFailed);
  EXPECT_EQ(keys_.ListOf(kOwnAgency).devices.size(), 1U);
  ASSERT_EQ(Cli({"key", "confirm", fingerprint}, "y\n"), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr(fingerprint));
  EXPECT_EQ(keys_.ListOf(kOwnAgency).devices.size(), 2U);
  EXPECT_EQ(keys_.ListOf(kOwnAgency).epoch, 2) << "joining changes no key";

  OtherMachine();
  EXPECT_EQ(Cli({"key", "sync"}, "n\n"), kExitFailed) << "whose keys, the hub alone has said";
  EXPECT_FALSE(Has(list.epoch_key.kid));
  ASSERT_EQ(Cli({"key", "sync"}, "y\n"), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr(keys::Fingerprint(list.agency_key.kid)));
  EXPECT_TRUE(Has(list.epoch_key.kid));
  EXPECT_TRUE(Has(list.past.at(0).epoch_kid)) << "earlier packets open here too";
  EXPECT_FALSE(Has("agency")) << "the agency key stays with administrators";
  EXPECT_EQ(Cli({"key", "rotate"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("KEY_MISSING"));
}

TEST_F(KeyVerbsTest, WhoHasNoKeysIsToldWhereTheyComeFrom) {
  OtherMachine();
  EXPECT_THAT(err, HasSubstr("key join"));
  EXPECT_THAT(err, Not(HasSubstr("key init"))) << "the agency has keys";
  keys_.lists.erase(kOwnAgency);
  environment_["FAIRLEAD_HOME"] = folder_.File("third");
  SignIn({identity::v1::ROLE_CASEWORKER});
  EXPECT_THAT(err, HasSubstr("its administrator makes them"));
  ASSERT_EQ(Cli({"key", "join"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("Your agency has no keys yet"));
  SignIn({identity::v1::ROLE_CASEWORKER, identity::v1::ROLE_AGENCY_ADMIN});
  EXPECT_THAT(err, HasSubstr("key init"));
  EXPECT_THAT(err, Not(HasSubstr("key join"))) << "there is nobody to confirm it";
}

TEST_F(KeyVerbsTest, ARemovedDeviceGetsNoNewKeys) {
  OtherMachine();
  ASSERT_EQ(Cli({"key", "join"}), kExitOk) << err;
  FirstMachine();
  const std::string second = keys_.devices.at(1).id();
  ASSERT_EQ(Cli({"key", "confirm", second, "--yes"}), kExitOk) << err;
  ASSERT_EQ(Cli({"key", "remove", second, "--yes"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("key rotate"));
  keys_.wraps.clear();
  ASSERT_EQ(Cli({"key", "rotate"}), kExitOk) << err;
  const keys::KeyList list = keys_.ListOf(kOwnAgency);
  EXPECT_EQ(list.epoch, 2);
  ASSERT_EQ(list.devices.size(), 1U);
  ASSERT_EQ(keys_.wraps.size(), 1U);
  EXPECT_EQ(keys_.wraps.at(0).device_id(), keys_.devices.at(0).id());
  EXPECT_EQ(Cli({"key", "devices"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("removed"));
  EXPECT_EQ(Cli({"key", "confirm", second, "--yes"}), kExitConflict);
}

TEST_F(KeyVerbsTest, WhatWasRemovedHereStaysOutWhateverTheHubShows) {
  OtherMachine();
  ASSERT_EQ(Cli({"key", "join"}), kExitOk) << err;
  ASSERT_EQ(keys_.devices.size(), 2U);
  keys_.devices.at(1).set_staff_id(kLeaver);
  environment_["FAIRLEAD_HOME"] = folder_.File("third");
  SignIn();
  ASSERT_EQ(Cli({"key", "join"}), kExitOk) << err;
  FirstMachine();
  for (const size_t each : {1U, 2U}) {
    ASSERT_EQ(Cli({"key", "confirm", keys_.devices.at(each).id(), "--yes"}), kExitOk) << err;
  }
  ASSERT_EQ(Cli({"key", "rotate", "--yes"}), kExitOk) << err;
  ASSERT_EQ(keys_.ListOf(kOwnAgency).devices.size(), 3U) << "nobody is out yet";
  EXPECT_THAT(err, HasSubstr(kLeaver)) << "each is shown with its person";

  ASSERT_EQ(Cli({"key", "remove", keys_.devices.at(2).id(), "--yes"}), kExitOk) << err;
  hub_.Answer(kDisableStaff, identity::v1::DisableStaffResponse());
  ASSERT_EQ(Cli({"user", "disable", kLeaver, "--yes", "--keep-keys"}), kExitOk) << err;
  for (auto& device : keys_.devices) device.clear_remove_time();  // the hub says: all still there
  keys_.wraps.clear();
  ASSERT_EQ(Cli({"key", "rotate", "--yes"}), kExitOk) << err;
  ASSERT_EQ(keys_.ListOf(kOwnAgency).devices.size(), 1U);
  ASSERT_EQ(keys_.wraps.size(), 1U);
  EXPECT_EQ(keys_.wraps.at(0).device_id(), keys_.devices.at(0).id());
}

TEST_F(KeyVerbsTest, WithALeavingGoNewKeysForThoseWhoStay) {
  OtherMachine();
  ASSERT_EQ(Cli({"key", "join"}), kExitOk) << err;
  keys_.devices.at(1).set_staff_id(kLeaver);
  FirstMachine();
  ASSERT_EQ(Cli({"key", "confirm", keys_.devices.at(1).id(), "--yes"}), kExitOk) << err;
  identity::v1::DisableStaffRequest asked;
  hub_.OnCall(kDisableStaff, [&asked](const FakeRequest& request) {
    asked.Clear();
    asked.ParseFromString(request.body);
    return Protobuf(identity::v1::DisableStaffResponse());
  });
  ASSERT_EQ(Cli({"user", "disable", kLeaver, "--yes"}), kExitOk) << err;
  const auto list = keys::ParseKeyList(asked.key_list(), SystemClock().NowMs() / 1'000);
  ASSERT_TRUE(list.has_value()) << ToString(list.error());
  EXPECT_EQ(list->epoch, 2);
  ASSERT_EQ(list->devices.size(), 1U);
  EXPECT_EQ(list->devices.at(0).staff_id, kPersonId);
  ASSERT_EQ(asked.wraps_size(), 1);
  EXPECT_EQ(asked.wraps(0).device_id(), keys_.devices.at(0).id());
  EXPECT_THAT(out, HasSubstr("epoch 2"));
  keys_.lists[kOwnAgency] = asked.key_list();
  EXPECT_EQ(Cli({"key", "show"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("private keys present"));

  ASSERT_EQ(Cli({"user", "disable", kLeaver, "--yes", "--keep-keys"}), kExitOk) << err;
  EXPECT_TRUE(asked.key_list().empty());
  OtherMachine();
  ASSERT_EQ(Cli({"user", "disable", kLeaver, "--yes"}), kExitOk) << err;
  EXPECT_EQ(asked.staff_id(), kLeaver);
  EXPECT_TRUE(asked.key_list().empty()) << "no agency key there: the leaving does not wait";
}

TEST_F(KeyVerbsTest, AWrapOfInventedKeysIsRefused) {
  const auto device = seal::ParseJwk(keys_.devices.at(0).device_jwk());
  const keys::EpochKeys invented{
      .epoch = 1, .epoch_key = keys::SealingKey(), .signing_key = keys::SigningKey()};
  keys_.wraps.at(0).set_jwe(*keys::WrapKeys(kOwnAgency, 1, invented, *device, SystemRandom()));
  EXPECT_EQ(Cli({"key", "sync"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("WRAP_KEY_MISMATCH"));
  EXPECT_FALSE(Has(invented.epoch_key.public_key.kid));
}

TEST_F(KeyVerbsTest, AnOldListIsARollback) {
  const std::string old = keys_.lists[kOwnAgency];
  ASSERT_EQ(Cli({"key", "rotate"}), kExitOk) << err;
  keys_.lists[kOwnAgency] = old;
  EXPECT_EQ(Cli({"key", "sync"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("KEY_LIST_ROLLBACK"));
}

TEST_F(KeyVerbsTest, TwoOfThreeOfficersBringTheKeysBack) {
  ASSERT_EQ(Cli({"key", "rotate"}), kExitOk) << err;
  const std::string file = folder_.File("recovery.jwe");
  ASSERT_EQ(Cli({"key", "recovery", "split", "--file", file}), kExitOk) << err;
  const keys::KeyList list = keys_.ListOf(kOwnAgency);
  OtherMachine();
  const auto share = [&](int number) { return file + ".share-" + std::to_string(number); };
  EXPECT_EQ(Cli({"key", "recovery", "combine", share(2), "--file", file}), kExitFailed);
  EXPECT_THAT(err, HasSubstr("SHARES_TOO_FEW"));
  EXPECT_FALSE(Has("agency"));
  ASSERT_EQ(Cli({"key", "recovery", "combine", share(3), share(1), "--file", file}), kExitOk)
      << err;
  EXPECT_TRUE(Has("agency"));
  EXPECT_TRUE(Has(list.epoch_key.kid));
  EXPECT_TRUE(Has(list.past.at(0).epoch_kid));

  // Nobody has confirmed any device at this machine: a person is asked, and no flag stands for one.
  EXPECT_EQ(Cli({"key", "rotate", "--yes"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("DEVICES_UNCONFIRMED"));
  in_is_terminal_ = true;
  EXPECT_EQ(Cli({"key", "rotate", "--yes"}, "n\n"), kExitFailed);
  EXPECT_EQ(keys_.ListOf(kOwnAgency).epoch, 2);
  ASSERT_EQ(Cli({"key", "rotate", "--yes"}, "y\n"), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr(keys::Fingerprint(list.devices.at(0).key.kid)));
  EXPECT_EQ(keys_.ListOf(kOwnAgency).epoch, 3);
  in_is_terminal_ = false;
  EXPECT_EQ(Cli({"key", "rotate", "--yes"}), kExitOk) << "remembered from then on: " << err;
}

TEST_F(KeyVerbsTest, ARootVouchesAndWithoutItsWordNothingIsBelieved) {
  const std::string root = folder_.File("root.jwk");
  const std::string public_key = folder_.File("agency.pub");
  const std::string certificate = folder_.File("agency.cert");
  ASSERT_EQ(Cli({"key", "root", "make", "--coalition", "Coast", "--out", root}), kExitOk) << err;
  EXPECT_THAT(keys_.roots, ::testing::IsEmpty()) << "made without the hub";
  ASSERT_EQ(Cli({"key", "root", "publish", root + ".jws"}), kExitOk) << err;
  EXPECT_EQ(Cli({"key", "root", "trust"}), kExitUsage) << "nobody to compare";
  EXPECT_EQ(Cli({"key", "root", "trust", "--fingerprint", "0000-0000-0000-0000-0000"}),
            kExitConflict);
  EXPECT_THAT(err, HasSubstr("ROOT_CHANGED"));
  ASSERT_EQ(Cli({"key", "root", "trust", "--yes"}), kExitOk) << err;
  EXPECT_EQ(Cli({"key", "show"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("CERTIFICATE_MISSING"));

  ASSERT_EQ(Cli({"key", "export", "--out", public_key}), kExitOk) << err;
  ASSERT_EQ(Cli({"key", "certify", kOwnAgency, "--name", "Harbor", "--key", public_key, "--root",
                 root, "--out", certificate}),
            kExitOk)
      << err;
  ASSERT_EQ(Cli({"key", "certificate", "publish", certificate}), kExitOk) << err;
  EXPECT_EQ(Cli({"key", "show"}), kExitOk) << err;

  // The next root: followed because this one signed it; another one is not.
  const std::string next = folder_.File("next.jwk");
  ASSERT_EQ(
      Cli({"key", "root", "rotate", "--root", root, "--previous", root + ".jws", "--out", next}),
      kExitOk)
      << err;
  const std::vector<std::string> honest = keys_.roots;
  const std::string other = folder_.File("other.jwk");
  ASSERT_EQ(Cli({"key", "root", "make", "--coalition", "Coast", "--out", other}), kExitOk) << err;
  keys_.roots.clear();
  ASSERT_EQ(Cli({"key", "root", "publish", other + ".jws"}), kExitOk) << err;
  EXPECT_EQ(Cli({"key", "root", "show"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("ROOT_CHANGED"));
  keys_.roots = honest;
  ASSERT_EQ(Cli({"key", "root", "publish", next + ".jws"}), kExitOk) << err;
  EXPECT_EQ(Cli({"key", "root", "show"}), kExitOk) << err;
  EXPECT_EQ(Cli({"key", "show"}), kExitConflict) << "the certificate was of the root before";
  EXPECT_THAT(err, HasSubstr("CERTIFICATE_INVALID"));
}

}  // namespace
}  // namespace fairlead::cli
