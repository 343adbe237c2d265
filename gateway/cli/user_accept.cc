// user accept: an invitation becomes an account.
#include <unistd.h>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/base/totp.h"
#include "services/common/rpc/format.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

constexpr int kRecoveryCodes = 10;
constexpr size_t kRecoveryCodeBytes = 16;
constexpr size_t kInvitationCodeLength = 43;

struct AcceptOptions {
  SecretSource link;
  SecretSource passphrase;
  std::string sign_in_name;
  std::string totp_file;
  std::string recovery_file;
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

// An invitation is good at the hub that its link names and at no other: said before anything is
// asked, and before the code goes anywhere. A bare code names none.
Result<void> CheckHubOfLink(const Context& context, std::string_view link) {
  const size_t path = link.find("/join#");
  if (path == std::string_view::npos) return {};
  const std::string hub(link.substr(0, path));
  if (BrowserUrl(hub) == BrowserUrl(context.url())) return {};
  return Usage("This invitation is to " + hub + ", and the command goes to " + context.url() +
               ": add --url " + hub);
}

// Files that are taken back unless the account came to be.
class NewFiles {
 public:
  NewFiles() = default;
  NewFiles(const NewFiles&) = delete;
  NewFiles& operator=(const NewFiles&) = delete;
  ~NewFiles() {
    for (const std::string& path : paths_) ::unlink(path.c_str());
  }
  Result<void> Write(const std::string& path, const std::string& text) {
    FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(path, text, false));
    paths_.push_back(path);
    return {};
  }
  void Keep() { paths_.clear(); }

 private:
  std::vector<std::string> paths_;
};

// In groups, so that it can be read and typed: ABCDE-FGHIJ-…
std::string Grouped(const std::string& code) {
  constexpr size_t kGroup = 5;
  std::string text;
  for (size_t i = 0; i < code.size(); ++i) {
    if (i != 0 && i % kGroup == 0) text += '-';
    text += code[i];
  }
  return text;
}

// Shows the secret, or keeps it in a file, and gets a code that proves that it arrived.
Result<std::string> FirstCode(Context& context, const AcceptOptions& options,
                              const std::string& secret, NewFiles& files) {
  const std::string uri = OtpauthUri(secret, "Fairlead", options.sign_in_name);
  if (!options.totp_file.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(files.Write(options.totp_file, uri + "\n"));
    // Of the step before, so that this moment's code is left for the first sign-in.
    return TotpCode(secret, TotpStep(context.NowMs()) - 1);
  }
  if (!context.terminal().in_is_terminal) {
    return Usage("There is no terminal to show the secret for one-time codes on: add --totp-file.");
  }
  context.err() << "Put this into your authenticator:\n  " << Grouped(Base32Encode(secret))
                << "\nor, as a link or QR code:\n  " << uri << '\n';
  return ReadSecretFrom(context, {}, "The code it shows now", "--totp");
}

Result<std::vector<std::string>> MakeRecoveryCodes(const AcceptOptions& options,
                                                   v1::PassphraseCredential* credential,
                                                   NewFiles& files) {
  std::vector<std::string> codes;
  std::string text;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const std::string code = Base32Encode(SystemRandom().Bytes(kRecoveryCodeBytes));
    credential->add_recovery_code_sha256s(Base64UrlEncode(Sha256(code)));
    codes.push_back(Grouped(code));
    text += codes.back() + "\n";
  }
  if (!options.recovery_file.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(files.Write(options.recovery_file, text));
  }
  return codes;
}

void ShowRecoveryCodes(Context& context, const std::vector<std::string>& codes) {
  context.err() << "Ten recovery codes, each good once in place of a one-time code. Write them "
                   "down now; they are not shown again:\n";
  for (const std::string& each : codes) context.err() << "  " << each << '\n';
}

