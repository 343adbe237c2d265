#include "services/identity/domain/staff.h"

namespace fairlead::identity {
namespace {

tl::unexpected<Error> NotYourAgency() {
  return Fail(Code::kPermissionDenied, "NOT_YOUR_AGENCY",
              "Only a coordinator acts for another agency.");
}

}  // namespace

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

Result<void> CheckMayCreateStaff(const Asker& asker, std::string_view agency_id) {
  if (asker.roles.contains(Role::kCoordinator)) return {};
  if (asker.roles.contains(Role::kAgencyAdmin) && asker.agency_id == agency_id) return {};
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
  if (agency.membership == kDeparted) {
    return Fail(Code::kFailedPrecondition, "AGENCY_DEPARTED", "The agency has left the coalition.");
  }
  if (!roles.contains(Role::kCoordinator) && !roles.contains(Role::kAuditor)) return {};
  if (!asker.roles.contains(Role::kCoordinator)) {
    return Fail(Code::kPermissionDenied, "ROLE_NOT_GRANTABLE",
                "Only a coordinator makes coordinators and auditors.");
  }
  if (agency.kind != kCoalitionOffice) {
    return Fail(Code::kFailedPrecondition, "ROLE_NEEDS_COALITION_OFFICE",
                "Coordinators and auditors belong to the coalition office.");
  }
  return {};
}

}  // namespace fairlead::identity
