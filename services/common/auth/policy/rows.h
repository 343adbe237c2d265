// The rows of the policy table, a file for each service, and the sets of roles that they share.
#ifndef SERVICES_COMMON_AUTH_POLICY_ROWS_H_
#define SERVICES_COMMON_AUTH_POLICY_ROWS_H_

#include <set>
#include <vector>

#include "services/common/auth/policy.h"

namespace fairlead::auth {

// Whoever hands cases on and takes them.
inline const std::set<Role> kCaseStaff = {Role::kCaseworker, Role::kHotlineOperator,
                                          Role::kAgencyAdmin};
// The same and the agency's own software. It moves referrals along; it neither opens a packet nor
// records what a client has signed: those are acts of a person.
inline const std::set<Role> kCaseStaffAndSoftware = {Role::kCaseworker, Role::kHotlineOperator,
                                                     Role::kAgencyAdmin, Role::kIntegration};
// Everybody who is a person.
inline const std::set<Role> kPeople = {Role::kCaseworker, Role::kHotlineOperator,
                                       Role::kAgencyAdmin, Role::kCoordinator, Role::kAuditor};
inline const std::set<Role> kEveryone = {Role::kCaseworker,  Role::kHotlineOperator,
                                         Role::kAgencyAdmin, Role::kCoordinator,
                                         Role::kAuditor,     Role::kIntegration};
inline const std::set<Membership> kAnyMembership = {Membership::kApplied, Membership::kSponsored,
                                                    Membership::kActive, Membership::kSuspended,
                                                    Membership::kDeparted};
// Law enforcement sees what is released to it item by item, and never a list of what others do.
inline const std::set<AgencyKind> kBehindTheWall = {AgencyKind::kLawEnforcement};

std::vector<PolicyRow> IdentityRows();
std::vector<PolicyRow> PasskeyRows();
std::vector<PolicyRow> KeyRows();
std::vector<PolicyRow> MachineRows();
std::vector<PolicyRow> DirectoryRows();
std::vector<PolicyRow> HoursRows();
std::vector<PolicyRow> CapacityRows();
std::vector<PolicyRow> UpkeepRows();
std::vector<PolicyRow> StagedImportRows();
std::vector<PolicyRow> ConsentRows();
std::vector<PolicyRow> CustodyRows();
std::vector<PolicyRow> BreakGlassRows();
std::vector<PolicyRow> ReferralRows();
std::vector<PolicyRow> HandOffRows();
std::vector<PolicyRow> AssignmentRows();
std::vector<PolicyRow> QuestionRows();
std::vector<PolicyRow> FollowUpRows();
std::vector<PolicyRow> RoutingRows();
std::vector<PolicyRow> SealedNoteRows();
std::vector<PolicyRow> PacketVersionRows();
std::vector<PolicyRow> AttachmentRows();
std::vector<PolicyRow> ForwardRows();
std::vector<PolicyRow> ThreadRows();
std::vector<PolicyRow> ChannelRows();
std::vector<PolicyRow> BedCallRows();
std::vector<PolicyRow> AlertRows();
std::vector<PolicyRow> AuditRows();
std::vector<PolicyRow> OperationsRows();

}  // namespace fairlead::auth

#endif  // SERVICES_COMMON_AUTH_POLICY_ROWS_H_
