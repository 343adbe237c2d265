#include "services/consent/domain/signer_rules.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace fairlead::consent {
namespace {

Release Of(Capacity capacity, std::vector<std::string> categories = {"needs"},
           std::vector<std::string> purposes = {"referral"}) {
  Release release;
  release.jurisdiction = "TX";
  release.categories = std::move(categories);
  release.purposes = std::move(purposes);
  release.signature.capacity = capacity;
  release.signature.method = Method::kWritten;
  return release;
}

std::string Said(const Release& release, const SignerRules& rules = {}) {
  const Result<void> checked = CheckSigner(release, rules);
  if (checked) return "may sign";
  EXPECT_EQ(checked.error().code, Code::kFailedPrecondition);
  const auto& metadata = checked.error().metadata;
  std::string said = checked.error().reason;
  for (const char* key : {"why", "jurisdiction", "matter", "age"}) {
    if (metadata.contains(key)) said += " " + metadata.at(key);
  }
  return said;
}

TEST(SignerRulesTest, AnAdultSignsAndNoMinorAsOne) {
  Release release = Of(Capacity::kSelf);
  EXPECT_EQ(Said(release), "may sign");
  release.signature.minor_age = 17;
  EXPECT_EQ(Said(release), "SIGNER_INELIGIBLE minor_age");
  release.signature.minor_age = 0;
  release.signature.minor_cosigned = true;
  EXPECT_EQ(Said(release), "SIGNER_INELIGIBLE minor_age");
  release = Of(Capacity::kSelf);
  release.signature.method = Method::kOral;
  EXPECT_EQ(Said(release), "SIGNER_INELIGIBLE oral");
}

TEST(SignerRulesTest, NoGuardianWhoMayBeTheAbuser) {
  for (const Capacity capacity : {Capacity::kGuardian, Capacity::kCourtGuardian}) {
    Release release = Of(capacity);
    release.signature.minor_cosigned = capacity == Capacity::kGuardian;
    EXPECT_EQ(Said(release), "SIGNER_INELIGIBLE guardian_attestation");
    release.signature.attests_not_the_abuser = true;
    EXPECT_EQ(Said(release), "may sign");
  }
  Release release = Of(Capacity::kCourtGuardian);
  release.signature.attests_not_the_abuser = true;
  release.signature.minor_age = 9;
  EXPECT_EQ(Said(release), "SIGNER_INELIGIBLE minor_age") << "a minor's guardian is another";
}

// Without a word from the operator: together everywhere, alone nowhere.
TEST(SignerRulesTest, WhatIsNotConfiguredIsStrict) {
  Release alone = Of(Capacity::kMinorAlone);
  EXPECT_EQ(Said(alone), "MINOR_AGE_NEEDED");
  alone.signature.minor_age = 17;
  EXPECT_EQ(Said(alone), "MINOR_MAY_NOT_SIGN_ALONE TX victim_services");
  Release beside = Of(Capacity::kGuardian);
  beside.signature.attests_not_the_abuser = true;
  for (const int age : {0, 1, 17}) {
    beside.signature.minor_age = age;
    beside.signature.minor_cosigned = false;
    EXPECT_EQ(Said(beside), "MINOR_COSIGNATURE_NEEDED TX");
    beside.signature.minor_cosigned = true;
    EXPECT_EQ(Said(beside), "may sign");
  }
}

TEST(SignerRulesTest, AloneWhereEveryMatterAllowsIt) {
  SignerRules rules;
  rules.alone[Matter::kVictimServices]["TX"] = 16;
  rules.alone[Matter::kHealth]["TX"] = 14;
  Release release = Of(Capacity::kMinorAlone);
  release.signature.minor_age = 15;
  EXPECT_EQ(Said(release, rules), "MINOR_MAY_NOT_SIGN_ALONE TX victim_services 16");
  release.signature.minor_age = 16;
  EXPECT_EQ(Said(release, rules), "may sign");
  release.jurisdiction = "OK";
  EXPECT_EQ(Said(release, rules), "MINOR_MAY_NOT_SIGN_ALONE OK victim_services");
  release = Of(Capacity::kMinorAlone, {"needs", "health"});
  release.signature.minor_age = 16;
  EXPECT_EQ(Said(release, rules), "MINOR_MAY_NOT_SIGN_ALONE TX mental_health");
  rules.alone[Matter::kMentalHealth]["TX"] = 17;
  EXPECT_EQ(Said(release, rules), "MINOR_MAY_NOT_SIGN_ALONE TX mental_health 17");
  release.signature.minor_age = 17;
  EXPECT_EQ(Said(release, rules), "may sign");
}

TEST(SignerRulesTest, BesideTheGuardianFromAnAgeOn) {
  SignerRules rules;
  rules.cosign["TX"] = 12;
  Release release = Of(Capacity::kGuardian);
  release.signature.attests_not_the_abuser = true;
  EXPECT_EQ(Said(release, rules), "MINOR_AGE_NEEDED");
  release.signature.minor_age = 11;
  EXPECT_EQ(Said(release, rules), "may sign");
  release.signature.minor_age = 12;
  EXPECT_EQ(Said(release, rules), "MINOR_COSIGNATURE_NEEDED TX");
  release.signature.minor_cosigned = true;
  EXPECT_EQ(Said(release, rules), "may sign");
  release.signature.minor_cosigned = false;
  release.signature.minor_age = 11;
  release.jurisdiction = "OK";
  EXPECT_EQ(Said(release, rules), "MINOR_COSIGNATURE_NEEDED OK") << "another state's rule";
}

TEST(SignerRulesTest, MattersOfWhatIsReleased) {
  const auto matters = [](std::vector<std::string> categories, std::vector<std::string> purposes) {
    std::string names;
    const std::vector<Matter> all =
        MattersOf(Of(Capacity::kSelf, std::move(categories), std::move(purposes)));
    for (const Matter matter : all) names += std::string(MatterName(matter)) + " ";
    return names;
  };
  EXPECT_EQ(matters({"needs", "identity"}, {"referral"}), "victim_services ");
  EXPECT_EQ(matters({}, {}), "victim_services ");
  EXPECT_EQ(matters({"health"}, {"treatment"}), "health mental_health ");
  EXPECT_EQ(matters({"substance_use_part2"}, {"treatment"}), "health substance_use ");
  EXPECT_EQ(matters({"immigration"}, {"legal_representation"}), "legal ");
  EXPECT_EQ(matters({"needs"}, {"benefits"}), "victim_services benefits ");
}

// Whatever the table says: who may sign is what the table, read line by line, says; and a signature
// never counts for less with an older minor alone, or with one more signature beside a guardian.
RC_GTEST_PROP(SignerRulesTest, TheTableIsWhatDecides, ()) {
  const std::vector<std::string> states = {"CA", "OK", "TX"};
  const auto ages = [&] {
    SignerRules::AgeByState by_state;
    for (const std::string& state : states) {
      if (*rc::gen::arbitrary<bool>()) by_state[state] = *rc::gen::inRange(1, 19);
    }
    return by_state;
  };
  SignerRules rules;
  for (const Matter matter : kMatters) {
    if (*rc::gen::arbitrary<bool>()) rules.alone[matter] = ages();
  }
  rules.cosign = ages();
  Release release = Of(
      *rc::gen::element(Capacity::kGuardian, Capacity::kMinorAlone),
      *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
          rc::gen::element<std::string>("needs", "health", "legal", "substance_use_part2"))),
      {*rc::gen::element<std::string>("referral", "treatment", "benefits")});
  release.jurisdiction = *rc::gen::elementOf(states);
  Signature& signature = release.signature;
  signature.attests_not_the_abuser = *rc::gen::arbitrary<bool>();
  signature.minor_cosigned = *rc::gen::arbitrary<bool>();
  signature.minor_age = *rc::gen::inRange(0, 18);

  const auto from = [&](const SignerRules::AgeByState& by_state, int otherwise) {
    return by_state.contains(release.jurisdiction) ? by_state.at(release.jurisdiction) : otherwise;
  };
  bool expected = false;
  if (signature.capacity == Capacity::kMinorAlone) {
    const std::vector<Matter> matters = MattersOf(release);
    expected = signature.minor_age > 0 &&
               std::all_of(matters.begin(), matters.end(), [&](Matter matter) {
                 return signature.minor_age >= from(rules.alone[matter], 18);
               });
  } else {
    const bool too_young = signature.minor_age > 0 && signature.minor_age < from(rules.cosign, 1);
    expected = signature.attests_not_the_abuser && (signature.minor_cosigned || too_young);
  }
  RC_ASSERT(CheckSigner(release, rules).has_value() == expected);
  if (!expected) return;
  Release more = release;
  if (signature.capacity == Capacity::kMinorAlone) {
    more.signature.minor_age = 17;
  } else {
    more.signature.minor_cosigned = true;
  }
  RC_ASSERT(CheckSigner(more, rules).has_value());
}

}  // namespace
}  // namespace fairlead::consent
