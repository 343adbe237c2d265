#include "services/consent/domain/signer_rules.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

namespace fairlead::consent {
namespace {

// What a category or a purpose of a release touches. All others: the services to a victim as such.
struct Touches {
  std::string_view code;
  Matter matter;
};
constexpr std::array kTouches = {
    Touches{"health", Matter::kHealth},
    Touches{"health", Matter::kMentalHealth},
    Touches{"treatment", Matter::kHealth},
    Touches{"substance_use_part2", Matter::kSubstanceUse},
    Touches{"legal", Matter::kLegal},
    Touches{"immigration", Matter::kLegal},
    Touches{"legal_representation", Matter::kLegal},
    Touches{"benefits", Matter::kBenefits},
};

tl::unexpected<Error> SignerRefused(std::string why, std::string message) {
  return Fail(Code::kFailedPrecondition, "SIGNER_INELIGIBLE", std::move(message),
              {{"why", std::move(why)}});
}

tl::unexpected<Error> MinorAgeNeeded() {
  return Fail(Code::kFailedPrecondition, "MINOR_AGE_NEEDED",
              "Whether a minor may sign so depends on the age: say how old the minor is.");
}

std::optional<int> AgeIn(const SignerRules::AgeByState& ages, const std::string& state) {
  const auto found = ages.find(state);
  return found == ages.end() ? std::nullopt : std::optional<int>(found->second);
}

constexpr int kAtNoAge = std::numeric_limits<int>::max();

Result<void> CheckMinorAlone(const Release& release, const SignerRules& rules) {
  const int age = release.signature.minor_age;
  if (age <= 0) return MinorAgeNeeded();
  for (const Matter matter : MattersOf(release)) {
    const auto ages = rules.alone.find(matter);
    const int from = ages == rules.alone.end()
                         ? kAtNoAge
                         : AgeIn(ages->second, release.jurisdiction).value_or(kAtNoAge);
    if (age >= from) continue;
    std::map<std::string, std::string> metadata = {{"jurisdiction", release.jurisdiction},
                                                   {"matter", std::string(MatterName(matter))}};
    if (from != kAtNoAge) metadata["age"] = std::to_string(from);
    return Fail(Code::kFailedPrecondition, "MINOR_MAY_NOT_SIGN_ALONE",
                "By the rules that this hub has for " + release.jurisdiction +
                    " a minor of this age may not sign alone for this: a guardian signs too.",
                std::move(metadata));
  }
  return {};
}

Result<void> CheckMinorBeside(const Release& release, const SignerRules& rules) {
  if (release.signature.minor_cosigned) return {};
  const std::optional<int> from = AgeIn(rules.cosign, release.jurisdiction);
  const int age = release.signature.minor_age;
  if (from && age <= 0) return MinorAgeNeeded();
  if (from && age < *from) return {};
  return Fail(Code::kFailedPrecondition, "MINOR_COSIGNATURE_NEEDED",
              "By the rules that this hub has for " + release.jurisdiction +
                  " the minor signs beside the guardian.",
              {{"jurisdiction", release.jurisdiction}});
}

}  // namespace

std::string_view MatterName(Matter matter) {
  switch (matter) {
    case Matter::kVictimServices:
      return "victim_services";
    case Matter::kHealth:
      return "health";
    case Matter::kMentalHealth:
      return "mental_health";
    case Matter::kSubstanceUse:
      return "substance_use";
    case Matter::kLegal:
      return "legal";
    case Matter::kBenefits:
      return "benefits";
  }
  return "unknown";
}

std::vector<Matter> MattersOf(const Release& release) {
  std::set<Matter> matters;
  for (const auto* codes : {&release.categories, &release.purposes}) {
    for (const std::string& code : *codes) {
      bool special = false;
      for (const Touches& touches : kTouches) {
        if (touches.code != code) continue;
        matters.insert(touches.matter);
        special = true;
      }
      if (!special) matters.insert(Matter::kVictimServices);
    }
  }
  if (matters.empty()) matters.insert(Matter::kVictimServices);
  return {matters.begin(), matters.end()};
}

Result<void> CheckSigner(const Release& release, const SignerRules& rules) {
  const Signature& signature = release.signature;
  if (signature.method == Method::kOral) {
    return SignerRefused("oral", "Oral consent is for withdrawal only: a release must be written.");
  }
  const bool of_a_minor = signature.minor_age > 0 || signature.minor_cosigned;
  const bool guardian =
      signature.capacity == Capacity::kGuardian || signature.capacity == Capacity::kCourtGuardian;
  if (guardian && !signature.attests_not_the_abuser) {
    return SignerRefused("guardian_attestation",
                         "A guardian must attest not to be the abuser of the person.");
  }
  switch (signature.capacity) {
    case Capacity::kUnspecified:
      return {};
    case Capacity::kSelf:
    case Capacity::kCourtGuardian:
      if (!of_a_minor) return {};
      return SignerRefused("minor_age",
                           "So an adult signs, or the guardian of one: a minor signs "
                           "alone, or with a guardian.");
    case Capacity::kGuardian:
      return CheckMinorBeside(release, rules);
    case Capacity::kMinorAlone:
      return CheckMinorAlone(release, rules);
  }
  return SignerRefused("capacity", "Nobody signs in this capacity.");
}

}  // namespace fairlead::consent
