// An agency and the story of its membership, as people read them.
#ifndef GATEWAY_CLI_MEMBERSHIP_VIEW_H_
#define GATEWAY_CLI_MEMBERSHIP_VIEW_H_

#include <string>

#include "fairlead/directory/v1/membership.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

void PrintAgency(Context& context, const directory::v1::Agency& agency);

// All pages. Errors: those of the hub.
Result<directory::v1::ListMembershipChangesResponse> AllMembershipChanges(
    Context& context, const std::string& agency_id);

// "applied", "vouched for", "active → suspended".
std::string ChangeText(const directory::v1::MembershipChange& change);

// A line for each sponsor and for the activation: who, and when. None when the hub made it.
void PrintVetting(Context& context, const directory::v1::ListMembershipChangesResponse& changes);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_MEMBERSHIP_VIEW_H_
