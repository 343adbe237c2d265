#include "gateway/cli/sign_in.h"

#include "gateway/cli/methods.h"

namespace fairlead::cli {

Result<identity::v1::SignInResponse> SignIn(Context& context, const std::string& sign_in_name,
                                            const std::string& passphrase) {
  identity::v1::SignInRequest request;
  request.set_sign_in_name(sign_in_name);
  request.set_passphrase(passphrase);
  context.client().set_token("");  // an old session has no say in a new one
  FAIRLEAD_ASSIGN(auto response,
                  context.client().Call<identity::v1::SignInResponse>(kSignIn, request));
  // The agency's id becomes the name of a folder for private keys.
  if (!IsUuid(response.staff().agency_id())) {
    return Fail(Code::kDataLoss, "INVALID_ANSWER",
                "The hub answered the sign-in with an agency id that is not a UUID.");
  }
  SavedSession session{.url = context.url(),
                       .token = response.session_token(),
                       .staff_id = response.staff().id(),
                       .sign_in_name = response.staff().sign_in_name(),
                       .display_name = response.staff().display_name(),
                       .agency_id = response.staff().agency_id(),
                       .agency_name = response.agency_name()};
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveSession(session));
  context.set_session(std::move(session));
  return response;
}

Result<std::string> ReadNewPassphrase(Context& context, const SecretSource& source) {
  FAIRLEAD_ASSIGN(
      const std::string first,
      ReadSecretFrom(context, source, "New passphrase (15 characters or more)", "--passphrase"));
  if (!source.file.empty() || source.from_stdin) return first;
  FAIRLEAD_ASSIGN(const std::string second,
                  ReadSecretFrom(context, source, "The same again", "--passphrase"));
  if (first != second) return Usage("The two passphrases differ. Nothing was changed.");
  return first;
}

}  // namespace fairlead::cli
