// user invite|invitations|revoke|list.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;
namespace json = boost::json;

Result<std::string> AgencyOrOwn(Context& context, const std::string& agency) {
  return agency.empty() ? context.OwnAgencyId() : context.AgencyId(agency);
}

struct InviteOptions {
  std::string display_name;
  std::vector<std::string> roles;
  std::string agency;
  std::string link_file;
};

Result<void> Invite(Context& context, const InviteOptions& options) {
  v1::InviteStaffRequest request;
  request.set_request_id(context.RequestId());
  request.set_display_name(options.display_name);
  FAIRLEAD_ASSIGN(const std::vector<v1::Role> roles, ParseRoles(options.roles));
  for (const v1::Role role : roles) request.add_roles(role);
  FAIRLEAD_ASSIGN(const std::string agency_id, AgencyOrOwn(context, options.agency));
  request.set_agency_id(agency_id);
  const InvitationCode code = NewInvitationCode();
  request.set_code_sha256(code.sha256);
  const std::string link = InvitationLink(context.url(), code.code);
  if (!options.link_file.empty()) {
    // Before the call: an invitation whose link cannot be written would be of no use.
    FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(options.link_file, link + "\n", false));
  }
  const auto response = context.client().Call<v1::InviteStaffResponse>(kInviteStaff, request);
  if (!response) {
    if (options.link_file.empty()) return Fail(response.error());
    if (MayHaveHappened(response.error())) {
      context.Say("The invitation may have been made all the same (see: user invitations); its "
                  "link stays in " + options.link_file + ".");
    } else {
      ::unlink(options.link_file.c_str());
    }
    return Fail(response.error());
  }
  const v1::Invitation& made = response->invitation();
  const std::string shown = options.link_file.empty() ? link : "in " + options.link_file;
  if (context.json()) {
    json::object all{{"invitationId", made.id()}, {"agencyId", made.agency_id()}};
    if (options.link_file.empty()) all["link"] = link;
    context.out() << json::serialize(all) << '\n';
  } else {
    PrintFields(context.out(), {{"Invited", made.display_name()},
                                {"Roles", RolesOf(made.roles())},
                                {"Agency", context.AgencyName(made.agency_id())},
                                {"Good until", TimeText(made.expire_time())},
                                {"Id", made.id()},
                                {"Link", shown}});
    context.Say("Hand the link to this person only; it opens once.");
  }
  context.NextForAnother("user accept",
                         "on that person's machine, or here with a --profile of theirs");
  return {};
}

Result<void> Invitations(Context& context, const std::string& agency) {
  FAIRLEAD_ASSIGN(const std::string agency_id, AgencyOrOwn(context, agency));
  v1::ListInvitationsRequest request;
  request.set_agency_id(agency_id);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListInvitationsResponse>(context, kListInvitations, request));
  context.Emit(all, [&] {
    Table table({"NAME", "ROLES", "GOOD UNTIL", "ID"});
    for (const v1::Invitation& each : all.invitations()) {
      table.Add(
          {each.display_name(), RolesOf(each.roles()), TimeText(each.expire_time()), each.id()});
    }
    if (!table.empty()) context.Print(table);
  });
  if (all.invitations_size() == 0) {
    context.Say("No invitation of " + context.AgencyName(agency_id) + " is open." +
                (agency.empty() ? " Those of another agency: --agency NAME" : ""));
  }
  return {};
}

Result<void> Revoke(Context& context, const std::string& id) {
  v1::RevokeInvitationRequest request;
  request.set_request_id(context.RequestId());
  request.set_invitation_id(id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::RevokeInvitationResponse>(kRevokeInvitation, request));
  context.Emit(response, [&] { context.out() << "The link is worth nothing now.\n"; });
  return {};
}

Result<void> List(Context& context, const std::string& agency) {
  FAIRLEAD_ASSIGN(const std::string agency_id, AgencyOrOwn(context, agency));
  v1::ListStaffRequest request;
  request.set_agency_id(agency_id);
  FAIRLEAD_ASSIGN(const auto all, AllPages<v1::ListStaffResponse>(context, kListStaff, request));
  context.Emit(all, [&] {
    Table table({"NAME", "SIGN-IN NAME", "ROLES", "LEFT", "ID"});
    for (const v1::Staff& staff : all.staff()) {
      table.Add({staff.display_name(), staff.sign_in_name(), RolesOf(staff.roles()),
                 TimeText(staff.disable_time()), staff.id()});
    }
    context.Print(table);
  });
  return {};
}

}  // namespace

void AddUserVerbs(Args root, Context& context) {
  Args user = root.Group("user", "People of an agency");
  auto options = std::make_shared<InviteOptions>();
  Args invite = user.Verb("invite", "Make a one-time link for a colleague");
  invite.Option("--name", &options->display_name, "The name that colleagues see", Need::kRequired);
  invite.Option("--role", &options->roles,
                kRolesHelp,
                Need::kRequired);
  invite.Option("--agency", &options->agency, "Id or exact name; default: your own");
  invite.Option("--link-file", &options->link_file, "Write the link there instead of showing it");
  invite.Do([&context, options] { return Invite(context, *options); });
  auto invited = std::make_shared<std::string>();
  Args invitations = user.Verb("invitations", "List those still open");
  invitations.Option("--agency", invited.get(),
                     "Id or exact name; default: your own agency, and no other");
  invitations.Do([&context, invited] { return Invitations(context, *invited); });
  auto revoked = std::make_shared<std::string>();
  Args revoke = user.Verb("revoke", "Take an invitation back");
  revoke.Positional("invitation", revoked.get(), "Its id");
  revoke.Do([&context, revoked] { return Revoke(context, *revoked); });
  AddAcceptVerb(user, context);
  AddPassphraseVerb(user, context);
  auto listed = std::make_shared<std::string>();
  Args list = user.Verb("list", "List the people");
  list.Option("--agency", listed.get(), "Id or exact name; default: your own");
  list.Do([&context, listed] { return List(context, *listed); });
  AddUserChangeVerbs(user, context);
}

}  // namespace fairlead::cli
