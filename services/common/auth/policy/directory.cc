#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {

using enum Role;
using enum Relation;

std::vector<PolicyRow> DirectoryRows() {
  return {
      // Identity makes the coalition office at the first set-up, the hub its demonstration. Whoever
      // else wants to be a member applies.
      {.method = "/fairlead.directory.v1.DirectoryService/CreateAgency",
       .services_only = true,
       .services = {kIdentity, kHub}},
      // Name, kind and membership of one agency. Open behind the wall too: a packet's sender must
      // have a name. Services ask it about the two ends of a referral and at sign-in.
      {.method = "/fairlead.directory.v1.DirectoryService/GetAgency",
       .services = {kIdentity, kReferral, kConsent, kGateway},
       .roles = kEveryone},
      {.method = "/fairlead.directory.v1.DirectoryService/ListAgencies",
       .roles = kEveryone,
       .forbidden_kinds = kBehindTheWall},
      {.method = "/fairlead.directory.v1.DirectoryService/ImportListings",
       .roles = {kAgencyAdmin, kCoordinator, kIntegration},
       .grants = {{kOwnAgency}, {kNone, {kCoordinator}}}},
      {.method = "/fairlead.directory.v1.DirectoryService/SearchServices",
       .roles = kEveryone,
       .forbidden_kinds = kBehindTheWall},
      {.method = "/fairlead.directory.v1.DirectoryService/MatchServices",
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
      // Everybody; how much is answered depends on who asks. The gateway's /hsds asks.
      {.method = "/fairlead.directory.v1.HsdsService/QueryRecords", .anonymous = true},
      {.method = "/fairlead.directory.v1.HsdsService/GetRecord", .anonymous = true},
      {.method = "/fairlead.directory.v1.HsdsService/ExportListings",
       .roles = {kAgencyAdmin, kCoordinator},
       .forbidden_kinds = kBehindTheWall,
       .least_assurance = kProvenLately},

      // An applicant has no account yet.
      {.method = "/fairlead.directory.v1.MembershipService/ApplyForMembership", .anonymous = true},
      // The office's coordinators only while there are too few members (the command checks).
      {.method = "/fairlead.directory.v1.MembershipService/SponsorAgency",
       .roles = {kAgencyAdmin, kCoordinator},
       .forbidden_kinds = kBehindTheWall,
       .least_assurance = kProvenLately,
       .forbidden_relations = kOwnAgency},
      {.method = "/fairlead.directory.v1.MembershipService/ActivateAgency",
       .roles = {kCoordinator},
       .least_assurance = kProvenLately},
      {.method = "/fairlead.directory.v1.MembershipService/SuspendAgency",
       .roles = {kCoordinator},
       .least_assurance = kProvenLately},
      {.method = "/fairlead.directory.v1.MembershipService/ReinstateAgency",
       .roles = {kCoordinator},
       .least_assurance = kProvenLately},
      {.method = "/fairlead.directory.v1.MembershipService/DepartAgency",
       .roles = {kCoordinator},
       .least_assurance = kProvenLately},
      {.method = "/fairlead.directory.v1.MembershipService/ListMembershipChanges",
       .roles = kPeople,
       .forbidden_kinds = kBehindTheWall},
  };
}

std::vector<PolicyRow> HoursRows() {
  return {
      // When an agency is open is its own to say.
      {.method = "/fairlead.directory.v1.HoursService/SetHoursOverrides",
       .roles = {kAgencyAdmin},
       .grants = {{kOwnAgency}}},
      // Days of the calendar: the same for everybody.
      {.method = "/fairlead.directory.v1.HoursService/ListHolidaySets", .roles = kEveryone},
      {.method = "/fairlead.directory.v1.HoursService/PutHolidaySet", .roles = {kCoordinator}},
  };
}

std::vector<PolicyRow> UpkeepRows() {
  return {
      {.method = "/fairlead.directory.v1.ExportService/BeginExport",
       .roles = {kAgencyAdmin, kCoordinator},
       .forbidden_kinds = kBehindTheWall,
       .least_assurance = kProvenLately},
      // How much is answered depends on who asks, as with the listing itself.
      {.method = "/fairlead.directory.v1.HistoryService/ListHistory",
       .roles = kEveryone,
       .forbidden_kinds = kBehindTheWall},
      // That a listing is right is the word of a person who answers for it.
      {.method = "/fairlead.directory.v1.VerificationService/VerifyListing",
       .roles = {kAgencyAdmin, kCoordinator},
       .grants = {{kOwnAgency}, {kNone, {kCoordinator}}}},
      {.method = "/fairlead.directory.v1.VerificationService/ListVerifications",
       .roles = {kAgencyAdmin, kCoordinator},
       .grants = {{kOwnAgency}, {kNone, {kCoordinator}}}},
  };
}

// As ImportListings: the same, in parts.
std::vector<PolicyRow> StagedImportRows() {
  std::vector<PolicyRow> rows;
  for (const char* method : {"/fairlead.directory.v1.StagedImportService/StartImport",
                             "/fairlead.directory.v1.StagedImportService/PutImportPart",
                             "/fairlead.directory.v1.StagedImportService/FinishImport",
                             "/fairlead.directory.v1.StagedImportService/GetImport",
                             "/fairlead.directory.v1.StagedImportService/CancelImport"}) {
    rows.push_back({.method = method,
                    .roles = {kAgencyAdmin, kCoordinator, kIntegration},
                    .grants = {{kOwnAgency}, {kNone, {kCoordinator}}}});
  }
  return rows;
}

std::vector<PolicyRow> CapacityRows() {
  return {
      // The agency's own people count its beds, or its bed system does.
      {.method = "/fairlead.directory.v1.CapacityService/UpdateCapacity",
       .roles = {kCaseworker, kAgencyAdmin, kIntegration},
       .grants = {{kOwnAgency}}},
      {.method = "/fairlead.directory.v1.CapacityService/GetCapacity",
       .roles = kEveryone,
       .forbidden_kinds = kBehindTheWall},
      {.method = "/fairlead.directory.v1.CapacityService/ListCapacities",
       .roles = kEveryone,
       .forbidden_kinds = kBehindTheWall},
      // Its story tells when people come and go.
      {.method = "/fairlead.directory.v1.CapacityService/ListCapacitySnapshots",
       .roles = {kCaseworker, kHotlineOperator, kAgencyAdmin, kCoordinator, kIntegration},
       .grants = {{kOwnAgency}, {kNone, {kCoordinator}}}},
      {.method = "/fairlead.directory.v1.CapacityService/PlaceHold",
       .roles = kCaseStaffAndSoftware,
       .forbidden_kinds = kBehindTheWall},
      {.method = "/fairlead.directory.v1.CapacityService/ReleaseHold",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender}, {kRecipient}}},
      {.method = "/fairlead.directory.v1.CapacityService/ConsumeHold",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient}}},
      {.method = "/fairlead.directory.v1.CapacityService/ListHolds",
       .roles = kCaseStaffAndSoftware},
  };
}

}  // namespace fairlead::auth
