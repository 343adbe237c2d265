// The hub lies about keys, one lie at a time: each is refused under its own name.
#include "services/common/keys/trust.h"

#include <gtest/gtest.h>

#include "services/common/keys/testing/key_cast.h"

namespace fairlead::keys {
namespace {

class TrustTest : public ::testing::Test {
 protected:
  static std::string MakeRoot(int64_t number, const seal::PrivateKey& root,
                              const seal::PrivateKey& signer, const std::string& previous) {
    return SignRoot({.number = number,
                     .root = root.public_key,
                     .coalition = "Coast",
                     .previous = previous,
                     .issued_s = kTestNowS - kDayS},
                    signer)
        .value();
  }
  std::string Certify(const seal::PublicKey& key, const seal::PrivateKey& root,
                      int64_t issued_s = kTestNowS - kDayS,
                      const std::string& agency_id = kHarbor) {
    return *SignCertificate({.agency_id = agency_id,
                             .name = "Harbor House",
                             .agency_key = key,
                             .issued_s = issued_s,
                             .expires_s = issued_s + kMaxLifeS},
                            root);
  }
  Known Rooted(std::optional<AgencyPin> pin = {}) {
    return {.root = RootPin{.number = 1, .root = root_.public_key, .coalition = "Coast"},
            .agency = std::move(pin),
            .agency_id = kHarbor,
            .accepted_agency_kid = {}};
  }
  Known Rootless(std::optional<AgencyPin> pin = {}) {
    return {.root = {}, .agency = std::move(pin), .agency_id = kHarbor, .accepted_agency_kid = {}};
  }
  Answer Honest() { return {.key_list = harbor_.jws, .certificate = certificate_}; }
  AgencyPin PinNow() { return Judge(Rooted(), Honest(), kTestNowS)->pin; }
  std::string Reason(const Known& known, const Answer& answer, int64_t now_s = kTestNowS) {
    const auto verdict = Judge(known, answer, now_s);
    if (!verdict) {
      EXPECT_EQ(verdict.error().metadata.at("agency"), kHarbor);
    }
    return ReasonOf(verdict);
  }

