// user accept: an invitation becomes an account.
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/passkeys.pb.h"
#include "gateway/cli/enrolment.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/encoding.h"
#include "services/common/rpc/format.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

constexpr size_t kInvitationCodeLength = 43;

struct AcceptOptions {
  SecretSource link;
  std::string sign_in_name;
  EnrolmentOptions enrolment;
};

// The code of a whole link, or a bare code.
Result<std::string> CodeOfLink(std::string text) {
  const size_t hash = text.find('#');
  if (hash != std::string::npos) text.erase(0, hash + 1);
  const auto bytes = Base64UrlDecode(text);
  if (text.size() != kInvitationCodeLength || !bytes) {
    return Usage("This is no invitation link: it ends in # and 43 characters.");
  }
  return text;
}

// An invitation is good at the hub that its link names and at no other: a profile that knows no hub
// goes there, and one that goes elsewhere is told so before anything is asked, and before the code
// goes anywhere. A bare code names none.
Result<void> GoToHubOfLink(Context& context, std::string_view link) {
  const size_t path = link.find("/join#");
  if (path == std::string_view::npos) return {};
  const std::string hub(link.substr(0, path));
  if (BrowserUrl(hub) == BrowserUrl(context.url())) return {};
  if (!context.HubIsNamed()) return context.GoTo(hub);
  return Usage("This invitation is to " + hub + ", and the command goes to " + context.url() +
               ": add --url " + hub);
}

// Before a person has put a secret into an authenticator for nothing. To begin a passkey is the one
// call that looks at an invitation and does not use it; nobody answers this challenge, and it ends
// by itself. Whatever else the hub says to it has no bearing on a passphrase.
Result<void> CheckInvitation(Context& context, const std::string& code) {
  v1::BeginInvitedPasskeyRequest request;
  request.set_invitation_code(code);
  const auto begun =
      context.client().Call<v1::BeginInvitedPasskeyResponse>(kBeginInvitedPasskey, request);
  if (begun) return {};
  const Error& refused = begun.error();
  if (refused.reason == "INVITATION_INVALID" || refused.reason == "HUB_UNREACHABLE") {
    return Fail(refused);
  }
  return {};
}

// Given, or asked for.
Result<std::string> ReadSignInName(Context& context, const std::string& given) {
  std::string name = given;
  if (name.empty()) {
    context.err() << "Sign-in name of your choice (3 or more small letters, digits and . _ @ -): "
                  << std::flush;
    name = ReadLine(context).value_or("");
  }
  FAIRLEAD_RETURN_IF_ERROR(rpc::CheckFormat(name, api::v1::FORMAT_SIGN_IN_NAME, "sign_in_name"));
  return name;
}

// Makes the call. On a terminal another name is asked for when somebody has this one: all that was
// entered before stays good.
Result<v1::Staff> Send(Context& context, v1::AcceptInvitationRequest* request) {
  constexpr int kNames = 3;
  for (int tries = 1;; ++tries) {
    auto accepted =
        context.client().Call<v1::AcceptInvitationResponse>(kAcceptInvitation, *request);
    if (accepted) return std::move(*accepted->mutable_staff());
    const bool taken = accepted.error().reason == "SIGN_IN_NAME_TAKEN";
    if (!taken || !context.terminal().in_is_terminal || tries == kNames) {
      return Fail(accepted.error());
    }
    context.err() << "Somebody has this sign-in name already.\n";
    const auto name =
        AskAgain<std::string>(context, [&] { return ReadSignInName(context, ""); });
    if (!name) return Fail(accepted.error());
    request->set_sign_in_name(*name);
  }
}

Result<void> Accept(Context& context, const AcceptOptions& options) {
  const bool on_terminal = context.terminal().in_is_terminal;
  FAIRLEAD_RETURN_IF_ERROR(CheckEnrolmentOptions(context, options.enrolment));
  FAIRLEAD_ASSIGN(const std::string link,
                  ReadSecretFrom(context, options.link, "Invitation link", "--link"));
  v1::AcceptInvitationRequest request;
  FAIRLEAD_ASSIGN(*request.mutable_code(), CodeOfLink(link));
  FAIRLEAD_RETURN_IF_ERROR(GoToHubOfLink(context, link));
  if (on_terminal) FAIRLEAD_RETURN_IF_ERROR(CheckInvitation(context, request.code()));
  if (options.sign_in_name.empty() && !on_terminal) return Usage("--sign-in-name is required.");
  const auto read_name = [&] { return ReadSignInName(context, options.sign_in_name); };
  if (options.sign_in_name.empty()) {
    FAIRLEAD_ASSIGN(*request.mutable_sign_in_name(), AskAgain<std::string>(context, read_name));
  } else {
    FAIRLEAD_ASSIGN(*request.mutable_sign_in_name(), read_name());
  }
  Enrolment enrolment(context, options.enrolment, request.sign_in_name());
  FAIRLEAD_RETURN_IF_ERROR(enrolment.Make());
  v1::AcceptInvitationResponse response;
  const Result<void> accepted =
      enrolment.HandIn([&](const v1::PassphraseCredential& credential) -> Result<void> {
        *request.mutable_passphrase() = credential;
        FAIRLEAD_ASSIGN(*response.mutable_staff(), Send(context, &request));
        return {};
      });
  if (!accepted) {
    if (MayHaveHappened(accepted.error())) {
      context.Say("The account may have come to be all the same: try to sign in as " +
                  request.sign_in_name() + ". Its files stay; remove them before another try.");
    }
    return accepted;
  }
  context.Emit(response, [&] {
    PrintFields(context.out(), {{"Name", response.staff().display_name()},
                                {"Sign-in name", response.staff().sign_in_name()},
                                {"Roles", RolesOf(response.staff().roles())}});
  });
  const std::string& file = options.enrolment.totp_file;
  context.Next("login " + response.staff().sign_in_name() +
               (file.empty() ? "" : " --totp-file " + ShellWord(file)));
  return {};
}

}  // namespace

void AddAcceptVerb(Args user, Context& context) {
  auto options = std::make_shared<AcceptOptions>();
  Args verb = user.Verb("accept", "Become a member of staff: use an invitation link");
  verb.Footer(
      "What is not given is asked for on a terminal. A link is never an argument: other programs "
      "of this machine could read it there. A profile that knows no hub yet goes to the link's.");
  verb.Option("--sign-in-name", &options->sign_in_name,
              "3 to 64 small letters, digits and . _ @ -");
  verb.Option("--link-file", &options->link.file, "Read the link from a file");
  verb.Flag("--link-stdin", &options->link.from_stdin,
            "Read the link from the first line of standard input");
  AddEnrolmentOptions(verb, &options->enrolment);
  verb.Do([&context, options] { return Accept(context, *options); });
}

}  // namespace fairlead::cli
