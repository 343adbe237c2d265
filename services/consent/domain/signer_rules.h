// Who may sign a release: the person; a guardian who is not the abuser, together with the minor; a
// minor alone where the configured law allows it. What the law of a state says is the operator's to
// configure, with counsel; what is not configured is strict (docs/decisions/0045-who-may-sign.md).
#ifndef SERVICES_CONSENT_DOMAIN_SIGNER_RULES_H_
#define SERVICES_CONSENT_DOMAIN_SIGNER_RULES_H_

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/consent/domain/release.h"

namespace fairlead::consent {

// What a release touches, as far as laws about minors tell it apart.
enum class Matter { kVictimServices, kHealth, kMentalHealth, kSubstanceUse, kLegal, kBenefits };
inline constexpr std::array kMatters = {Matter::kVictimServices, Matter::kHealth,
                                        Matter::kMentalHealth,   Matter::kSubstanceUse,
                                        Matter::kLegal,          Matter::kBenefits};
std::string_view MatterName(Matter matter);  // "mental_health"

// The table: an age in years for a state's two letters. A state that is not in it keeps the strict
// rule.
struct SignerRules {
  using AgeByState = std::map<std::string, int, std::less<>>;
  std::map<Matter, AgeByState> alone = {};  // from here on a minor may sign alone; not in it: never
  AgeByState cosign = {};  // from here on a minor signs beside the guardian; not in it: always
};

// Every matter that its categories and purposes touch, in the order of kMatters; never none. Health
// data may be of mental health too: nobody at the hub can see which, so it is both.
std::vector<Matter> MattersOf(const Release& release);

// May whoever signed it sign it, by the law of its jurisdiction? Looked at when it is signed and at
// every use. Errors, FAILED_PRECONDITION: SIGNER_INELIGIBLE (metadata `why`: oral,
// guardian_attestation, minor_age, capacity), MINOR_AGE_NEEDED, MINOR_MAY_NOT_SIGN_ALONE (metadata
// jurisdiction, matter and, where there is one, age), MINOR_COSIGNATURE_NEEDED (metadata
// jurisdiction). A signature without a capacity is not this function's: MissingElements names it.
Result<void> CheckSigner(const Release& release, const SignerRules& rules);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_DOMAIN_SIGNER_RULES_H_