  seal::PrivateKey root_ = SigningKey();
  Publisher harbor_;
  std::string certificate_ = Certify(harbor_.agency.public_key, root_);
};

TEST_F(TrustTest, FirstUseWithARootAndWithout) {
  const auto rooted = Judge(Rooted(), Honest(), kTestNowS);
  ASSERT_TRUE(rooted.has_value()) << ToString(rooted.error());
  EXPECT_TRUE(rooted->first_use);
  EXPECT_TRUE(rooted->certified);
  EXPECT_EQ(rooted->pin.name, "Harbor House");
  EXPECT_EQ(rooted->pin.version, 1);
  EXPECT_EQ(rooted->pin.list_hash, ListHash(harbor_.jws));
  const auto rootless = Judge(Rootless(), {.key_list = harbor_.jws, .certificate = ""}, kTestNowS);
  ASSERT_TRUE(rootless.has_value()) << ToString(rootless.error());
  EXPECT_TRUE(rootless->first_use);
  EXPECT_FALSE(rootless->certified);
}

TEST_F(TrustTest, WhatTheAgencySignsNextIsBelieved) {
  AgencyPin pin = PinNow();
  harbor_.Publish();
  harbor_.Rotate();
  harbor_.Publish();
  const auto verdict = Judge(Rooted(pin), Honest(), kTestNowS);
  ASSERT_TRUE(verdict.has_value()) << ToString(verdict.error());
  EXPECT_TRUE(verdict->epoch_changed);
  EXPECT_FALSE(verdict->first_use);
  EXPECT_EQ(verdict->pin.epoch, 2);
  EXPECT_EQ(verdict->list.epoch_key, harbor_.current.epoch_key.public_key);
  for (size_t i = 0; i < kMaxPastEpochs; ++i) harbor_.Rotate();
  EXPECT_EQ(Reason(Rooted(pin), Honest()), "") << "epoch 1 is out of the list by now";
}

TEST_F(TrustTest, CertificatesThatTheRootDidNotGive) {
  const seal::PrivateKey thief = SigningKey();
  Answer answer = Honest();
  answer.certificate = "";
  EXPECT_EQ(Reason(Rooted(), answer), "CERTIFICATE_MISSING");
  answer.certificate = Certify(harbor_.agency.public_key, thief);
  EXPECT_EQ(Reason(Rooted(), answer), "CERTIFICATE_INVALID");
  answer.certificate = Certify(harbor_.agency.public_key, root_, kTestNowS, kClinic);
  EXPECT_EQ(Reason(Rooted(), answer), "CERTIFICATE_INVALID") << "another agency's";
  answer.certificate = harbor_.jws;
  EXPECT_EQ(Reason(Rooted(), answer), "CERTIFICATE_INVALID") << "another kind of statement";
  answer = Honest();
  EXPECT_EQ(Reason(Rooted(), answer, kTestNowS + kMaxLifeS), "CERTIFICATE_EXPIRED");
  AgencyPin pin = PinNow();
  pin.certified_s += 1;
  EXPECT_EQ(Reason(Rooted(pin), answer), "CERTIFICATE_ROLLBACK");
}

TEST_F(TrustTest, AnotherAgencyKey) {
  const AgencyPin pin = PinNow();
  Publisher thief;  // in Harbor's name
  Answer answer{.key_list = thief.jws, .certificate = certificate_};
  EXPECT_EQ(Reason(Rooted(), answer), "AGENCY_KEY_UNCERTIFIED");
  Known known = Rooted(pin);
  known.accepted_agency_kid = thief.agency.public_key.kid;
  EXPECT_EQ(Reason(known, answer), "AGENCY_KEY_UNCERTIFIED") << "no person can accept that";
  const auto changed = Judge(Rootless(pin), answer, kTestNowS);
  EXPECT_EQ(ReasonOf(changed), "AGENCY_KEY_CHANGED");
  EXPECT_EQ(changed.error().metadata.at("known"), Fingerprint(pin.agency_kid));
  EXPECT_EQ(changed.error().metadata.at("offered"), Fingerprint(thief.agency.public_key.kid));

  // The root has certified a new key: still an event that a person accepts.
  const std::string before = harbor_.jws;
  harbor_.agency = SigningKey();
  KeyList next = NextList(before, harbor_.list, kTestNowS - kDayS);
  next.agency_key = harbor_.agency.public_key;
  answer = {.key_list = *SignKeyList(next, harbor_.agency),
            .certificate = Certify(harbor_.agency.public_key, root_, kTestNowS)};
  EXPECT_EQ(Reason(Rooted(pin), answer), "AGENCY_KEY_CHANGED");
  known = Rooted(pin);
  known.accepted_agency_kid = harbor_.agency.public_key.kid;
  const auto accepted = Judge(known, answer, kTestNowS);
  ASSERT_TRUE(accepted.has_value()) << ToString(accepted.error());
  EXPECT_EQ(accepted->pin.agency_kid, harbor_.agency.public_key.kid);
  // From then on the old certificate is a rollback.
  EXPECT_EQ(Reason(Rooted(accepted->pin), {.key_list = before, .certificate = certificate_}),
            "CERTIFICATE_ROLLBACK");
}

TEST_F(TrustTest, TheNameByWhichAPersonMeansIt) {
  Known known = Rooted();
  known.expected_name = "Harbor House";
  EXPECT_EQ(Reason(known, Honest()), "");
  known.expected_name = "Northside Clinic";
  EXPECT_EQ(Reason(known, Honest()), "AGENCY_NAME_MISMATCH") << "the root calls it otherwise";
  known.expected_name = "harbor house";
  EXPECT_EQ(Reason(known, Honest()), "AGENCY_NAME_MISMATCH");

  known = Rootless();
  known.expected_name = "Northside Clinic";
  const auto first = Judge(known, Honest(), kTestNowS);
  ASSERT_TRUE(first.has_value()) << ToString(first.error());
  EXPECT_EQ(first->pin.name, "Northside Clinic") << "nobody else has named it";
  known = Rootless(first->pin);
  EXPECT_EQ(Reason(known, Honest()), "") << "asked for by its id";
  known.expected_name = "Northside Clinic";
  EXPECT_EQ(Reason(known, Honest()), "");
  known.expected_name = "Harbor House";
  EXPECT_EQ(Reason(known, Honest()), "AGENCY_NAME_MISMATCH") << "it is known by another name";
}

TEST_F(TrustTest, NoAgencyHasTheKeysOfAnother) {
  harbor_.Rotate();
  const Publisher clinic(kClinic);
  Known known = Rootless();
  known.kids_of_others = {clinic.list.signing_key.kid, clinic.list.epoch_key.kid};
  EXPECT_EQ(Reason(known, Honest()), "");
  for (const std::string& kid : AgencyKids(harbor_.list)) {
    known.kids_of_others = {clinic.list.signing_key.kid, kid};
    EXPECT_EQ(Reason(known, Honest()), "KEY_OF_ANOTHER_AGENCY");
  }
  EXPECT_EQ(AgencyKids(harbor_.list).size(), 5U) << "the past too";
  EXPECT_EQ(Judge(Rootless(), Honest(), kTestNowS)->pin.kids, AgencyKids(harbor_.list));
}

TEST_F(TrustTest, ListsThatTheAgencyDidNotMakeSo) {
  Answer answer = Honest();
  answer.key_list = Forge(harbor_.jws, SigningKey(), [](auto&, auto&) {});
  const auto forged = Judge(Rooted(), answer, kTestNowS);
  EXPECT_EQ(ReasonOf(forged), "KEY_LIST_INVALID");
  EXPECT_EQ(CheckOf(forged), "signature");
  answer.key_list = "";
  EXPECT_EQ(Reason(Rooted(), answer), "KEY_LIST_INVALID");
  Publisher clinic(kClinic);
  answer.key_list = clinic.jws;
  const auto other = Judge(Rootless(), answer, kTestNowS);
  EXPECT_EQ(ReasonOf(other), "KEY_LIST_INVALID");
  EXPECT_EQ(CheckOf(other), "agency_id");
  EXPECT_EQ(Reason(Rootless(), Honest(), kTestNowS + kMaxLifeS), "KEY_LIST_EXPIRED");
}

TEST_F(TrustTest, AnOlderOrAnotherHistory) {
  const Answer first = Honest();
  const KeyList first_list = harbor_.list;
  harbor_.Rotate();
  const AgencyPin pin = PinNow();
  EXPECT_EQ(Reason(Rooted(pin), first), "KEY_LIST_ROLLBACK");

  // Signed by the agency itself (or with its stolen key): another second list, another third one.
  KeyList other = NextList(first.key_list, first_list, kTestNowS - kDayS);
  BeginEpoch(other, SealingKey().public_key, SigningKey().public_key, kTestNowS - kDayS);
  Answer fork{.key_list = *SignKeyList(other, harbor_.agency), .certificate = certificate_};
  EXPECT_EQ(Reason(Rooted(pin), fork), "KEY_LIST_FORKED");
  KeyList third = NextList(fork.key_list, other, kTestNowS - kDayS);
  fork.key_list = *SignKeyList(third, harbor_.agency);
  EXPECT_EQ(Reason(Rooted(pin), fork), "KEY_LIST_FORKED");
  // Further on the hash is no longer at hand; the keys of the pinned epoch are.
  KeyList fourth = NextList(fork.key_list, third, kTestNowS - kDayS);
  fork.key_list = *SignKeyList(fourth, harbor_.agency);
  EXPECT_EQ(Reason(Rooted(pin), fork), "EPOCH_KEYS_CHANGED");
  BeginEpoch(fourth, SealingKey().public_key, SigningKey().public_key, kTestNowS - kDayS);
  fork.key_list = *SignKeyList(fourth, harbor_.agency);
  EXPECT_EQ(Reason(Rooted(pin), fork), "EPOCH_KEYS_CHANGED") << "in the past";
  // Back to the first epoch under a higher version.
  KeyList back = first_list;
  back.version = pin.version + 5;
  back.previous = ListHash("whatever");
  fork.key_list = *SignKeyList(back, harbor_.agency);
  EXPECT_EQ(Reason(Rooted(pin), fork), "EPOCH_ROLLBACK");
}

TEST_F(TrustTest, RootsAreFollowedFromThePinnedOneOnly) {
  const seal::PrivateKey second = SigningKey();
  const seal::PrivateKey third = SigningKey();
  const seal::PrivateKey thief = SigningKey();
  const std::string one = MakeRoot(1, root_, root_, "");
  const std::string two = MakeRoot(2, second, root_, root_.public_key.kid);
  const std::string three = MakeRoot(3, third, second, second.public_key.kid);
  const auto first = ReadRoots({one}, kTestNowS);
  ASSERT_TRUE(first.has_value()) << ToString(first.error());
  EXPECT_EQ(first->root, root_.public_key);
  EXPECT_EQ(ReadRoots({one, two, three}, kTestNowS)->root, third.public_key);
  const auto follow = [](const RootPin& pin, const std::vector<std::string>& statements) {
    return FollowRoots(pin, statements, kTestNowS);
  };
  EXPECT_EQ(follow(*first, {one})->number, 1);
  EXPECT_EQ(follow(*first, {one, two, three})->root, third.public_key);
  EXPECT_EQ(follow(*first, {two, three})->root, third.public_key) << "the first is no longer shown";
  const RootPin at_two = *follow(*first, {one, two});
  EXPECT_EQ(follow(at_two, {one, two, three})->number, 3);

  EXPECT_EQ(ReasonOf(follow(*first, {MakeRoot(1, thief, thief, "")})), "ROOT_CHANGED");
  const std::string forged = Forge(two, thief, [&](auto&, auto& payload) {
    payload["root_jwk"] = boost::json::parse(seal::ToJwk(thief.public_key));
  });
  EXPECT_EQ(ReasonOf(follow(*first, {one, forged})), "ROOT_CHANGED");
  EXPECT_EQ(ReasonOf(follow(*first, {one, MakeRoot(2, second, thief, thief.public_key.kid)})),
            "ROOT_CHANGED");
  EXPECT_EQ(ReasonOf(follow(at_two, {MakeRoot(1, root_, root_, ""),
                                     MakeRoot(2, thief, root_, root_.public_key.kid)})),
            "ROOT_CHANGED")
      << "the first root, stolen, signs another second";
  EXPECT_EQ(ReasonOf(follow(at_two, {one})), "ROOT_ROLLBACK");
  EXPECT_EQ(ReasonOf(follow(at_two, {})), "ROOT_ROLLBACK");
  EXPECT_EQ(ReasonOf(follow(at_two, {three, three})), "ROOT_CHANGED");
  EXPECT_EQ(ReasonOf(follow(*first, {one, harbor_.jws})), "ROOT_INVALID");
  EXPECT_EQ(ReasonOf(follow(*first, {MakeRoot(3, third, root_, root_.public_key.kid)})),
            "ROOT_INVALID")
      << "a number is left out";
  EXPECT_EQ(ReasonOf(ReadRoots({}, kTestNowS)), "ROOT_ROLLBACK");
  EXPECT_EQ(ReasonOf(ReadRoots({two}, kTestNowS)), "ROOT_INVALID");

  // A new root means new certificates.
  Known known = Rooted();
  known.root = at_two;
  EXPECT_EQ(Reason(known, Honest()), "CERTIFICATE_INVALID");
}

TEST_F(TrustTest, KeysOfThePastCheckThePastOnly) {
  const std::string old_kid = harbor_.current.signing_key.public_key.kid;
  harbor_.Rotate();
  const KeyList& list = harbor_.list;
  const int64_t until_s = list.past[0].until_s;
  EXPECT_EQ(SenderKey(list, list.signing_key.kid, kTestNowS), list.signing_key);
  EXPECT_EQ(SenderKey(list, old_kid, until_s), list.past[0].signing_key);
  EXPECT_TRUE(SenderKey(list, old_kid, until_s + kSkewS).has_value());
  EXPECT_EQ(ReasonOf(SenderKey(list, old_kid, until_s + kSkewS + 1)), "SENDER_KEY_RETIRED");
  EXPECT_EQ(ReasonOf(SenderKey(list, SigningKey().public_key.kid, 0)), "SENDER_KEY_UNKNOWN");
  EXPECT_EQ(ReasonOf(SenderKey(list, list.epoch_key.kid, 0)), "SENDER_KEY_UNKNOWN");
  EXPECT_EQ(ReasonOf(SenderKey(list, list.agency_key.kid, 0)), "SENDER_KEY_UNKNOWN");
}

}  // namespace
}  // namespace fairlead::keys
