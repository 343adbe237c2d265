// user passphrase: a new passphrase, and with it a new secret and new recovery codes.
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/enrolment.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

// Before anything is typed that would come to nothing.
Result<void> ProveFirst(Context& context) {
  FAIRLEAD_ASSIGN(const auto me,
                  context.client().Call<v1::GetMeResponse>(kGetMe, v1::GetMeRequest()));
  if (me.session().step_up_expire_time().seconds() * 1'000 > context.NowMs()) return {};
  if (context.terminal().in_is_terminal && context.on_step_up) return context.on_step_up();
  return Fail(Code::kPermissionDenied, "STEP_UP_REQUIRED",
              "This needs a proof of the last ten minutes.");
}

Result<void> SetPassphrase(Context& context, const EnrolmentOptions& options) {
  FAIRLEAD_RETURN_IF_ERROR(context.OwnAgencyId());
  FAIRLEAD_RETURN_IF_ERROR(CheckEnrolmentOptions(context, options));
  FAIRLEAD_RETURN_IF_ERROR(ProveFirst(context));
  const std::string name = context.session().sign_in_name;
  Enrolment enrolment(context, options, name);
  FAIRLEAD_RETURN_IF_ERROR(enrolment.Make());
  const Result<void> set =
      enrolment.HandIn([&](const v1::PassphraseCredential& credential) -> Result<void> {
        v1::SetPassphraseRequest request;
        request.set_request_id(context.RequestId());
        *request.mutable_passphrase() = credential;
        FAIRLEAD_RETURN_IF_ERROR(
            context.client().Call<v1::SetPassphraseResponse>(kSetPassphrase, request));
        return {};
      });
  if (!set) {
    if (MayHaveHappened(set.error())) {
      context.Say("It may have been changed all the same: try to sign in with what is new, then "
                  "with what was before.");
    }
    return set;
  }
  context.Emit(v1::SetPassphraseResponse(), [&] {
    context.out() << "Passphrase, one-time codes and recovery codes are new; those before are "
                     "worth nothing. Your other sessions have ended.\n";
  });
  context.Next("session list");
  return {};
}

}  // namespace

void AddPassphraseVerb(Args user, Context& context) {
  auto options = std::make_shared<EnrolmentOptions>();
  Args verb = user.Verb("passphrase", "Replace your own passphrase, one-time codes and recovery "
                                      "codes");
  verb.Footer(
      "Needs a proof of the last ten minutes. After a lost authenticator: sign in with a recovery "
      "code, and for ten minutes this asks for nothing else.");
  AddEnrolmentOptions(verb, options.get());
  verb.Do([&context, options] { return SetPassphrase(context, *options); });
}

}  // namespace fairlead::cli
