// login, logout, whoami, setup.
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

std::string Roles(const v1::Staff& staff) {
  std::vector<std::string> roles;
  for (const int role : staff.roles()) roles.push_back(EnumText(static_cast<v1::Role>(role)));
  return Listed(roles);
}

void PrintMe(Context& context, const v1::GetMeResponse& me) {
  PrintFields(context.out(), {{"Name", me.staff().display_name()},
                              {"Sign-in name", me.staff().sign_in_name()},
                              {"Roles", Roles(me.staff())},
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
};

Result<void> Login(Context& context, LoginOptions options) {
  if (options.name.empty()) {
    if (!context.terminal().in_is_terminal) return Usage("Give the sign-in name.");
    context.err() << "Sign-in name: " << std::flush;
    options.name = ReadLine(context).value_or("");
  }
  FAIRLEAD_ASSIGN(const std::string passphrase,
                  ReadSecretFrom(context, options.passphrase, "Passphrase", "--passphrase"));
  FAIRLEAD_ASSIGN(const v1::SignInResponse response, SignIn(context, options.name, passphrase));
  v1::GetMeResponse me;  // what scripts get: the token stays in its file
  *me.mutable_staff() = response.staff();
  *me.mutable_session() = response.session();
  me.set_agency_name(response.agency_name());
  context.Emit(me, [&] { PrintMe(context, me); });
  if (!context.home().LoadKeys(response.staff().agency_id())) {
    context.Next(
        "key init    (your agency's private keys are not on this machine; a colleague's "
        "are brought with: key import FILE...)");
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

struct SetUpOptions {
  SecretSource code;
  SecretSource passphrase;
  std::string agency_name;
  std::string sign_in_name;
  std::string display_name;
};

// The value given, or else asked for on a terminal.
Result<std::string> GivenOrAsked(Context& context, const std::string& given,
                                 const std::string& what, const std::string& flag) {
  if (!given.empty()) return given;
  if (!context.terminal().in_is_terminal) return Usage(flag + " is required.");
  context.err() << what << ": " << std::flush;
  const std::string line = ReadLine(context).value_or("");
  if (line.empty()) return Usage(what + " is empty.");
  return line;
}

Result<void> SetUp(Context& context, SetUpOptions options) {
  FAIRLEAD_ASSIGN(
      options.agency_name,
      GivenOrAsked(context, options.agency_name, "Name of the coalition office", "--agency-name"));
  FAIRLEAD_ASSIGN(options.display_name,
                  GivenOrAsked(context, options.display_name, "Your name", "--display-name"));
  FAIRLEAD_ASSIGN(options.sign_in_name, GivenOrAsked(context, options.sign_in_name,
                                                     "Your sign-in name", "--sign-in-name"));
  v1::SetUpRequest request;
  request.set_request_id(context.RequestId());
  request.set_agency_name(options.agency_name);
  request.set_sign_in_name(options.sign_in_name);
  request.set_display_name(options.display_name);
  FAIRLEAD_ASSIGN(const std::string code,
                  ReadSecretFrom(context, options.code, "Set-up code", "--code"));
  FAIRLEAD_ASSIGN(const std::string passphrase, ReadNewPassphrase(context, options.passphrase));
  request.set_set_up_code(code);
  request.set_passphrase(passphrase);
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::SetUpResponse>(kSetUp, request));
  FAIRLEAD_RETURN_IF_ERROR(SignIn(context, options.sign_in_name, passphrase));
  context.Emit(response, [&] {
    context.out() << "The coalition office is set up, and you are signed in as "
                  << Printable(response.staff().display_name()) << ".\n";
  });
  context.Next("agency apply NAME --kind victim_service_provider --phone +13055550100");
  return {};
}

}  // namespace

void AddSessionVerbs(Args root, Context& context) {
  {
    auto options = std::make_shared<LoginOptions>();
    Args verb = root.Verb("login", "Sign in to a hub");
    verb.Positional("name", &options->name, "Your sign-in name", Need::kOptional);
    verb.Option("--passphrase-file", &options->passphrase.file, "Read the passphrase from a file");
    verb.Flag("--passphrase-stdin", &options->passphrase.from_stdin,
              "Read the passphrase from a line of standard input");
    verb.Do([&context, options] { return Login(context, *options); });
  }
  root.Verb("logout", "End the session").Do([&context] { return Logout(context); });
  root.Verb("whoami", "Show who is signed in").Do([&context] { return WhoAmI(context); });
  auto options = std::make_shared<SetUpOptions>();
  Args verb = root.Verb("setup", "First run: make the coalition office and its coordinator");
  verb.Footer(
      "What is not given is asked for on a terminal. `fairlead up` says where the code is.");
  verb.Option("--agency-name", &options->agency_name, "The coalition office");
  verb.Option("--sign-in-name", &options->sign_in_name, "Of the first coordinator");
  verb.Option("--display-name", &options->display_name, "Of the first coordinator");
  verb.Option("--code-file", &options->code.file, "Read the set-up code from a file");
  verb.Flag("--code-stdin", &options->code.from_stdin,
            "Read the set-up code from the first line of standard input");
  verb.Option("--passphrase-file", &options->passphrase.file, "Read the passphrase from a file");
  verb.Flag("--passphrase-stdin", &options->passphrase.from_stdin,
            "Read the passphrase from the next line of standard input");
  verb.Do([&context, options] { return SetUp(context, *options); });
}

}  // namespace fairlead::cli
