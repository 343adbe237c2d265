// agency list|show (the rest of it: membership_verbs.cc), staff add|list.
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/membership_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace dir = directory::v1;
namespace ident = identity::v1;

constexpr int kPageSize = 100;
constexpr int kMaxPages = 100;  // 10,000 rows: what a person reads ends far earlier

Result<void> ListAgencies(Context& context, const std::vector<std::string>& states) {
  dir::ListAgenciesRequest request;
  request.set_page_size(kPageSize);
  for (const std::string& text : states) {
    FAIRLEAD_ASSIGN(const auto state, ParseEnum<dir::MembershipState>(text, "--state"));
    request.add_memberships(state);
  }
  dir::ListAgenciesResponse all;
  for (int page = 0; page < kMaxPages; ++page) {
    FAIRLEAD_ASSIGN(const auto response,
                    context.client().Call<dir::ListAgenciesResponse>(kListAgencies, request));
    all.mutable_agencies()->MergeFrom(response.agencies());
    request.set_page_token(response.next_page_token());
    if (response.next_page_token().empty()) break;
  }
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

std::string RolesOf(const ident::Staff& staff) {
  std::vector<std::string> roles;
  for (const int role : staff.roles()) roles.push_back(EnumText(static_cast<ident::Role>(role)));
  return Listed(roles);
}

struct AddStaffOptions {
  std::string sign_in_name;
  std::string display_name;
  std::vector<std::string> roles;
  std::string agency;
  SecretSource passphrase;
};

Result<std::string> AgencyOrOwn(Context& context, const std::string& agency) {
  return agency.empty() ? context.OwnAgencyId() : context.AgencyId(agency);
}

Result<void> AddStaff(Context& context, const AddStaffOptions& options) {
  ident::CreateStaffRequest request;
  request.set_request_id(context.RequestId());
  for (const std::string& text : options.roles) {
    FAIRLEAD_ASSIGN(const ident::Role role, ParseEnum<ident::Role>(text, "--role"));
    request.add_roles(role);
  }
  FAIRLEAD_ASSIGN(const std::string agency_id, AgencyOrOwn(context, options.agency));
  request.set_agency_id(agency_id);
  request.set_sign_in_name(options.sign_in_name);
  request.set_display_name(options.display_name);
  FAIRLEAD_ASSIGN(const std::string passphrase, ReadNewPassphrase(context, options.passphrase));
  request.set_passphrase(passphrase);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<ident::CreateStaffResponse>(kCreateStaff, request));
  context.Emit(response, [&] {
    const ident::Staff& staff = response.staff();
    PrintFields(context.out(), {{"Staff", staff.display_name()},
                                {"Sign-in name", staff.sign_in_name()},
                                {"Roles", RolesOf(staff)},
                                {"Agency", context.AgencyName(staff.agency_id())},
                                {"Id", staff.id()}});
  });
  context.Next("login " + response.staff().sign_in_name() + " --profile NAME");
  return {};
}

Result<void> ListStaff(Context& context, const std::string& agency) {
  FAIRLEAD_ASSIGN(const std::string agency_id, AgencyOrOwn(context, agency));
  ident::ListStaffRequest request;
  request.set_agency_id(agency_id);
  request.set_page_size(kPageSize);
  ident::ListStaffResponse all;
  for (int page = 0; page < kMaxPages; ++page) {
    FAIRLEAD_ASSIGN(const auto response,
                    context.client().Call<ident::ListStaffResponse>(kListStaff, request));
    all.mutable_staff()->MergeFrom(response.staff());
    request.set_page_token(response.next_page_token());
    if (response.next_page_token().empty()) break;
  }
  context.Emit(all, [&] {
    Table table({"NAME", "SIGN-IN NAME", "ROLES", "ID"});
    for (const ident::Staff& staff : all.staff()) {
      table.Add({staff.display_name(), staff.sign_in_name(), RolesOf(staff), staff.id()});
    }
    context.Print(table);
  });
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

  Args staff = root.Group("staff", "People of an agency");
  auto options = std::make_shared<AddStaffOptions>();
  Args add = staff.Verb("add", "Add a person");
  add.Positional("sign-in-name", &options->sign_in_name, "Small letters, digits and . _ @ -");
  add.Option("--name", &options->display_name, "The name that colleagues see", Need::kRequired);
  add.Option("--role", &options->roles,
             "caseworker, hotline_operator, agency_admin, coordinator, auditor, integration",
             Need::kRequired);
  add.Option("--agency", &options->agency, "Id or exact name; default: your own");
  add.Option("--passphrase-file", &options->passphrase.file, "Read the passphrase from a file");
  add.Flag("--passphrase-stdin", &options->passphrase.from_stdin,
           "Read the passphrase from a line of standard input");
  add.Do([&context, options] { return AddStaff(context, *options); });
  auto listed = std::make_shared<std::string>();
  Args list = staff.Verb("list", "List them");
  list.Option("--agency", listed.get(), "Id or exact name; default: your own");
  list.Do([&context, listed] { return ListStaff(context, *listed); });
}

}  // namespace fairlead::cli
