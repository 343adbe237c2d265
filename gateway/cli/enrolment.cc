#include "gateway/cli/enrolment.h"

#include <unistd.h>

#include "gateway/cli/sign_in.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/base/totp.h"

namespace fairlead::cli {
namespace {

constexpr int kRecoveryCodes = 10;
constexpr size_t kRecoveryCodeBytes = 16;

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

}  // namespace

void AddEnrolmentOptions(Args verb, EnrolmentOptions* options) {
  verb.Option("--passphrase-file", &options->passphrase.file, "Read the passphrase from a file");
  verb.Flag("--passphrase-stdin", &options->passphrase.from_stdin,
            "Read the passphrase from the next line of standard input");
  verb.Option("--totp-file", &options->totp_file,
              "Keep the secret for one-time codes there (mode 0600) instead of in an app");
  verb.Option("--recovery-file", &options->recovery_file,
              "Write the recovery codes there (mode 0600) instead of showing them");
}

Result<void> CheckEnrolmentOptions(const Context& context, const EnrolmentOptions& options) {
  if (context.terminal().in_is_terminal) return {};
  if (options.recovery_file.empty()) {
    return Usage("There is no terminal to show the recovery codes on: add --recovery-file.");
  }
  if (options.totp_file.empty()) {
    return Usage("There is no terminal to show the secret for one-time codes on: add --totp-file.");
  }
  return {};
}

Enrolment::Enrolment(Context& context, EnrolmentOptions options, std::string sign_in_name)
    : context_(context), options_(std::move(options)), sign_in_name_(std::move(sign_in_name)) {}

Enrolment::~Enrolment() {
  for (const std::string& path : files_) ::unlink(path.c_str());
}

Result<void> Enrolment::Write(const std::string& path, const std::string& text) {
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(path, text, false));
  files_.push_back(path);
  return {};
}

Result<void> Enrolment::Make() {
  FAIRLEAD_ASSIGN(const std::string passphrase,
                  ReadNewPassphrase(context_, options_.passphrase, sign_in_name_));
  credential_.set_passphrase(passphrase);
  credential_.set_totp_secret(SystemRandom().Bytes(kTotpSecretBytes));
  std::string text;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const std::string code = Base32Encode(SystemRandom().Bytes(kRecoveryCodeBytes));
    credential_.add_recovery_code_sha256s(Base64UrlEncode(Sha256(code)));
    recovery_codes_.push_back(Grouped(code));
    text += recovery_codes_.back() + "\n";
  }
  const std::string uri = OtpauthUri(credential_.totp_secret(), "Fairlead", sign_in_name_);
  if (!options_.totp_file.empty()) FAIRLEAD_RETURN_IF_ERROR(Write(options_.totp_file, uri + "\n"));
  if (!options_.recovery_file.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(Write(options_.recovery_file, text));
  }
  if (options_.totp_file.empty()) {
    context_.err() << "Put this into your authenticator:\n  "
                   << Grouped(Base32Encode(credential_.totp_secret()))
                   << "\nor, where it takes a link:\n  " << uri << '\n';
  }
  return {};
}

Result<std::string> Enrolment::OneTimeCode() {
  if (options_.totp_file.empty()) {
    return ReadSecretFrom(context_, {}, "The code it shows now", "--totp");
  }
  // Of the step before, so that this moment's code is left for the first sign-in.
  return TotpCode(credential_.totp_secret(), TotpStep(context_.NowMs()) - 1);
}

Result<void> Enrolment::HandIn(
    const std::function<Result<void>(const identity::v1::PassphraseCredential&)>& send) {
  constexpr int kTries = 3;
  Result<void> sent;
  for (int tries = 1; tries <= kTries; ++tries) {
    const Result<std::string> code = OneTimeCode();
    // At the end of the input the hub's refusal says more than that there is no code.
    if (!code) return tries == 1 ? Fail(code.error()) : Fail(sent.error());
    credential_.set_totp_code(*code);
    sent = send(credential_);
    const bool wrong_code = !sent && sent.error().reason == "TOTP_CODE_INVALID";
    if (!wrong_code || !options_.totp_file.empty()) break;
    context_.err() << "That code is not right. The secret above is still the same: wait for the "
                      "next code, and check the clock of the device that makes them.\n";
  }
  if (!sent && !MayHaveHappened(sent.error())) return Fail(sent.error());
  files_.clear();  // without them an account that came to be could not be used
  if (options_.recovery_file.empty()) ShowRecoveryCodes();
  return sent;
}

void Enrolment::ShowRecoveryCodes() {
  context_.err() << "Ten recovery codes, each good once in place of a one-time code. Write them "
                    "down now; they are not shown again:\n";
  for (const std::string& each : recovery_codes_) context_.err() << "  " << each << '\n';
}

}  // namespace fairlead::cli
