// Who works where and what they may be made: the rules, without storage.
#ifndef SERVICES_IDENTITY_DOMAIN_STAFF_H_
#define SERVICES_IDENTITY_DOMAIN_STAFF_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::identity {

// The numbers are those of fairlead.identity.v1.Role.
enum class Role {
  kCaseworker = 1,
  kHotlineOperator = 2,
  kAgencyAdmin = 3,
  kCoordinator = 4,
  kAuditor = 5,
  kIntegration = 6,
};

struct Staff {
  std::string id;            // UUID
  std::string agency_id;     // UUID
  std::string sign_in_name;  // lower case
  std::string display_name;
  std::set<Role> roles;
  int64_t create_ms = 0;
  int64_t disable_ms = 0;  // 0: works here; else has left and may not sign in
  int64_t version = 1;     // grows with each change
};
// Has not left, and may hand cases on and take them: auth::kCaseStaff, for persons.
bool WorksOnCases(const Staff& staff);

// A colleague to be.
struct Invitation {
  std::string id;
  std::string agency_id;
  std::string display_name;
  std::set<Role> roles;
  std::string inviter_staff_id;  // empty: the first set-up
  bool first_only = false;       // good only while the agency has nobody
  int64_t create_ms = 0;
  int64_t expire_ms = 0;
};
inline constexpr int64_t kInvitationMs = 72LL * 3600 * 1000;
inline constexpr int kMaxOpenInvitations = 100;  // in one agency
inline constexpr int kRecoveryCodes = 10;
// So many always stay: some steps need the words of two.
inline constexpr int kLeastCoordinators = 2;

// What identity keeps of an agency, from directory's events.
struct Agency {
  std::string id;
  std::string name;
  std::string kind;        // "health_provider"
  std::string membership;  // "active"
  int64_t version = 0;     // grows with each change of the agency
  bool operator==(const Agency&) const = default;
};

inline constexpr std::string_view kCoalitionOffice = "coalition_office";
inline constexpr std::string_view kHotline = "hotline";
inline constexpr std::string_view kActive = "active";
// Was a member: its people are out, and nothing is sealed to it any more.
inline bool IsClosed(std::string_view membership) {
  return membership == "suspended" || membership == "departed";
}

// One bit per role (bit number = the role's number), as the store keeps them.
int64_t RolesToMask(const std::set<Role>& roles);
std::set<Role> RolesFromMask(int64_t mask);

// The one who makes or looks at a staff record.
struct Asker {
  std::string agency_id;
  std::set<Role> roles;
};

// How somebody stands to the people of an agency.
enum class Standing {
  kAdmin,        // an administrator of it
  kCoordinator,  // of another: may start it, when it has nobody
};
// Error: NOT_YOUR_AGENCY.
Result<Standing> CheckMayInvite(const Asker& asker, std::string_view agency_id);
// Colleagues, coordinators and auditors. Error: NOT_YOUR_AGENCY.
Result<void> CheckMayListStaff(const Asker& asker, std::string_view agency_id);
// Coordinators and auditors exist only at the coalition office, only a coordinator makes them, and
// nobody is both; hotline operators exist only at a hotline; only an active agency gets staff; no
// person is software.
// Errors: ROLE_NEEDS_COALITION_OFFICE, ROLE_NEEDS_HOTLINE_AGENCY, ROLE_NOT_GRANTABLE,
// ROLES_CONFLICT, AGENCY_NOT_ACTIVE.
Result<void> CheckRolesGrantable(const Asker& asker, const Agency& agency,
                                 const std::set<Role>& roles);
// Whoever watches over the others is changed, sent away or kept out by a coordinator only. `roles`:
// what that person holds, or is invited to. Error: ROLE_NOT_GRANTABLE.
Result<void> CheckMayChange(const Asker& asker, const std::set<Role>& roles);
// An agency that has nobody gets an administrator from a coordinator, and from then on sees to
// itself. Errors: AGENCY_HAS_STAFF, FIRST_STAFF_IS_ADMIN.
Result<void> CheckFirstOfAgency(Standing standing, bool has_staff, const std::set<Role>& roles);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DOMAIN_STAFF_H_
