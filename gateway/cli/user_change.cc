// user roles|disable.
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/colleague.h"
#include "gateway/cli/key_holders.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/own_keys.h"
#include "gateway/cli/reseal.h"
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
  bool keep_keys = false;
  bool reseal = false;
};

// What goes with the leaving where this machine has the agency key: a new epoch, for those who
// stay. nullopt: the leaving does not wait for it.
std::optional<SignedList> KeysForThoseWhoStay(Context& context, const std::string& staff_id,
                                              bool yes) {
  constexpr size_t kMaxListBytes = 65'536;  // of DisableStaffRequest.key_list
  const auto agency_id = context.OwnAgencyId();
  if (!agency_id || !context.home().LoadKey(*agency_id, kAgencyKeyName)) return std::nullopt;
  auto next = NextEpoch(context, *agency_id, staff_id, yes);
  if (next && next->request.key_list().size() <= kMaxListBytes) return std::move(*next);
  if (next || next.error().reason == "AGENCY_HAS_NO_KEYS") return std::nullopt;
  context.Say("The agency's keys are not changed with it (" + next.error().reason +
              "): " + next.error().message);
  return std::nullopt;
}

void SayWhatIsLeft(Context& context, const v1::DisableStaffResponse& response) {
  const auto& roles = response.staff().roles();
  if (std::find(roles.begin(), roles.end(), v1::ROLE_AGENCY_ADMIN) != roles.end()) {
    context.Say(
        "They were an administrator: if they have the agency key, make another one and have the "
        "coalition's root certify it.");
    context.Next("key agency make --out PUBLIC");
  }
  if (!response.key_change_due()) return;
  context.Say(
      "The leaver may still hold the agency's keys: make new ones now, so that no new packet "
      "opens for them.");
  context.Next("key rotate");
}

Result<void> Disable(Context& context, const DisableOptions& options) {
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes,
              "End the access of " +
                  (options.yes ? std::string() : ColleagueName(context, options.staff)) + " (" +
                  options.staff + ") for good?"));
  v1::DisableStaffRequest request;
  request.set_request_id(context.RequestId());
  request.set_staff_id(options.staff);
  const std::optional<SignedList> next =
      options.keep_keys ? std::nullopt : KeysForThoseWhoStay(context, options.staff, options.yes);
  if (next) {
    request.set_key_list(next->request.key_list());
    *request.mutable_wraps() = next->request.wraps();
  }
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::DisableStaffResponse>(kDisableStaff, request));
  if (IsUuid(context.session().agency_id)) {
    // Whatever the hub shows later, no device of theirs gets keys from this machine.
    FAIRLEAD_RETURN_IF_ERROR(RememberLeft(context, context.session().agency_id, options.staff));
  }
  if (next) FAIRLEAD_RETURN_IF_ERROR(TakeAsCurrent(context, *next));
  if (next && options.reseal) {
    context.Say("Their access has ended; new packets are sealed to epoch " +
                std::to_string(next->list.epoch) + ".");
    SayWhatIsLeft(context, response);
    return ResealOpenPackets(context);
  }
  context.Emit(response, [&] {
    PrintStaff(context, response.staff());
    PrintFields(context.out(),
                {{"Sessions ended", std::to_string(response.sessions_ended())},
                 {"New keys", next ? "epoch " + std::to_string(next->list.epoch) : ""}});
  });
  SayWhatIsLeft(context, response);
  if (next) {
    context.Say("What is open is still sealed to the keys before.");
    context.Next("key reseal");
  }
  return {};
}

}  // namespace

void AddUserChangeVerbs(Args user, Context& context) {
  auto roles = std::make_shared<RolesOptions>();
  Args set = user.Verb("roles", "Give a person these roles in place of those they have");
  set.Positional("staff", &roles->staff, "Their id (see: user list)");
  set.Option("--role", &roles->roles, kRolesHelp, Need::kRequired);
  set.Option("--etag", &roles->etag, "Only if the person is still at this version");
  set.Do([&context, roles] { return SetRoles(context, *roles); });
  auto options = std::make_shared<DisableOptions>();
  Args disable = user.Verb("disable", "Somebody leaves: sessions, invitations and sign-in end");
  disable.Positional("staff", &options->staff, "Their id (see: user list)");
  disable.Flag("--yes", &options->yes, "Do not ask");
  disable.Flag("--keep-keys", &options->keep_keys,
               "Make no new keys with it, even where the agency key is; key rotate does later");
  disable.Flag("--reseal", &options->reseal,
               "Then seal what is open to the new keys, where they are made here: key reseal");
  disable.Do([&context, options] { return Disable(context, *options); });
}

}  // namespace fairlead::cli
