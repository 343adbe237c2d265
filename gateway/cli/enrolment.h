// What a person signs in with at the command line, made here: a passphrase, a secret for one-time
// codes, and recovery codes. The hub gets the passphrase, the secret, and hashes of the codes.
//
//   Enrolment enrolment(context, options, sign_in_name);
//   FAIRLEAD_RETURN_IF_ERROR(enrolment.Make());
//   return enrolment.HandIn([&](const auto& credential) { … the call … });
#ifndef GATEWAY_CLI_ENROLMENT_H_
#define GATEWAY_CLI_ENROLMENT_H_

#include <functional>
#include <string>
#include <vector>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

struct EnrolmentOptions {
  SecretSource passphrase;
  std::string totp_file;
  std::string recovery_file;
};
// --passphrase-file, --passphrase-stdin, --totp-file and --recovery-file.
void AddEnrolmentOptions(Args verb, EnrolmentOptions* options);
// Whether there is a place for what is made: a terminal, or files. Error: USAGE.
Result<void> CheckEnrolmentOptions(const Context& context, const EnrolmentOptions& options);

class Enrolment {
 public:
  Enrolment(Context& context, EnrolmentOptions options, std::string sign_in_name);
  Enrolment(const Enrolment&) = delete;
  Enrolment& operator=(const Enrolment&) = delete;
  // Takes back the files of an enrolment that came to nothing.
  ~Enrolment();

  // Asks for the passphrase, makes secret and codes, and shows or writes the secret. Errors: USAGE,
  // those of CheckPassphrase and of writing a file.
  Result<void> Make();
  // Calls `send` with all of it. On a terminal a wrong one-time code (TOTP_CODE_INVALID) is asked
  // for again, three in all, for the same secret. Once the hub has it, or may have it, the files
  // stay and the recovery codes are shown. Errors: those of `send`.
  Result<void> HandIn(
      const std::function<Result<void>(const identity::v1::PassphraseCredential&)>& send);

 private:
  Result<void> Write(const std::string& path, const std::string& text);
  Result<std::string> OneTimeCode();
  void ShowRecoveryCodes();

  Context& context_;
  const EnrolmentOptions options_;
  const std::string sign_in_name_;
  identity::v1::PassphraseCredential credential_;
  std::vector<std::string> recovery_codes_;
  std::vector<std::string> files_;  // to be taken back
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_ENROLMENT_H_
