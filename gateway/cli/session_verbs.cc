// login, logout, whoami, session step-up.
#include <algorithm>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

void PrintMe(Context& context, const v1::GetMeResponse& me) {
  PrintFields(context.out(), {{"Name", me.staff().display_name()},
                              {"Sign-in name", me.staff().sign_in_name()},
                              {"Roles", RolesOf(me.staff().roles())},
                              {"Agency", me.agency_name()},
                              {"Agency id", me.staff().agency_id()},
                              {"Hub", context.url()},
                              {"Profile", context.globals().profile},
                              {"Session ends", TimeText(me.session().expire_time())},
                              {"Without use", TimeText(me.session().idle_expire_time())}});
}

struct LoginOptions {
  std::string name;
  SecretSource passphrase;
  FactorSource factor;
};

// The agency's private keys are not on this machine. Whoever is first makes them, others are given
// them.
void SayHowToGetKeys(Context& context, const v1::Staff& staff) {
  if (!HasNoKeysYet(context, staff.agency_id())) {
    context.Next("key join    (your agency's private keys are not on this machine)");
    return;
  }
  const auto& roles = staff.roles();
  if (std::find(roles.begin(), roles.end(), v1::ROLE_AGENCY_ADMIN) != roles.end()) {
    context.Next("key init    (your agency has no keys yet: its first ones are made here)");
    return;
  }
  context.Say("Your agency has no keys yet: its administrator makes them (fairlead key init).");
  context.Next("key join");
}

Result<void> Login(Context& context, LoginOptions options) {
  if (options.name.empty()) {
    if (!context.terminal().in_is_terminal) return Usage("Give the sign-in name.");
    context.err() << "Sign-in name: " << std::flush;
    options.name = ReadLine(context).value_or("");
  }
  FAIRLEAD_ASSIGN(const std::string passphrase,
                  ReadSecretFrom(context, options.passphrase, "Passphrase", "--passphrase"));
  FAIRLEAD_ASSIGN(const Factor factor, ReadFactor(context, options.factor));
  FAIRLEAD_ASSIGN(const v1::SignInResponse response,
                  SignIn(context, options.name, passphrase, factor));
  v1::GetMeResponse me;  // what scripts get: the token stays in its file
  *me.mutable_staff() = response.staff();
  *me.mutable_session() = response.session();
  me.set_agency_name(response.agency_name());
  context.Emit(me, [&] { PrintMe(context, me); });
  if (!context.home().LoadKeys(response.staff().agency_id())) {
    SayHowToGetKeys(context, response.staff());
  } else {
    context.Next("status");
  }
  return {};
}

Result<void> Logout(Context& context) {
  const auto ended = context.client().Call<v1::SignOutResponse>(kSignOut, v1::SignOutRequest());
  // Whatever the hub says, the token must not stay here.
  context.home().DropSession(context.url());
  if (!ended && ended.error().code != Code::kUnauthenticated) return Fail(ended.error());
  context.Emit(v1::SignOutResponse(), [&] { context.out() << "Signed out.\n"; });
  context.Next("login");
  return {};
}

Result<void> WhoAmI(Context& context) {
  FAIRLEAD_ASSIGN(const auto me,
                  context.client().Call<v1::GetMeResponse>(kGetMe, v1::GetMeRequest()));
  context.Emit(me, [&] { PrintMe(context, me); });
  return {};
}

struct StepUpOptions {
  SecretSource passphrase;
  FactorSource factor;
};

Result<v1::StepUpResponse> ProveAgain(Context& context, const StepUpOptions& options) {
  FAIRLEAD_ASSIGN(const std::string passphrase,
                  ReadSecretFrom(context, options.passphrase, "Passphrase", "--passphrase"));
  FAIRLEAD_ASSIGN(const Factor factor, ReadFactor(context, options.factor));
  return StepUp(context, passphrase, factor);
}

Result<void> StepUpNow(Context& context, const StepUpOptions& options) {
  FAIRLEAD_ASSIGN(const v1::StepUpResponse response, ProveAgain(context, options));
  context.Emit(response, [&] {
    context.out() << "Until " << TimeText(response.session().step_up_expire_time())
                  << " this session may administer, export and change keys.\n";
  });
  return {};
}

// A call needed it, and there is somebody to ask.
Result<void> AskToStepUp(Context& context) {
  context.err() << "This needs your passphrase and a one-time code again.\n";
  FAIRLEAD_RETURN_IF_ERROR(ProveAgain(context, {}));
  return {};
}

}  // namespace

void AddSessionVerbs(Args root, Context& context) {
  {
    auto options = std::make_shared<LoginOptions>();
    Args verb = root.Verb("login", "Sign in to a hub");
    verb.Footer(
        "The profile remembers the hub: later commands go there without --url, until you sign in "
        "to another.");
    verb.Positional("name", &options->name, "Your sign-in name", Need::kOptional);
    verb.Option("--passphrase-file", &options->passphrase.file, "Read the passphrase from a file");
    verb.Flag("--passphrase-stdin", &options->passphrase.from_stdin,
              "Read the passphrase from a line of standard input");
    AddFactorOptions(verb, &options->factor, true);
    verb.Do([&context, options] { return Login(context, *options); });
  }
  root.Verb("logout", "End the session").Do([&context] { return Logout(context); });
  root.Verb("whoami", "Show who is signed in").Do([&context] { return WhoAmI(context); });
  auto options = std::make_shared<StepUpOptions>();
  Args session = root.Group("session", "Sessions");
  AddSessionListVerbs(session, context);
  Args step_up = session.Verb("step-up", "Prove again that it is you: exports, keys, people");
  step_up.Option("--passphrase-file", &options->passphrase.file, "Read the passphrase from a file");
  step_up.Flag("--passphrase-stdin", &options->passphrase.from_stdin,
               "Read the passphrase from a line of standard input");
  AddFactorOptions(step_up, &options->factor, false);
  step_up.Do([&context, options] { return StepUpNow(context, *options); });
  context.on_step_up = [&context] { return AskToStepUp(context); };
}

}  // namespace fairlead::cli
