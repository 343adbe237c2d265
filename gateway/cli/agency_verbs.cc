// agency list|show (the rest of it: membership_verbs.cc).
#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/membership_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace dir = directory::v1;

Result<void> ListAgencies(Context& context, const std::vector<std::string>& states) {
  dir::ListAgenciesRequest request;
  for (const std::string& text : states) {
    FAIRLEAD_ASSIGN(const auto state, ParseEnum<dir::MembershipState>(text, "--state"));
    request.add_memberships(state);
  }
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<dir::ListAgenciesResponse>(context, kListAgencies, request));
  context.Emit(all, [&] {
    Table table({"NAME", "KIND", "MEMBERSHIP", "ID"});
    for (const dir::Agency& agency : all.agencies()) {
      table.Add(
          {agency.name(), EnumText(agency.kind()), EnumText(agency.membership()), agency.id()});
    }
    context.Print(table);
  });
  return {};
}

Result<void> ShowAgency(Context& context, const std::string& name) {
  FAIRLEAD_ASSIGN(const std::string id, context.AgencyId(name));
  dir::GetAgencyRequest request;
  request.set_agency_id(id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<dir::GetAgencyResponse>(kGetAgency, request));
  if (context.json()) {
    context.out() << ToJsonText(response);
    return {};
  }
  PrintAgency(context, response.agency());
  // Behind the wall, and of agencies that are not there, nobody is told.
  const auto changes = AllMembershipChanges(context, id);
  if (changes) PrintVetting(context, *changes);
  return {};
}

}  // namespace

void AddAgencyVerbs(Args root, Context& context) {
  Args agency = root.Group("agency", "Member agencies");
  AddMembershipVerbs(agency, context);
  auto states = std::make_shared<std::vector<std::string>>();
  Args all = agency.Verb("list", "List them");
  all.Option("--state", states.get(), "applied, sponsored, active, suspended, departed");
  all.Do([&context, states] { return ListAgencies(context, *states); });
  auto shown = std::make_shared<std::string>();
  Args show = agency.Verb("show", "Show one");
  show.Positional("agency", shown.get(), "Id or exact name");
  show.Do([&context, shown] { return ShowAgency(context, *shown); });
}

}  // namespace fairlead::cli
