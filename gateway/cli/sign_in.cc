#include "gateway/cli/sign_in.h"

#include <algorithm>

#include "gateway/cli/methods.h"
#include "services/common/base/encoding.h"
#include "services/common/base/passphrase.h"
#include "services/common/base/random.h"
#include "services/common/base/totp.h"
#include "services/common/config/secret_file.h"

namespace fairlead::cli {
namespace {

constexpr size_t kInvitationCodeBytes = 32;
constexpr size_t kRecoveryCodeLength = 26;

bool IsSixDigits(const std::string& text) {
  return text.size() == 6 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// As it was hashed: capital letters, without the hyphens that make it readable.
Result<std::string> ReadRecoveryCode(const std::string& text) {
  std::string plain;
  for (char c : text) {
    if (c == '-' || c == ' ') continue;
    plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  if (plain.size() != kRecoveryCodeLength || !Base32Decode(plain)) {
    return Usage("A one-time code has six digits; a recovery code has 26 letters and digits.");
  }
  return plain;
}

// Makes `call` with each code that may be right at this moment, until one is.
template <class Response, class Call>
Result<Response> WithCodes(const std::string& secret, int64_t now_ms, const Call& call) {
  const int64_t step = TotpStep(now_ms);
  Result<Response> answer = call(TotpCode(secret, step));
  // This moment's code may have been used already; the hub takes the next one too.
  if (answer || answer.error().reason != "SIGN_IN_FAILED") return answer;
  return call(TotpCode(secret, step + 1));
}

Result<identity::v1::SignInResponse> Ask(Context& context, const std::string& sign_in_name,
                                         const std::string& passphrase, const Factor& factor) {
  identity::v1::SignInRequest request;
  request.set_sign_in_name(sign_in_name);
  request.set_passphrase(passphrase);
  request.set_recovery_code(factor.recovery);
  const auto call = [&](const std::string& code) {
    request.set_totp_code(code);
    return context.client().Call<identity::v1::SignInResponse>(kSignIn, request);
  };
  if (factor.secret.empty()) return call(factor.code);
  return WithCodes<identity::v1::SignInResponse>(factor.secret, context.NowMs(), call);
}

}  // namespace

void AddFactorOptions(Args verb, FactorSource* source, bool with_recovery) {
  verb.Option("--totp-file", &source->totp_file,
              "Make the one-time code from the otpauth:// URI in a file (user accept writes it)");
  verb.Flag("--totp-stdin", &source->totp_stdin,
            "Read the one-time code from the next line of standard input");
  if (!with_recovery) return;
  verb.Option("--recovery-file", &source->recovery.file, "Use the recovery code in a file");
  verb.Flag("--recovery-stdin", &source->recovery.from_stdin,
            "Read a recovery code from the next line of standard input");
}

Result<Factor> ReadFactor(Context& context, const FactorSource& source) {
  Factor factor;
  if (!source.totp_file.empty()) {
    FAIRLEAD_ASSIGN(const std::string uri, config::ReadSecret(source.totp_file));
    const auto secret = SecretOfOtpauthUri(uri);
    if (!secret) return Usage("--totp-file holds no otpauth://totp/ URI of ours.");
    factor.secret = *secret;
    return factor;
  }
  const bool recovery = !source.recovery.file.empty() || source.recovery.from_stdin;
  const SecretSource from =
      recovery ? source.recovery : SecretSource{.file = {}, .from_stdin = source.totp_stdin};
  FAIRLEAD_ASSIGN(const std::string text,
                  ReadSecretFrom(context, from, "One-time code (or a recovery code)", "--totp"));
  if (!recovery && IsSixDigits(text)) {
    factor.code = text;
    return factor;
  }
  FAIRLEAD_ASSIGN(factor.recovery, ReadRecoveryCode(text));
  return factor;
}

Result<identity::v1::SignInResponse> SignIn(Context& context, const std::string& sign_in_name,
                                            const std::string& passphrase, const Factor& factor) {
  context.client().set_token("");  // an old session has no say in a new one
  FAIRLEAD_ASSIGN(auto response, Ask(context, sign_in_name, passphrase, factor));
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
  const bool new_hub = context.home().SavedUrl() != session.url;
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveSession(session));
  if (new_hub) {
    context.Say("From now on the commands of profile " + context.globals().profile + " go to " +
                session.url + "; to another hub with --url or FAIRLEAD_URL.");
  }
  context.set_session(std::move(session));
  return response;
}

Result<identity::v1::StepUpResponse> StepUp(Context& context, const std::string& passphrase,
                                            const Factor& factor) {
  if (!factor.recovery.empty()) {
    return Usage("A recovery code signs in; to step up, a one-time code is needed.");
  }
  identity::v1::StepUpRequest request;
  request.set_request_id(context.NewId());
  request.set_passphrase(passphrase);
  const auto call = [&](const std::string& code) {
    request.set_totp_code(code);
    return context.client().Call<identity::v1::StepUpResponse>(kStepUp, request);
  };
  if (factor.secret.empty()) return call(factor.code);
  return WithCodes<identity::v1::StepUpResponse>(factor.secret, context.NowMs(), call);
}

namespace {

Result<std::string> ReadNewPassphraseOnce(Context& context, const SecretSource& source,
                                          const std::string& sign_in_name) {
  FAIRLEAD_ASSIGN(
      const std::string first,
      ReadSecretFrom(context, source, "New passphrase (15 characters or more)", "--passphrase"));
  FAIRLEAD_RETURN_IF_ERROR(CheckPassphrase(first, sign_in_name, ""));
  if (!source.file.empty() || source.from_stdin) return first;
  FAIRLEAD_ASSIGN(const std::string second,
                  ReadSecretFrom(context, source, "The same again", "--passphrase"));
  if (first != second) return Usage("The two passphrases differ. Nothing was changed.");
  return first;
}

}  // namespace

Result<std::string> ReadNewPassphrase(Context& context, const SecretSource& source,
                                      const std::string& sign_in_name) {
  const auto read = [&] { return ReadNewPassphraseOnce(context, source, sign_in_name); };
  if (!source.file.empty() || source.from_stdin) return read();
  return AskAgain<std::string>(context, read);
}

InvitationCode NewInvitationCode() {
  InvitationCode made;
  made.code = Base64UrlEncode(SystemRandom().Bytes(kInvitationCodeBytes));
  made.sha256 = Base64UrlEncode(Sha256(made.code));
  return made;
}

std::string InvitationLink(const std::string& url, const std::string& code) {
  return BrowserUrl(url) + "/join#" + code;
}

std::string RolesOf(const google::protobuf::RepeatedField<int>& roles) {
  std::vector<std::string> texts;
  for (const int role : roles) texts.push_back(EnumText(static_cast<identity::v1::Role>(role)));
  return Listed(texts);
}

Result<std::vector<identity::v1::Role>> ParseRoles(const std::vector<std::string>& texts) {
  std::vector<identity::v1::Role> roles;
  for (const std::string& text : texts) {
    FAIRLEAD_ASSIGN(const identity::v1::Role role, ParseEnum<identity::v1::Role>(text, "--role"));
    if (role == identity::v1::ROLE_INTEGRATION) {
      return Usage("Software is a machine client, and no person: fairlead machine create");
    }
    roles.push_back(role);
  }
  return roles;
}

}  // namespace fairlead::cli
