#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {

using enum Role;
using enum Relation;

std::vector<PolicyRow> ConsentRows() {
  return {
      {.method = "/fairlead.consent.v1.ConsentService/CreateRelease", .roles = kCaseStaff},
      {.method = "/fairlead.consent.v1.ConsentService/SignRelease",
       .roles = kCaseStaff,
       .grants = {{kDiscloser}}},
      // A client may take consent back also when the agency that holds it is suspended.
      {.method = "/fairlead.consent.v1.ConsentService/RevokeRelease",
       .roles = kCaseStaff,
       .memberships = {Membership::kActive, Membership::kSuspended},
       .grants = {{kDiscloser}}},
      {.method = "/fairlead.consent.v1.ConsentService/ConfirmWithdrawal",
       .roles = kCaseStaff,
       .memberships = {Membership::kActive, Membership::kSuspended},
       .grants = {{kDiscloser}}},
      {.method = "/fairlead.consent.v1.ConsentService/EnterReleaseInError",
       .roles = kCaseStaff,
       .memberships = {Membership::kActive, Membership::kSuspended},
       .grants = {{kDiscloser}}},
      // Nor does a suspension free anybody from destroying what was taken back.
      {.method = "/fairlead.consent.v1.ConsentService/ListDestroyNotices",
       .roles = kCaseStaff,
       .memberships = {Membership::kActive, Membership::kSuspended}},
      {.method = "/fairlead.consent.v1.ConsentService/AcknowledgeDestruction",
       .roles = kCaseStaff,
       .memberships = {Membership::kActive, Membership::kSuspended},
       .grants = {{kRecipient}}},
      {.method = "/fairlead.consent.v1.ConsentService/GetRelease",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kDiscloser}, {kRecipient}}},
      {.method = "/fairlead.consent.v1.ConsentService/ListReleases",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.consent.v1.ConsentService/ListDisclosures",
       .roles = {kCaseworker, kAgencyAdmin}},
  };
}

// The two keys of the two-key rule: never within reach of a person's own call. Behind them stands
// the person who sends, or opens.
std::vector<PolicyRow> CustodyRows() {
  return {
      {.method = "/fairlead.consent.v1.ConsentService/IssueCustodyKeys",
       .services_only = true,
       .services = {kReferral},
       .roles = kCaseStaffAndSoftware,
       .grants = {{kDiscloser}},
       .needs_release = true},
      {.method = "/fairlead.consent.v1.ConsentService/ReleaseCustodyKey",
       .services_only = true,
       .services = {kReferral},
       .roles = kCaseStaff,
       .grants = {{kDiscloser}, {kRecipient}},
       .needs_release = true},
      {.method = "/fairlead.consent.v1.ConsentService/RenewCustodyKey",
       .services_only = true,
       .services = {kReferral},
       .roles = kCaseStaff,
       .grants = {{kDiscloser}, {kRecipient}},
       .needs_release = true},
      {.method = "/fairlead.consent.v1.CustodyCheckService/CheckCustody",
       .services_only = true,
       .services = {kReferral},
       .roles = kCaseStaff,
       .grants = {{kDiscloser}, {kRecipient}},
       .needs_release = true},
      // Of a sealed note either of the two agencies writes: a person does.
      {.method = "/fairlead.consent.v1.NoteKeyService/IssueNoteKeys",
       .services_only = true,
       .services = {kReferral},
       .roles = kCaseStaff,
       .grants = {{kDiscloser}, {kRecipient}},
       .needs_release = true},
      // Background work: what retention or a match that fell through has destroyed.
      {.method = "/fairlead.consent.v1.ConsentService/DestroyCustodyKeys",
       .services_only = true,
       .services = {kReferral}},
  };
}

// Who was sent it breaks the glass, two of them; who sent it or the coalition's office judges it,
// and never who broke it. Any second person of the case staff may approve: at midnight no
// administrator is awake.
std::vector<PolicyRow> BreakGlassRows() {
  return {
      {.method = "/fairlead.consent.v1.BreakGlassService/RequestBreakGlass",
       .roles = kCaseStaff,
       .grants = {{kRecipient}}},
      {.method = "/fairlead.consent.v1.BreakGlassService/ApproveBreakGlass",
       .roles = kCaseStaff,
       .least_assurance = kProvenLately,
       .grants = {{kRecipient}}},
      {.method = "/fairlead.consent.v1.BreakGlassService/ListBreakGlass", .roles = kPeople},
      {.method = "/fairlead.consent.v1.BreakGlassService/ReviewBreakGlass",
       .roles = {kAgencyAdmin, kCoordinator, kAuditor},
       .grants = {{kNone, {kCoordinator, kAuditor}}, {kDiscloser, {kAgencyAdmin}}},
       .forbidden_relations = kRecipient},
  };
}

}  // namespace fairlead::auth
