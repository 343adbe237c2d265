// The policy table: which verb is open to whom. Deny by default; an RPC without a row stops the
// process at start-up. A role grants verbs, never data: the relation to the record (sender,
// recipient, own agency) is checked by the command, inside its transaction.
//
//   Result<void> allowed = Authorise(FindPolicy(method), caller.actor, caller.calling_service);
#ifndef SERVICES_COMMON_AUTH_POLICY_H_
#define SERVICES_COMMON_AUTH_POLICY_H_

#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "services/common/auth/actor.h"
#include "services/common/base/result.h"

namespace fairlead::auth {

// Names of our own services, as they say them when they call.
inline constexpr std::string_view kIdentity = "identity";
inline constexpr std::string_view kDirectory = "directory";
inline constexpr std::string_view kConsent = "consent";
inline constexpr std::string_view kReferral = "referral";
inline constexpr std::string_view kGateway = "gateway";
inline constexpr std::string_view kHub = "hub";
inline constexpr std::string_view kAudit = "audit";

// Actor::assurance.
inline constexpr int kSignedIn = 2;      // two factors, or a passkey
inline constexpr int kProvenLately = 3;  // the same, within the last 10 min: step-up

struct PolicyRow {
  std::string_view method;      // "/fairlead.referral.v1.ReferralService/SendReferral"
  bool anonymous = false;       // open without a sign-in
  // Only through one of our own services (`services` says which). With `roles` given, a person
  // must stand behind the call, for whom roles, memberships and kinds hold as ever.
  bool services_only = false;
  // Which of our services may call it. For a services_only row: at all. For any other row: for
  // themselves, with no person behind the call (first set-up, background work); on behalf of a
  // person every service may call what the person may.
  std::set<std::string_view> services = {};
  std::set<Role> roles = {};    // any of these; none: no person
  std::set<Membership> memberships = {Membership::kActive};
  std::set<AgencyKind> forbidden_kinds = {};  // forbid beats allow
  int least_assurance = 1;
};

// All rows of the hub; one per RPC. The only place that grants anything.
std::span<const PolicyRow> PolicyTable();
// nullptr when there is none.
const PolicyRow* FindPolicy(std::string_view method);

// May this actor, through this service of ours (empty: the person's own call), call the method?
// Errors: UNAUTHENTICATED SIGN_IN_REQUIRED; PERMISSION_DENIED with reason ROLE_NOT_ALLOWED,
// AGENCY_NOT_ACTIVE, AGENCY_KIND_NOT_ALLOWED, SERVICES_ONLY, STEP_UP_REQUIRED, NO_POLICY.
Result<void> Authorise(const PolicyRow* row, const Actor& actor,
                       std::string_view calling_service = {});

}  // namespace fairlead::auth

#endif  // SERVICES_COMMON_AUTH_POLICY_H_
