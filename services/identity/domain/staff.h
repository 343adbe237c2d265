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
};

// What identity keeps of an agency, from directory's events.
struct Agency {
  std::string id;
  std::string name;
  std::string kind;        // "health_provider"
  std::string membership;  // "active"
  bool operator==(const Agency&) const = default;
};

inline constexpr std::string_view kCoalitionOffice = "coalition_office";
inline constexpr std::string_view kDeparted = "departed";

// One bit per role (bit number = the role's number), as the store keeps them.
int64_t RolesToMask(const std::set<Role>& roles);
std::set<Role> RolesFromMask(int64_t mask);

// The one who makes or looks at a staff record.
struct Asker {
  std::string agency_id;
  std::set<Role> roles;
};

// An administrator: the own agency. A coordinator: any. Error: NOT_YOUR_AGENCY.
Result<void> CheckMayCreateStaff(const Asker& asker, std::string_view agency_id);
// The same, and an auditor may look at any.
Result<void> CheckMayListStaff(const Asker& asker, std::string_view agency_id);
// Coordinators and auditors exist only at the coalition office, and only a coordinator makes them;
// a departed agency gets no staff. Errors: ROLE_NEEDS_COALITION_OFFICE, ROLE_NOT_GRANTABLE,
// AGENCY_DEPARTED.
Result<void> CheckRolesGrantable(const Asker& asker, const Agency& agency,
                                 const std::set<Role>& roles);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DOMAIN_STAFF_H_
