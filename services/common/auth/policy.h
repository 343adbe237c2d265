// The policy table: which verb is open to whom. Deny by default; an RPC without a row stops the
// process at start-up. A role grants verbs, never data: the relation to the record (sender,
// recipient, own agency) is checked by the command, inside its transaction.
#ifndef SERVICES_COMMON_AUTH_POLICY_H_
#define SERVICES_COMMON_AUTH_POLICY_H_

#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "services/common/auth/actor.h"
#include "services/common/base/result.h"

namespace fairlead::auth {

struct PolicyRow {
  std::string_view method;      // "/fairlead.referral.v1.ReferralService/SendReferral"
  bool anonymous = false;       // open without a sign-in
  bool services_only = false;   // our own services, never people
  std::set<Role> roles;         // any of these
  std::set<Membership> memberships = {Membership::kActive};
  std::set<AgencyKind> forbidden_kinds;  // forbid beats allow
  int least_assurance = 1;
};

// All rows of the hub; one per RPC. The only place that grants anything.
std::span<const PolicyRow> PolicyTable();
// nullptr when there is none.
const PolicyRow* FindPolicy(std::string_view method);

// Errors: UNAUTHENTICATED SIGN_IN_REQUIRED; PERMISSION_DENIED with reason ROLE_NOT_ALLOWED,
// AGENCY_NOT_ACTIVE, AGENCY_KIND_NOT_ALLOWED, SERVICES_ONLY, STEP_UP_REQUIRED, NO_POLICY.
Result<void> Authorise(const PolicyRow* row, const Actor& actor);

}  // namespace fairlead::auth

#endif  // SERVICES_COMMON_AUTH_POLICY_H_
