#include "gateway/cli/membership_view.h"

#include <vector>

#include "gateway/cli/methods.h"

namespace fairlead::cli {
namespace {

namespace dir = directory::v1;

constexpr int kPageSize = 100;
constexpr int kMaxPages = 20;  // the hub keeps some 200 changes of an agency

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
  request.set_page_size(kPageSize);
  dir::ListMembershipChangesResponse all;
  for (int page = 0; page < kMaxPages; ++page) {
    FAIRLEAD_ASSIGN(const auto response, context.client().Call<dir::ListMembershipChangesResponse>(
                                             kListMembershipChanges, request));
    all.mutable_changes()->MergeFrom(response.changes());
    request.set_page_token(response.next_page_token());
    if (response.next_page_token().empty()) break;
  }
  return all;
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
