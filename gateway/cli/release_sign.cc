#include "gateway/cli/release_sign.h"

#include <charconv>
#include <set>

#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/release_form.h"
#include "gateway/cli/release_view.h"
#include "services/common/base/encoding.h"
#include "services/common/config/suggest.h"

namespace fairlead::cli {

namespace v1 = consent::v1;

const std::vector<Statement>& Statements() {
  using Request = v1::SignReleaseRequest;
  static const std::vector<Statement> kStatements = {
      {"plain_language", "The release was explained in plain language and understood.",
       "La autorización se explicó en palabras sencillas y se entendió.",
       [](Request* r) { r->mutable_signature()->set_plain_language_confirmed(true); }},
      {"risks", "The risks of sharing and the other ways were explained.",
       "Se explicaron los riesgos de compartir y las otras maneras.",
       [](Request* r) { r->mutable_signature()->set_risks_and_alternatives_explained(true); }},
      {"not_a_condition", "The client was told that help does not depend on signing.",
       "Se dijo que la ayuda no depende de firmar.",
       [](Request* r) { r->set_not_a_condition_of_service(true); }},
      {"refusing", "The client was told what refusing means.",
       "Se dijo qué significa no firmar.",
       [](Request* r) { r->set_consequences_of_refusing_explained(true); }},
      {"revoking",
       "The client was told of the right to take the release back, how, and its limits.",
       "Se explicó el derecho a retirarla, cómo hacerlo y sus límites.",
       [](Request* r) { r->set_right_to_revoke_explained(true); }},
      {"redisclosure", "The client was told that recipients might pass the data on.",
       "Se dijo que quienes reciben los datos podrían pasarlos a otros.",
       [](Request* r) { r->set_redisclosure_explained(true); }},
      {"copy", "A copy was offered, if it is safe to have one.",
       "Se ofreció una copia, si es seguro tenerla.",
       [](Request* r) { r->set_copy_offered(true); }},
  };
  return kStatements;
}

namespace {

Result<void> SetStatements(const SignOptions& options, v1::SignReleaseRequest* request) {
  std::vector<std::string> names;
  for (const Statement& statement : Statements()) names.push_back(statement.name);
  for (const std::string& given : options.statements) {
    if (given == "all") {
      for (const Statement& statement : Statements()) statement.attest(request);
      continue;
    }
    const auto found = std::find(names.begin(), names.end(), given);
    if (found == names.end()) {
      const std::string near = config::Nearest(given, names);
      return Usage("'" + Printable(given) + "' is not a statement." +
                   (near.empty() ? "" : " Did you mean '" + near + "'?") +
                   " There are: " + Listed(names) + ", or all.");
    }
    Statements()[static_cast<size_t>(found - names.begin())].attest(request);
  }
  return {};
}

bool Attested(const Statement& statement, const v1::SignReleaseRequest& request) {
  v1::SignReleaseRequest with = request;
  statement.attest(&with);
  return with.SerializeAsString() == request.SerializeAsString();
}

// What is not attested, by the words that --statement takes. The hub would refuse it too, by the
// names of its own fields.
Result<void> CheckComplete(const v1::SignReleaseRequest& request) {
  std::vector<std::string> missing;
  for (const Statement& statement : Statements()) {
    if (!Attested(statement, request)) missing.push_back(statement.name);
  }
  if (missing.empty()) return {};
  return Fail(Code::kFailedPrecondition, "RELEASE_INCOMPLETE",
              "Not attested: without each of these a release does not count. --statement lacks " +
                  Listed(missing) + ".",
              {{"missing", Listed(missing)}});
}

bool IsGuardian(v1::SignerCapacity capacity) {
  return capacity == v1::SIGNER_CAPACITY_GUARDIAN ||
         capacity == v1::SIGNER_CAPACITY_COURT_GUARDIAN;
}

void SayWhatIsAttested(Context& context, const v1::Release& release,
                       const v1::SignReleaseRequest& request) {
  std::string text = "You attest, for release " + release.id() + ":\n  " +
                     FlowText(context, release) + ".\n";
  const v1::Signature& signature = request.signature();
  text += "  signed by: " + EnumText(signature.capacity()) + ", " + EnumText(signature.method()) +
          ", in " + signature.language() + ", kept as " + signature.artefact_id() + "\n";
  for (const Statement& statement : Statements()) {
    text += Attested(statement, request) ? "  ✓ " : "  ✗ ";
    text += statement.words + "\n";
  }
  if (IsGuardian(signature.capacity())) {
    text += signature.attests_not_the_abuser() ? "  ✓ " : "  ✗ ";
    text += "The guardian attests not to be the abuser.\n";
  }
  text.pop_back();
  context.Say(text);
}

Result<v1::SignReleaseRequest> MakeRequest(Context& context, const SignOptions& options) {
  v1::SignReleaseRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("release", options.release));
  request.set_release_id(id);
  request.set_etag(options.etag);
  FAIRLEAD_ASSIGN(const v1::SignerCapacity capacity,
                  ParseEnum<v1::SignerCapacity>(options.capacity, "--capacity"));
  FAIRLEAD_ASSIGN(const v1::SignatureMethod method,
                  ParseEnum<v1::SignatureMethod>(options.method, "--method"));
  if (method == v1::SIGNATURE_METHOD_ORAL) {
    return Usage("--method is written or esigned: a release is not signed by word of mouth, only "
                 "taken back so.");
  }
  if (IsGuardian(capacity) && !options.not_the_abuser) {
    return Usage("A guardian attests not to be the abuser: --not-the-abuser.");
  }
  v1::Signature* signature = request.mutable_signature();
  signature->set_capacity(capacity);
  signature->set_method(method);
  // Without an id of the agency's own: one to write on the paper.
  signature->set_artefact_id(options.artefact.empty() ? context.NewId() : options.artefact);
  signature->set_language(options.language);
  signature->set_attests_not_the_abuser(options.not_the_abuser);
  signature->set_minor_cosigned(options.minor_cosigned);
  if (!options.minor_age.empty()) {
    FAIRLEAD_ASSIGN(const int age, ParseMinorAge(options.minor_age));
    signature->set_minor_age(age);
  }
  signature->set_interpreter_used(options.interpreter);
  signature->set_witnessed(options.witnessed);
  FAIRLEAD_RETURN_IF_ERROR(SetStatements(options, &request));
  return request;
}

// A release is made with the form that the client reads. In another language another one was read;
// an interpreter may have read this one out.
Result<void> CheckLanguage(const v1::Release& release, const v1::Signature& signature) {
  if (signature.interpreter_used()) return {};
  for (const std::string language : {"en", "es"}) {
    const ReleaseForm* form = FindReleaseForm(language);
    if (release.form_hash() != Base64UrlEncode(Sha256(form->text))) continue;
    const std::string& given = signature.language();
    if (given == language || given.starts_with(language + "-")) return {};
    return Fail(Code::kFailedPrecondition, "FORM_LANGUAGE_MISMATCH",
                "The release was made with the form " + std::string(form->version) +
                    " (--language " + language + "), and the client signed in " + given + ".",
                {{"form", release.form_version()}});
  }
  return {};
}

// What ends with the signature: said before it, for it cannot be undone.
Result<void> SayWhatEnds(Context& context, const v1::Release& draft) {
  const std::string& old = draft.supersedes_release_id();
  v1::ListDisclosuresRequest request;
  request.set_release_id(old);
  const auto disclosures =
      AllPages<v1::ListDisclosuresResponse>(context, kListDisclosures, request);
  // Who signs for a client may have no leave to read the log.
  if (!disclosures && disclosures.error().code == Code::kPermissionDenied) {
    context.Say("It takes the place of release " + old +
                ", which ends at once: nobody can open what was sent under that one any more.");
    return {};
  }
  if (!disclosures) return Fail(disclosures.error());
  std::set<std::string> sent;
  std::set<std::string> openers;
  for (const v1::Disclosure& one : disclosures->disclosures()) {
    if (one.kind() == "sent") sent.insert(one.referral_id());
    if (one.kind() != "sent" && one.recipient_agency_id() != draft.discloser_agency_id()) {
      openers.insert(context.AgencyName(one.recipient_agency_id()));
    }
  }
  context.Say("It takes the place of release " + old + ", which ends at once.");
  if (sent.empty()) return {};
  context.Say("  Nobody can open what was sent under that one any more (" +
              std::to_string(sent.size()) +
              " referral(s)): what is open is cancelled and has to be sent anew; a service that "
              "was accepted goes on.");
  if (openers.empty()) return {};
  context.Say("  Opened already by " + Listed({openers.begin(), openers.end()}) +
              ". Whoever may not keep all of it by the new release is asked to destroy it.");
  return {};
}

// The referral of this case that was agreed before there was a packet, with an agency of the
// release; "": there is none, or it is not for this person to see.
std::string OwedReferral(Context& context, const v1::Release& release) {
  if (context.json()) return "";
  const auto sent = ListBox(context, referral::v1::BOX_SENT,
                            {referral::v1::REFERRAL_STATE_MATCHED,
                             referral::v1::REFERRAL_STATE_IN_SERVICE});
  if (!sent) return "";
  const auto& named = release.recipient_agency_ids();
  for (const referral::v1::Referral& referral : sent->referrals()) {
    if (referral.has_packet() || referral.case_handle() != release.case_handle()) continue;
    for (const referral::v1::Offer& offer : referral.offers()) {
      if (offer.state() == referral::v1::OFFER_STATE_ACCEPTED &&
          std::find(named.begin(), named.end(), offer.recipient_agency_id()) != named.end()) {
        return referral.id();
      }
    }
  }
  return "";
}

std::string StepAfterSigning(Context& context, const v1::Release& release) {
  const std::string owed = OwedReferral(context, release);
  if (!owed.empty()) {
    return "referral send-packet " + owed + " --packet FILE --release " + release.id();
  }
  return "referral send --packet FILE --release " + release.id() + " --to " +
         (release.recipient_agency_ids().empty() ? std::string("AGENCY")
                                                 : release.recipient_agency_ids(0)) +
         " --need CODE --urgency standard";
}

}  // namespace

