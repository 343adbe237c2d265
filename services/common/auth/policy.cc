#include "services/common/auth/policy.h"

#include <string>
#include <unordered_map>

#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {
namespace {

const std::vector<PolicyRow>& Rows() {
  static const std::vector<PolicyRow> rows = [] {
    std::vector<PolicyRow> all;
    for (auto part :
         {IdentityRows(),   PasskeyRows(),       KeyRows(),        MachineRows(),  DirectoryRows(),
          CapacityRows(),   ConsentRows(),       ReferralRows(),   HandOffRows(),  AuditRows(),
          OperationsRows(), AssignmentRows(),    QuestionRows(),   FollowUpRows(), RoutingRows(),
          ForwardRows(),    UpkeepRows(),        BreakGlassRows(), HoursRows(),    CustodyRows(),
          SealedNoteRows(), PacketVersionRows(), AttachmentRows(), StagedImportRows(),
          ThreadRows(),     ChannelRows(),       BedCallRows(),    AlertRows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

tl::unexpected<Error> Deny(std::string reason, std::string message) {
  return Fail(Code::kPermissionDenied, std::move(reason), std::move(message));
}

bool HasOneOf(const Actor& actor, const std::set<Role>& roles) {
  return std::ranges::any_of(actor.roles, [&](Role role) {
    return roles.contains(role) && CountsAt(role, actor.agency_kind) && CountsFor(role, actor.kind);
  });
}

bool HoldsAllOf(Relation needed, Relation held) {
  return (static_cast<unsigned>(needed) & ~static_cast<unsigned>(held)) == 0;
}

Verdict DecideOnRecord(const PolicyRow& row, const Actor& actor, const Standing& standing) {
  if (Includes(row.forbidden_relations, standing.relations)) return Verdict::kForbidden;
  Verdict verdict = row.grants.empty() ? Verdict::kAllowed : Verdict::kNotYours;
  for (const Grant& grant : row.grants) {
    if (!HoldsAllOf(grant.relation, standing.relations)) continue;
    // A grant without roles is for whoever may call: one of our services too.
    if (!grant.roles.empty() && !HasOneOf(actor, grant.roles)) continue;
    if (grant.states.empty() || grant.states.contains(standing.state)) {
      verdict = Verdict::kAllowed;
      break;
    }
    verdict = Verdict::kWrongState;
  }
  if (verdict != Verdict::kAllowed) return verdict;
  if (row.needs_release && !standing.release_in_force) return Verdict::kReleaseNeeded;
  return Verdict::kAllowed;
}

Result<void> AuthoriseMember(const PolicyRow& row, const Actor& actor) {
  if (row.forbidden_kinds.contains(actor.agency_kind)) {
    return Deny("AGENCY_KIND_NOT_ALLOWED", "This is not open to agencies of your kind.");
  }
  if (!row.memberships.contains(actor.membership)) {
    return Deny("AGENCY_NOT_ACTIVE", "Your agency is not an active member of the coalition.");
  }
  if (!HasOneOf(actor, row.roles))
    return Deny("ROLE_NOT_ALLOWED", "This is not open to your role.");
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
    case ActorKind::kMachine:
      return AuthoriseMember(*row, actor);
  }
  return Deny("NO_POLICY", "This is open to nobody.");
}

Verdict Decide(const PolicyRow* row, const Actor& actor, const Standing& standing,
               std::string_view calling_service) {
  if (!Authorise(row, actor, calling_service)) return Verdict::kNotForCaller;
  return DecideOnRecord(*row, actor, standing);
}

bool CountsFor(Role role, ActorKind caller) {
  return (role == Role::kIntegration) == (caller == ActorKind::kMachine);
}

bool CountsAt(Role role, AgencyKind kind) {
  return kind == AgencyKind::kCoalitionOffice ||
         (role != Role::kCoordinator && role != Role::kAuditor);
}

}  // namespace fairlead::auth
