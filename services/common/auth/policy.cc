#include "services/common/auth/policy.h"

#include <string>
#include <unordered_map>

#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {
namespace {

const std::vector<PolicyRow>& Rows() {
  static const std::vector<PolicyRow> rows = [] {
    std::vector<PolicyRow> all;
    for (auto part : {IdentityRows(), MachineClientRows(), PasskeyRows(), KeyRows(),
                      DirectoryRows(), ConsentRows(), ReferralRows(), AuditRows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

tl::unexpected<Error> Deny(std::string reason, std::string message) {
  return Fail(Code::kPermissionDenied, std::move(reason), std::move(message));
}

Result<void> AuthoriseStaff(const PolicyRow& row, const Actor& actor) {
  if (row.forbidden_kinds.contains(actor.agency_kind)) {
    return Deny("AGENCY_KIND_NOT_ALLOWED", "This is not open to agencies of your kind.");
  }
  if (!row.memberships.contains(actor.membership)) {
    return Deny("AGENCY_NOT_ACTIVE", "Your agency is not an active member of the coalition.");
  }
  const bool has_role =
      std::ranges::any_of(actor.roles, [&row](Role role) { return row.roles.contains(role); });
  if (!has_role) return Deny("ROLE_NOT_ALLOWED", "This is not open to your role.");
  if (actor.assurance < row.least_assurance) {
    return Deny("STEP_UP_REQUIRED", "Sign in again, more strongly, to do this.");
  }
  return {};
}

}  // namespace

std::span<const PolicyRow> PolicyTable() { return Rows(); }

const PolicyRow* FindPolicy(std::string_view method) {
  static const std::unordered_map<std::string_view, const PolicyRow*> by_method = [] {
    std::unordered_map<std::string_view, const PolicyRow*> map;
    for (const PolicyRow& row : Rows()) map.emplace(row.method, &row);
    return map;
  }();
  const auto found = by_method.find(method);
  return found == by_method.end() ? nullptr : found->second;
}

Result<void> Authorise(const PolicyRow* row, const Actor& actor, std::string_view calling_service) {
  if (row == nullptr) return Deny("NO_POLICY", "This is open to nobody.");
  if (row->services_only && !row->services.contains(calling_service)) {
    return Deny("SERVICES_ONLY", "This is for the hub's own services.");
  }
  // A service that has only a token in hand (the gateway, checking it) calls for nobody yet.
  if (row->anonymous || (row->services_only && row->roles.empty())) return {};
  switch (actor.kind) {
    case ActorKind::kAnonymous:
      return Fail(Code::kUnauthenticated, "SIGN_IN_REQUIRED", "Sign in first.");
    case ActorKind::kService:
      // Behind such a row's service there must stand a person with one of these roles.
      if (row->services_only) return Deny("ROLE_NOT_ALLOWED", "This needs a person's own call.");
      // Acting for itself: the name must be proven, not only claimed by the actor.
      if (actor.staff_id == calling_service && row->services.contains(actor.staff_id)) return {};
      return Deny("SERVICES_ONLY", "This service may not call this for itself.");
    case ActorKind::kStaff:
      return AuthoriseStaff(*row, actor);
  }
  return Deny("NO_POLICY", "This is open to nobody.");
}

}  // namespace fairlead::auth