Result<int> ParseMinorAge(const std::string& text) {
  constexpr int kOldestMinor = 17;
  int age = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), age);
  if (error != std::errc() || end != text.data() + text.size() || age < 1 || age > kOldestMinor) {
    return Usage("--minor-age is a number of years from 1 to 17.");
  }
  return age;
}

Result<void> SignDraft(Context& context, const SignOptions& options) {
  FAIRLEAD_ASSIGN(const v1::SignReleaseRequest request, MakeRequest(context, options));
  v1::GetReleaseRequest get;
  get.set_release_id(request.release_id());
  FAIRLEAD_ASSIGN(const auto draft,
                  context.client().Call<v1::GetReleaseResponse>(kGetRelease, get));
  FAIRLEAD_RETURN_IF_ERROR(CheckRelease(context, draft.release(), request.release_id()));
  FAIRLEAD_RETURN_IF_ERROR(CheckLanguage(draft.release(), request.signature()));
  // What the client signs is what is shown here: no later answer may be another one.
  FAIRLEAD_RETURN_IF_ERROR(RememberRelease(context, draft.release()));
  SayWhatIsAttested(context, draft.release(), request);
  FAIRLEAD_RETURN_IF_ERROR(CheckComplete(request));
  const bool replaces = !draft.release().supersedes_release_id().empty();
  if (replaces) FAIRLEAD_RETURN_IF_ERROR(SayWhatEnds(context, draft.release()));
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, options.yes,
                                   FlowText(context, draft.release()) +
                                       (replaces ? ". Is all of this so, and shall the other "
                                                   "release end now?"
                                                 : ". Is all of this so?")));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::SignReleaseResponse>(kSignRelease, request));
  FAIRLEAD_RETURN_IF_ERROR(CheckRelease(context, response.release(), request.release_id()));
  context.home().SetLast("release", response.release().id());
  context.Emit(response, [&] { PrintRelease(context, response.release()); });
  context.Next(StepAfterSigning(context, response.release()));
  return {};
}