Result<void> Accept(Context& context, AcceptOptions options) {
  const bool can_show = context.terminal().in_is_terminal;
  if (options.recovery_file.empty() && !can_show) {
    return Usage("There is no terminal to show the recovery codes on: add --recovery-file.");
  }
  FAIRLEAD_ASSIGN(const std::string link,
                  ReadSecretFrom(context, options.link, "Invitation link", "--link"));
  FAIRLEAD_ASSIGN(const std::string code, CodeOfLink(link));
  FAIRLEAD_RETURN_IF_ERROR(CheckHubOfLink(context, link));
  if (options.sign_in_name.empty()) {
    if (!can_show) return Usage("--sign-in-name is required.");
    context.err() << "Sign-in name of your choice (3 or more small letters, digits and . _ @ -): "
                  << std::flush;
    options.sign_in_name = ReadLine(context).value_or("");
  }
  FAIRLEAD_RETURN_IF_ERROR(
      rpc::CheckFormat(options.sign_in_name, api::v1::FORMAT_SIGN_IN_NAME, "sign_in_name"));
  v1::AcceptInvitationRequest request;
  request.set_code(code);
  request.set_sign_in_name(options.sign_in_name);
  v1::PassphraseCredential* credential = request.mutable_passphrase();
  FAIRLEAD_ASSIGN(const std::string passphrase,
                  ReadNewPassphrase(context, options.passphrase, options.sign_in_name));
  credential->set_passphrase(passphrase);
  const std::string secret = SystemRandom().Bytes(kTotpSecretBytes);
  credential->set_totp_secret(secret);
  NewFiles files;
  FAIRLEAD_ASSIGN(const std::string totp_code, FirstCode(context, options, secret, files));
  credential->set_totp_code(totp_code);
  FAIRLEAD_ASSIGN(const std::vector<std::string> codes,
                  MakeRecoveryCodes(options, credential, files));
  const auto accepted =
      context.client().Call<v1::AcceptInvitationResponse>(kAcceptInvitation, request);
  if (!accepted && !MayHaveHappened(accepted.error())) return Fail(accepted.error());
  // Without these an account that came to be could not be used.
  files.Keep();
  if (options.recovery_file.empty()) ShowRecoveryCodes(context, codes);
  if (!accepted) {
    context.Say("The account may have come to be all the same: try to sign in as " +
                options.sign_in_name + ". Its files stay; remove them before another try.");
    return Fail(accepted.error());
  }
  const v1::AcceptInvitationResponse& response = *accepted;
  context.Emit(response, [&] {
    PrintFields(context.out(), {{"Name", response.staff().display_name()},
                                {"Sign-in name", response.staff().sign_in_name()},
                                {"Roles", RolesOf(response.staff().roles())}});
  });
  context.Next("login " + response.staff().sign_in_name() +
               (options.totp_file.empty() ? "" : " --totp-file " + options.totp_file));
  return {};
}

}  // namespace

void AddAcceptVerb(Args user, Context& context) {
  auto options = std::make_shared<AcceptOptions>();
  Args verb = user.Verb("accept", "Become a member of staff: use an invitation link");
  verb.Footer(
      "What is not given is asked for on a terminal. A link is never an argument: other programs "
      "of this machine could read it there.");
  verb.Option("--sign-in-name", &options->sign_in_name,
              "3 to 64 small letters, digits and . _ @ -");
  verb.Option("--link-file", &options->link.file, "Read the link from a file");
  verb.Flag("--link-stdin", &options->link.from_stdin,
            "Read the link from the first line of standard input");
  verb.Option("--passphrase-file", &options->passphrase.file, "Read the passphrase from a file");
  verb.Flag("--passphrase-stdin", &options->passphrase.from_stdin,
            "Read the passphrase from the next line of standard input");
  verb.Option("--totp-file", &options->totp_file,
              "Keep the secret for one-time codes there (mode 0600) instead of in an app");
  verb.Option("--recovery-file", &options->recovery_file,
              "Write the recovery codes there (mode 0600) instead of showing them");
  verb.Do([&context, options] { return Accept(context, *options); });
}

}  // namespace fairlead::cli
