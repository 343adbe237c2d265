#include "services/identity/domain/staff.h"

namespace fairlead::identity {
namespace {

tl::unexpected<Error> NotYourAgency() {
  return Fail(Code::kPermissionDenied, "NOT_YOUR_AGENCY",
              "Only a coordinator acts for another agency.");
}

bool WatchOver(const std::set<Role>& roles) {
  return roles.contains(Role::kCoordinator) || roles.contains(Role::kAuditor);
}

}  // namespace

bool WorksOnCases(const Staff& staff) {
  if (staff.disable_ms != 0) return false;
  return staff.roles.contains(Role::kCaseworker) || staff.roles.contains(Role::kHotlineOperator) ||
         staff.roles.contains(Role::kAgencyAdmin);
}

int64_t RolesToMask(const std::set<Role>& roles) {
  int64_t mask = 0;
  for (const Role role : roles) mask |= int64_t{1} << static_cast<int>(role);
  return mask;
}

std::set<Role> RolesFromMask(int64_t mask) {
  std::set<Role> roles;
  for (int bit = static_cast<int>(Role::kCaseworker); bit <= static_cast<int>(Role::kIntegration);
       ++bit) {
    if ((mask >> bit & 1) != 0) roles.insert(static_cast<Role>(bit));
  }
  return roles;
}

Result<Standing> CheckMayInvite(const Asker& asker, std::string_view agency_id) {
  if (asker.roles.contains(Role::kAgencyAdmin) && asker.agency_id == agency_id) {
    return Standing::kAdmin;
  }
  if (asker.roles.contains(Role::kCoordinator) && asker.agency_id != agency_id) {
    return Standing::kCoordinator;
  }
  return NotYourAgency();
}

Result<void> CheckMayListStaff(const Asker& asker, std::string_view agency_id) {
  if (asker.roles.contains(Role::kAuditor)) return {};
  if (asker.roles.contains(Role::kCoordinator)) return {};
  // Colleagues know each other.
  if (!asker.agency_id.empty() && asker.agency_id == agency_id) return {};
  return NotYourAgency();
}

Result<void> CheckRolesGrantable(const Asker& asker, const Agency& agency,
                                 const std::set<Role>& roles) {
  if (agency.membership != kActive) {
    return Fail(Code::kFailedPrecondition, "AGENCY_NOT_ACTIVE",
                "The agency is not an active member of the coalition.");
  }
  if (roles.contains(Role::kCoordinator) && roles.contains(Role::kAuditor)) {
    return Fail(Code::kFailedPrecondition, "ROLES_CONFLICT",
                "Nobody both coordinates and audits: one looks at what the other did.");
  }
  if (roles.contains(Role::kIntegration)) {
    return Fail(Code::kFailedPrecondition, "ROLE_NOT_GRANTABLE",
                "Software is a machine client, and no person.");
  }
  if (roles.contains(Role::kHotlineOperator) && agency.kind != kHotline) {
    return Fail(Code::kFailedPrecondition, "ROLE_NEEDS_HOTLINE_AGENCY",
                "Hotline operators belong to a hotline.");
  }
  if (!WatchOver(roles)) return {};
  FAIRLEAD_RETURN_IF_ERROR(CheckMayChange(asker, roles));
  if (agency.kind != kCoalitionOffice) {
    return Fail(Code::kFailedPrecondition, "ROLE_NEEDS_COALITION_OFFICE",
                "Coordinators and auditors belong to the coalition office.");
  }
  return {};
}

Result<void> CheckMayChange(const Asker& asker, const std::set<Role>& roles) {
  if (!WatchOver(roles) || asker.roles.contains(Role::kCoordinator)) return {};
  return Fail(Code::kPermissionDenied, "ROLE_NOT_GRANTABLE",
              "Only a coordinator makes or changes coordinators and auditors.");
}

Result<void> CheckFirstOfAgency(Standing standing, bool has_staff, const std::set<Role>& roles) {
  if (standing == Standing::kAdmin) return {};
  if (has_staff) {
    return Fail(Code::kFailedPrecondition, "AGENCY_HAS_STAFF",
                "The agency has people: its own administrators invite others.");
  }
  if (!roles.contains(Role::kAgencyAdmin)) {
    return Fail(Code::kFailedPrecondition, "FIRST_STAFF_IS_ADMIN",
                "An agency's first person is its administrator.");
  }
  return {};
}

}  // namespace fairlead::identity