void AddSignVerb(Args release, Context& context) {
  auto options = std::make_shared<SignOptions>();
  Args verb = release.Verb("sign", "Record the client's signature: the release takes effect");
  verb.Positional("release", &options->release, "Its id, or @last");
  verb.Option("--capacity", &options->capacity,
              "Who signed: self, guardian, minor_alone, court_guardian (an adult's)",
              Need::kRequired);
  verb.Option("--method", &options->method, "How: written, esigned", Need::kRequired);
  verb.Option("--language", &options->language, "In which language: en, es, zh-Hant",
              Need::kRequired);
  verb.Option("--statement", &options->statements,
              "What was explained: plain_language, risks, not_a_condition, refusing, revoking, "
              "redisclosure, copy, or all",
              Need::kRequired);
  verb.Option("--artefact", &options->artefact,
              "Your own id (UUID) of the signed paper; default: a new one");
  verb.Flag("--not-the-abuser", &options->not_the_abuser,
            "A guardian attests not to be the abuser");
  verb.Flag("--minor-cosigned", &options->minor_cosigned, "The minor signed too");
  verb.Option("--minor-age", &options->minor_age,
              "In years, of a minor who signs alone, or not beside the guardian: 1 to 17");
  verb.Flag("--interpreter", &options->interpreter, "An interpreter helped");
  verb.Flag("--witnessed", &options->witnessed, "A witness was there");
  verb.Option("--etag", &options->etag, "Only if it is still at this version");
  verb.Flag("--yes", &options->yes, "Do not ask");
  verb.Do([&context, options] { return SignDraft(context, *options); });
}

}  // namespace fairlead::cli
