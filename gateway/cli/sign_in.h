// Signing in, as several verbs do it.
#ifndef GATEWAY_CLI_SIGN_IN_H_
#define GATEWAY_CLI_SIGN_IN_H_

#include <string>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// Signs in and keeps the session. Errors: SIGN_IN_FAILED, TOO_MANY_ATTEMPTS.
Result<identity::v1::SignInResponse> SignIn(Context& context, const std::string& sign_in_name,
                                            const std::string& passphrase);

// A passphrase for somebody new: on a terminal it is asked for twice. Error: USAGE.
Result<std::string> ReadNewPassphrase(Context& context, const SecretSource& source);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_SIGN_IN_H_
