// user roles|disable.
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

void PrintStaff(Context& context, const v1::Staff& staff) {
  PrintFields(context.out(), {{"Name", staff.display_name()},
                              {"Sign-in name", staff.sign_in_name()},
                              {"Roles", RolesOf(staff.roles())},
                              {"Left", TimeText(staff.disable_time())},
                              {"Id", staff.id()}});
}

struct RolesOptions {
  std::string staff;
  std::vector<std::string> roles;
  std::string etag;
};

Result<void> SetRoles(Context& context, const RolesOptions& options) {
  v1::SetStaffRolesRequest request;
  request.set_request_id(context.RequestId());
  request.set_staff_id(options.staff);
  request.set_etag(options.etag);
  FAIRLEAD_ASSIGN(const std::vector<v1::Role> roles, ParseRoles(options.roles));
  for (const v1::Role role : roles) request.add_roles(role);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::SetStaffRolesResponse>(kSetStaffRoles, request));
  context.Emit(response, [&] { PrintStaff(context, response.staff()); });
  context.Say("Their sessions have ended: they sign in again to do what they may now.");
  return {};
}

struct DisableOptions {
  std::string staff;
  bool yes = false;
};

Result<void> Disable(Context& context, const DisableOptions& options) {
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes, "End this person's access for good (" + options.staff + ")?"));
  v1::DisableStaffRequest request;
  request.set_request_id(context.RequestId());
  request.set_staff_id(options.staff);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::DisableStaffResponse>(kDisableStaff, request));
  context.Emit(response, [&] {
    PrintStaff(context, response.staff());
    PrintFields(context.out(), {{"Sessions ended", std::to_string(response.sessions_ended())}});
  });
  if (response.key_change_due()) {
    context.Say(
        "The leaver may still hold the agency's keys: make new ones now, so that no new packet "
        "opens for them.");
    context.Next("key rotate");
  }
  return {};
}

}  // namespace

void AddUserChangeVerbs(Args user, Context& context) {
  auto roles = std::make_shared<RolesOptions>();
  Args set = user.Verb("roles", "Give a person these roles in place of those they have");
  set.Positional("staff", &roles->staff, "Their id (see: user list)");
  set.Option("--role", &roles->roles,
             "caseworker, hotline_operator, agency_admin, coordinator, auditor", Need::kRequired);
  set.Option("--etag", &roles->etag, "Only if the person is still at this version");
  set.Do([&context, roles] { return SetRoles(context, *roles); });
  auto options = std::make_shared<DisableOptions>();
  Args disable = user.Verb("disable", "Somebody leaves: sessions, invitations and sign-in end");
  disable.Positional("staff", &options->staff, "Their id (see: user list)");
  disable.Flag("--yes", &options->yes, "Do not ask");
  disable.Do([&context, options] { return Disable(context, *options); });
}

}  // namespace fairlead::cli
