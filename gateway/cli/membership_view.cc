#include "gateway/cli/membership_view.h"

#include <vector>

#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"

namespace fairlead::cli {
namespace {

namespace dir = directory::v1;

}  // namespace

void PrintAgency(Context& context, const dir::Agency& agency) {
  PrintFields(context.out(), {{"Agency", agency.name()},
                              {"Id", agency.id()},
                              {"Kind", EnumText(agency.kind())},
                              {"Membership", EnumText(agency.membership())},
                              {"Phone", agency.contact_phone()},
                              {"Since", TimeText(agency.create_time())}});
}

Result<dir::ListMembershipChangesResponse> AllMembershipChanges(Context& context,
                                                                const std::string& agency_id) {
  dir::ListMembershipChangesRequest request;
  request.set_agency_id(agency_id);
  return AllPages<dir::ListMembershipChangesResponse>(context, kListMembershipChanges, request);
}

std::string ChangeText(const dir::MembershipChange& change) {
  if (change.is_sponsorship()) return "vouched for";
  if (change.from() == change.to()) return EnumText(change.to());
  return EnumText(change.from()) + " → " + EnumText(change.to());
}

void PrintVetting(Context& context, const dir::ListMembershipChangesResponse& changes) {
  std::vector<Field> fields;
  for (const dir::MembershipChange& change : changes.changes()) {
    const bool activated = change.from() == dir::MEMBERSHIP_STATE_SPONSORED &&
                           change.to() == dir::MEMBERSHIP_STATE_ACTIVE;
    if (!change.is_sponsorship() && !activated) continue;
    fields.push_back(
        {activated ? "Activated" : "Vouched for", TimeText(change.time()) + " by " +
                                                      context.AgencyName(change.actor_agency_id()) +
                                                      " (" + change.actor_staff_id() + ")"});
  }
  PrintFields(context.out(), fields);
}

}  // namespace fairlead::cli
