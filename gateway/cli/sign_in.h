// Proving who sits there, shared by the verbs that do it: passphrase and one-time code.
#ifndef GATEWAY_CLI_SIGN_IN_H_
#define GATEWAY_CLI_SIGN_IN_H_

#include <string>
#include <vector>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// Where the second factor comes from.
struct FactorSource {
  std::string totp_file;  // an otpauth:// URI, as `user accept --totp-file` writes it
  bool totp_stdin = false;
  SecretSource recovery;
};
// --totp-file, --totp-stdin and, where a recovery code counts too, --recovery-file and
// --recovery-stdin.
void AddFactorOptions(Args verb, FactorSource* source, bool with_recovery);

// One of the three.
struct Factor {
  std::string code;      // six digits
  std::string secret;    // codes are made from it when they are needed
  std::string recovery;  // 26 characters
};
// Asks on a terminal when nothing is given. Errors: USAGE, those of reading a file.
Result<Factor> ReadFactor(Context& context, const FactorSource& source);

// Keeps the session under the profile. From a secret it tries this moment's code and, when that one
// has been used already, the next. Errors: those of SignIn; DATA_LOSS INVALID_ANSWER.
Result<identity::v1::SignInResponse> SignIn(Context& context, const std::string& sign_in_name,
                                            const std::string& passphrase, const Factor& factor);
// For the session there is. Errors: those of StepUp.
Result<identity::v1::StepUpResponse> StepUp(Context& context, const std::string& passphrase,
                                            const Factor& factor);

// A passphrase for somebody new, by the hub's own rule (the hub knows the display name too, and may
// still refuse one made of it): on a terminal it is asked for twice, and again after a refusal.
// Errors: USAGE, those of CheckPassphrase.
Result<std::string> ReadNewPassphrase(Context& context, const SecretSource& source,
                                      const std::string& sign_in_name);

// The code of an invitation, and what the hub is told of it.
struct InvitationCode {
  std::string code;    // 43 characters
  std::string sha256;  // base64url
};
InvitationCode NewInvitationCode();
// "https://hub.example/join#CODE", of BrowserUrl(url): the page behind it makes passkeys.
std::string InvitationLink(const std::string& url, const std::string& code);

inline constexpr char kRolesHelp[] =
    "caseworker, hotline_operator, agency_admin, coordinator, auditor (integration is no person's: "
    "see machine create)";
std::string RolesOf(const google::protobuf::RepeatedField<int>& roles);
// Error: USAGE, for `integration` too.
Result<std::vector<identity::v1::Role>> ParseRoles(const std::vector<std::string>& texts);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_SIGN_IN_H_
