// agency add|list|show, staff add|list.
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace dir = directory::v1;
namespace ident = identity::v1;

constexpr int kPageSize = 100;
constexpr int kMaxPages = 100;  // 10,000 rows: what a person reads ends far earlier

void PrintAgency(Context& context, const dir::Agency& agency) {
  PrintFields(context.out(), {{"Agency", agency.name()},
                              {"Id", agency.id()},
                              {"Kind", EnumText(agency.kind())},
                              {"Membership", EnumText(agency.membership())},
                              {"Member since", TimeText(agency.create_time())}});
}

struct AddAgencyOptions {
  std::string name;
  std::string kind;
  std::string id;
};

Result<void> AddAgency(Context& context, const AddAgencyOptions& options) {
  dir::CreateAgencyRequest request;
  request.set_request_id(context.RequestId());
  request.set_name(options.name);
  FAIRLEAD_ASSIGN(const dir::AgencyKind kind, ParseEnum<dir::AgencyKind>(options.kind, "--kind"));
  request.set_kind(kind);
  request.set_agency_id(options.id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<dir::CreateAgencyResponse>(kCreateAgency, request));
  context.home().SetLast("agency", response.agency().id());
  context.Emit(response, [&] { PrintAgency(context, response.agency()); });
  context.Next("staff add SIGN_IN_NAME --agency " + response.agency().id() +
               " --name \"Their name\" --role agency_admin");
  return {};
}

Result<void> ListAgencies(Context& context) {
  dir::ListAgenciesRequest request;
  request.set_page_size(kPageSize);
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
  context.Emit(response, [&] { PrintAgency(context, response.agency()); });
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
  {
    auto options = std::make_shared<AddAgencyOptions>();
    Args verb = agency.Verb("add", "Add an agency to the coalition");
    verb.Positional("name", &options->name, "Its name");
    verb.Option("--kind", &options->kind,
                "victim_service_provider, health_provider, part2_program, legal_services, "
                "law_enforcement, government, hotline, coalition_office, other",
                Need::kRequired);
    verb.Option("--id", &options->id, "Its id, a UUID of your choice");
    verb.Do([&context, options] { return AddAgency(context, *options); });
  }
  agency.Verb("list", "List them").Do([&context] { return ListAgencies(context); });
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
