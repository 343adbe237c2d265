#include "services/common/auth/policy.h"

#include <string>
#include <unordered_map>

namespace fairlead::auth {
namespace {

using enum Role;

// Whoever hands cases on and takes them.
const std::set<Role> kCaseStaff = {kCaseworker, kHotlineOperator, kAgencyAdmin};
// The same and the agency's own software. It moves referrals along; it neither opens a packet nor
// records what a client has signed: those are acts of a person.
const std::set<Role> kCaseStaffAndSoftware = {kCaseworker, kHotlineOperator, kAgencyAdmin,
                                              kIntegration};
const std::set<Role> kEveryone = {kCaseworker,  kHotlineOperator, kAgencyAdmin,
                                  kCoordinator, kAuditor,         kIntegration};
const std::set<Membership> kAnyMembership = {Membership::kApplied, Membership::kSponsored,
                                             Membership::kActive, Membership::kSuspended,
                                             Membership::kDeparted};
// Law enforcement sees what is released to it item by item, and never a list of what others do.
const std::set<AgencyKind> kBehindTheWall = {AgencyKind::kLawEnforcement};

std::vector<PolicyRow> IdentityRows() {
  return {
      // First run: there is nobody yet who could be signed in; the set-up code is the proof.
      {.method = "/fairlead.identity.v1.IdentityService/SetUp", .anonymous = true},
      {.method = "/fairlead.identity.v1.IdentityService/SignIn", .anonymous = true},
      // Whatever became of the agency, one may look at one's session and end it.
      {.method = "/fairlead.identity.v1.IdentityService/SignOut",
       .roles = kEveryone,
       .memberships = kAnyMembership},
      {.method = "/fairlead.identity.v1.IdentityService/GetMe",
       .roles = kEveryone,
       .memberships = kAnyMembership},
      // The gateway turns a session token into an actor.
      {.method = "/fairlead.identity.v1.IdentityService/CheckSession",
       .services_only = true,
       .services = {kGateway}},
      // Administrators for their own agency, coordinators for any (the command checks).
      {.method = "/fairlead.identity.v1.IdentityService/CreateStaff",
       .roles = {kAgencyAdmin, kCoordinator}},
      {.method = "/fairlead.identity.v1.IdentityService/ListStaff",
       .roles = {kAgencyAdmin, kCoordinator}},
      {.method = "/fairlead.identity.v1.IdentityService/PublishAgencyKeys",
       .roles = {kAgencyAdmin}},
      // Public halves: whoever seals a packet or checks a signature needs them.
      {.method = "/fairlead.identity.v1.IdentityService/GetAgencyKeys",
       .services = {kReferral, kConsent},
       .roles = kEveryone},
  };
}

std::vector<PolicyRow> DirectoryRows() {
  return {
      // Identity makes the coalition office during first set-up, when nobody is signed in.
      {.method = "/fairlead.directory.v1.DirectoryService/CreateAgency",
       .services = {kIdentity},
       .roles = {kCoordinator}},
      // Name, kind and membership of one agency. Open behind the wall too: a packet's sender must
      // have a name. Services ask it about the two ends of a referral and at sign-in.
      {.method = "/fairlead.directory.v1.DirectoryService/GetAgency",
       .services = {kIdentity, kReferral, kConsent, kGateway},
       .roles = kEveryone},
      {.method = "/fairlead.directory.v1.DirectoryService/ListAgencies",
       .roles = kEveryone,
       .forbidden_kinds = kBehindTheWall},
      {.method = "/fairlead.directory.v1.DirectoryService/ImportListings",
       .roles = {kAgencyAdmin, kCoordinator, kIntegration}},
      {.method = "/fairlead.directory.v1.DirectoryService/SearchServices",
       .roles = kEveryone,
       .forbidden_kinds = kBehindTheWall},
      {.method = "/fairlead.directory.v1.DirectoryService/GetService",
       .services = {kReferral},
       .roles = kEveryone,
       .forbidden_kinds = kBehindTheWall},
      // A list of codes: the same for everybody.
      {.method = "/fairlead.directory.v1.DirectoryService/ListNeeds",
       .services = {kReferral, kGateway},
       .roles = kEveryone},
  };
}

std::vector<PolicyRow> ConsentRows() {
  return {
      {.method = "/fairlead.consent.v1.ConsentService/CreateRelease", .roles = kCaseStaff},
      {.method = "/fairlead.consent.v1.ConsentService/SignRelease", .roles = kCaseStaff},
      // A client may take consent back also when the agency that holds it is suspended.
      {.method = "/fairlead.consent.v1.ConsentService/RevokeRelease",
       .roles = kCaseStaff,
       .memberships = {Membership::kActive, Membership::kSuspended}},
      {.method = "/fairlead.consent.v1.ConsentService/GetRelease",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.consent.v1.ConsentService/ListReleases",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.consent.v1.ConsentService/ListDisclosures",
       .roles = {kCaseworker, kAgencyAdmin}},
      // The two keys of the two-key rule: never within reach of a person's own call. Behind them
      // stands the person who sends, or opens.
      {.method = "/fairlead.consent.v1.ConsentService/IssueCustodyKeys",
       .services_only = true,
       .services = {kReferral},
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.consent.v1.ConsentService/ReleaseCustodyKey",
       .services_only = true,
       .services = {kReferral},
       .roles = kCaseStaff},
  };
}

// A coordinator or auditor has no relation to any referral of another agency, so none of these
// shows them one; their own views come with the reporting and audit services.
std::vector<PolicyRow> ReferralRows() {
  return {
      {.method = "/fairlead.referral.v1.ReferralService/CreateReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/SendReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/GetReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/ListReferrals",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/OpenPacket", .roles = kCaseStaff},
      {.method = "/fairlead.referral.v1.ReferralService/AcceptOffer",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/DeclineOffer",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/StartService",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/CompleteReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/CancelReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/GetTimeline",
       .roles = kCaseStaffAndSoftware},
  };
}

const std::vector<PolicyRow>& Rows() {
  static const std::vector<PolicyRow> rows = [] {
    std::vector<PolicyRow> all;
    for (auto part : {IdentityRows(), DirectoryRows(), ConsentRows(), ReferralRows()}) {
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
  const bool has_role = std::ranges::any_of(
      actor.roles, [&row](Role role) { return row.roles.contains(role); });
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

Result<void> Authorise(const PolicyRow* row, const Actor& actor,
                       std::string_view calling_service) {
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
