// One person with a passkey in an authenticator made of software, for a script that has a hub
// running:
//   passkey_person URL LINK_FILE SIGN_IN_NAME HOME PROFILE
// Joins by the invitation's link, over HTTP as any program would, signs in and keeps the session as
// the command line does, which goes on as that person: fairlead whoami --profile PROFILE.
#include <cstdio>
#include <string>

#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/passkeys.pb.h"
#include "gateway/cli/client.h"
#include "gateway/cli/home.h"
#include "services/identity/testing/software_authenticator.h"

namespace fairlead {
namespace {

namespace v1 = identity::v1;

Result<void> JoinAndSignIn(const std::string& url, const std::string& link_file,
                           const std::string& sign_in_name, cli::Home& home) {
  FAIRLEAD_ASSIGN(std::string link, cli::ReadFile(link_file, 1024));
  while (!link.empty() && link.back() == '\n') link.pop_back();
  const std::string code = link.substr(link.find('#') + 1);
  cli::ClientOptions options;
  options.url = url;
  cli::Client client(options);
  identity::SoftwareAuthenticator authenticator("localhost", url);

  v1::BeginInvitedPasskeyRequest begin;
  begin.set_invitation_code(code);
  FAIRLEAD_ASSIGN(const auto begun,
                  client.Call<v1::BeginInvitedPasskeyResponse>(
                      "fairlead.identity.v1.PasskeyService/BeginInvitedPasskey", begin));
  v1::AcceptInvitationRequest accept;
  accept.set_code(code);
  accept.set_sign_in_name(sign_in_name);
  accept.set_passkey_registration_json(authenticator.Register(begun.options_json()));
  FAIRLEAD_ASSIGN(const auto accepted,
                  client.Call<v1::AcceptInvitationResponse>(
                      "fairlead.identity.v1.IdentityService/AcceptInvitation", accept));

  FAIRLEAD_ASSIGN(const auto challenge,
                  client.Call<v1::BeginPasskeySignInResponse>(
                      "fairlead.identity.v1.PasskeyService/BeginPasskeySignIn",
                      v1::BeginPasskeySignInRequest()));
  v1::SignInWithPasskeyRequest sign_in;
  sign_in.set_assertion_json(authenticator.SignIn(challenge.options_json()));
  FAIRLEAD_ASSIGN(const auto response,
                  client.Call<v1::SignInWithPasskeyResponse>(
                      "fairlead.identity.v1.PasskeyService/SignInWithPasskey", sign_in));
  const v1::SignInResponse& session = response.sign_in();
  if (session.staff().id() != accepted.staff().id()) {
    return Fail(Code::kInternal, "ANOTHER_PERSON", "Signed in as somebody else.");
  }
  return home.SaveSession({.url = url,
                           .token = session.session_token(),
                           .staff_id = session.staff().id(),
                           .sign_in_name = session.staff().sign_in_name(),
                           .display_name = session.staff().display_name(),
                           .agency_id = session.staff().agency_id(),
                           .agency_name = session.agency_name()});
}

}  // namespace
}  // namespace fairlead

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: passkey_person URL LINK_FILE SIGN_IN_NAME HOME PROFILE\n", stderr);
    return 2;
  }
  fairlead::cli::Home home(argv[4], argv[5]);
  const auto done = fairlead::JoinAndSignIn(argv[1], argv[2], argv[3], home);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", fairlead::ToString(done.error()).c_str());
  return 1;
}
