// The words that the policy table's values have outside C++: in cases and in Cedar.
#ifndef TESTS_AUTHORITY_WORDS_H_
#define TESTS_AUTHORITY_WORDS_H_

#include <string_view>

#include "services/common/auth/policy.h"

namespace fairlead::authority {

inline constexpr auth::Role kRoles[] = {auth::Role::kCaseworker,  auth::Role::kHotlineOperator,
                                        auth::Role::kAgencyAdmin, auth::Role::kCoordinator,
                                        auth::Role::kAuditor,     auth::Role::kIntegration};
inline constexpr std::string_view kServices[] = {
    "",         auth::kIdentity, auth::kDirectory, auth::kConsent, auth::kReferral, auth::kGateway,
    auth::kHub, auth::kAudit};
inline constexpr int kKinds = 10;          // AgencyKind, from 0
inline constexpr int kMemberships = 6;     // Membership, from 0
inline constexpr int kAssurances = 4;      // from 0
inline constexpr int kStates = 5;          // RecordState, from 0
inline constexpr unsigned kRelations = 5;  // bits of Relation

// "AcceptOffer" of "/fairlead.referral.v1.ReferralService/AcceptOffer".
inline std::string_view VerbOf(std::string_view method) {
  return method.substr(method.rfind('/') + 1);
}

}  // namespace fairlead::authority

#endif  // TESTS_AUTHORITY_WORDS_H_
