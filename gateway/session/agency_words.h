// Identity's words for an agency's kind and membership, as the policy table has them. What this
// program does not know opens nothing.
#ifndef GATEWAY_SESSION_AGENCY_WORDS_H_
#define GATEWAY_SESSION_AGENCY_WORDS_H_

#include <algorithm>
#include <array>
#include <string_view>

#include "services/common/auth/actor.h"

namespace fairlead::gateway {

inline auth::AgencyKind KindFromText(std::string_view text) {
  constexpr std::array<std::string_view, 10> kKinds = {"",
                                                       "victim_service_provider",
                                                       "health_provider",
                                                       "part2_program",
                                                       "legal_services",
                                                       "law_enforcement",
                                                       "government",
                                                       "hotline",
                                                       "coalition_office",
                                                       "other"};
  const auto found = std::find(kKinds.begin(), kKinds.end(), text);
  return found == kKinds.end() ? auth::AgencyKind::kUnspecified
                               : static_cast<auth::AgencyKind>(found - kKinds.begin());
}

inline auth::Membership MembershipFromText(std::string_view text) {
  constexpr std::array<std::string_view, 6> kStates = {"",       "applied",   "sponsored",
                                                       "active", "suspended", "departed"};
  const auto found = std::find(kStates.begin(), kStates.end(), text);
  return found == kStates.end() ? auth::Membership::kUnspecified
                                : static_cast<auth::Membership>(found - kStates.begin());
}

}  // namespace fairlead::gateway

#endif  // GATEWAY_SESSION_AGENCY_WORDS_H_
