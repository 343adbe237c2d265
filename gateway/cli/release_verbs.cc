// release create|sign|revoke|show|list|disclosures|form.
#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/release_form.h"
#include "gateway/cli/release_sign.h"
#include "gateway/cli/release_view.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/encoding.h"

namespace fairlead::cli {
namespace {

namespace v1 = consent::v1;

constexpr size_t kMaxFormBytes = 256 * 1024;

struct CreateOptions {
  std::vector<std::string> recipients;
  std::vector<std::string> categories;
  std::vector<std::string> excluded;
  std::vector<std::string> purposes = {"referral"};
  std::string case_handle;
  std::string expires;
  std::string effective_in;
  std::string jurisdiction;
  std::string language = "en";
  std::string form_file;
  std::string form_version;
  bool once = false;
  bool two_way = false;
  bool safe_contact = false;
  bool contact_prohibited = false;
};

Result<void> SetForm(const CreateOptions& options, v1::CreateReleaseRequest* request) {
  if (!options.form_file.empty()) {
    if (options.form_version.empty()) return Usage("--form needs --form-version, its name.");
    FAIRLEAD_ASSIGN(const std::string text, ReadFile(options.form_file, kMaxFormBytes));
    request->set_form_version(options.form_version);
    request->set_form_hash(Base64UrlEncode(Sha256(text)));
    return {};
  }
  const ReleaseForm* form = FindReleaseForm(options.language);
  if (form == nullptr) {
    return Usage("There is a form in en and es. For another language: --form FILE.");
  }
  request->set_form_version(options.form_version.empty() ? std::string(form->version)
                                                         : options.form_version);
  request->set_form_hash(Base64UrlEncode(Sha256(form->text)));
  return {};
}

Result<void> SetTimes(Context& context, const CreateOptions& options,
                      v1::CreateReleaseRequest* request) {
  const auto from_now = [&](int64_t seconds, google::protobuf::Timestamp* time) {
    const int64_t at_ms = context.NowMs() + seconds * 1'000;
    time->set_seconds(at_ms / 1'000);
    time->set_nanos(static_cast<int32_t>(at_ms % 1'000) * 1'000'000);
  };
  if (!options.expires.empty()) {
    FAIRLEAD_ASSIGN(const int64_t seconds, ParseDurationS(options.expires, "--expires"));
    from_now(seconds, request->mutable_expire_time());
  }
  if (!options.effective_in.empty()) {
    FAIRLEAD_ASSIGN(const int64_t seconds, ParseDurationS(options.effective_in, "--effective-in"));
    from_now(seconds, request->mutable_effective_time());
  }
  return {};
}

Result<void> Create(Context& context, const CreateOptions& options) {
  const bool safe_contact =
      options.safe_contact || std::find(options.categories.begin(), options.categories.end(),
                                        "safe_contact") != options.categories.end();
  if (!safe_contact && !options.contact_prohibited) {
    return Usage(
        "A release says how the client is reached: release the category safe_contact, or "
        "give --safe-contact or --contact-prohibited.");
  }
  if (options.jurisdiction.empty() && context.Variable("FAIRLEAD_STATE").empty()) {
    return Usage("Give the state whose law applies: --state CA (or set FAIRLEAD_STATE).");
  }
  v1::CreateReleaseRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_RETURN_IF_ERROR(SetForm(options, &request));
  FAIRLEAD_RETURN_IF_ERROR(SetTimes(context, options, &request));
  request.set_jurisdiction(options.jurisdiction.empty() ? context.Variable("FAIRLEAD_STATE")
                                                        : options.jurisdiction);
  if (options.case_handle.empty()) {
    request.set_case_handle(context.NewId());
  } else {
    FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", options.case_handle));
    request.set_case_handle(handle);
  }
  for (const std::string& recipient : options.recipients) {
    FAIRLEAD_ASSIGN(const std::string id, AgencyForRelease(context, recipient));
    request.add_recipient_agency_ids(id);
  }
  for (const auto& each : options.categories) request.add_categories(each);
  for (const auto& each : options.excluded) request.add_excluded_categories(each);
  for (const auto& each : options.purposes) request.add_purposes(each);
  request.set_action(options.once ? v1::RELEASE_ACTION_ONCE : v1::RELEASE_ACTION_ONGOING);
  request.set_two_way(options.two_way);
  request.set_safe_contact_instruction_present(safe_contact);
  request.set_contact_prohibited(options.contact_prohibited);
  request.set_hub_named_as_intermediary(true);  // every form says so, see release_form.cc
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::CreateReleaseResponse>(kCreateRelease, request));
  FAIRLEAD_RETURN_IF_ERROR(CheckCreated(context, request, response.release()));
  context.home().SetLast("release", response.release().id());
  context.home().SetLast("case", request.case_handle());
  context.Emit(response, [&] { PrintRelease(context, response.release()); });
  context.Next("release sign " + response.release().id() +
               " --capacity self --method written "
               "--language " +
               options.language + " --statement all");
  return {};
}

struct RevokeOptions {
  std::string release;
  std::string method = "oral";
  std::string etag;
  bool yes = false;
};

Result<void> Revoke(Context& context, const RevokeOptions& options) {
  v1::RevokeReleaseRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("release", options.release));
  FAIRLEAD_ASSIGN(const v1::SignatureMethod method,
                  ParseEnum<v1::SignatureMethod>(options.method, "--method"));
  request.set_release_id(id);
  request.set_method(method);
  request.set_etag(options.etag);
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, options.yes,
                                   "Revoke release " + Printable(id) +
                                       "? From then on nobody can open what was sent under it."));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::RevokeReleaseResponse>(kRevokeRelease, request));
  context.Emit(response, [&] {
    PrintRelease(context, response.release());
    context.out() << "Keys deleted  " << response.keys_deleted() << '\n';
  });
  for (const std::string& agency : response.agency_ids_that_opened()) {
    context.Say(Printable(context.AgencyName(agency)) +
                " had opened it already: what it copied is out of reach. Ask it to destroy its "
                "copies.");
  }
  context.Next("release disclosures --release " + response.release().id());
  return {};
}

Result<void> Show(Context& context, const std::string& text) {
  v1::GetReleaseRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("release", text));
  request.set_release_id(id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::GetReleaseResponse>(kGetRelease, request));
  context.Emit(response, [&] { PrintRelease(context, response.release()); });
  return {};
}

Result<void> List(Context& context, const std::string& case_handle) {
  v1::ListReleasesRequest request;
  if (!case_handle.empty()) {
    FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", case_handle));
    request.set_case_handle(handle);
  }
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListReleasesResponse>(context, kListReleases, request));
  context.Emit(all, [&] { PrintReleases(context, all); });
  if (all.releases_size() == 0) {
    context.Next("release create --to AGENCY --category needs --safe-contact --state STATE");
  }
  return {};
}

Result<void> Disclosures(Context& context, const std::string& release,
                         const std::string& case_handle) {
  v1::ListDisclosuresRequest request;
  if (!release.empty()) {
    FAIRLEAD_ASSIGN(const std::string id, context.Id("release", release));
    request.set_release_id(id);
  }
  if (!case_handle.empty()) {
    FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", case_handle));
    request.set_case_handle(handle);
  }
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListDisclosuresResponse>(context, kListDisclosures, request));
  context.Emit(all, [&] { PrintDisclosures(context, all); });
  if (all.disclosures_size() == 0) context.Say("Nothing was disclosed.");
  return {};
}

Result<void> PrintForm(Context& context, const std::string& language) {
  const ReleaseForm* form = FindReleaseForm(language);
  if (form == nullptr) return Usage("There is a form in en and es.");
  context.out() << form->text;
  context.Say("Form " + std::string(form->version) + ", hash " +
              Base64UrlEncode(Sha256(form->text)));
  return {};
}

void AddCreateVerb(Args release, Context& context) {
  auto options = std::make_shared<CreateOptions>();
  Args verb = release.Verb("create", "Draft a release: what a client allows, to whom, until when");
  verb.Option("--to", &options->recipients, "Agencies that may receive: id or exact name",
              Need::kRequired);
  verb.Option("--category", &options->categories,
              "identity, safe_contact, needs, health, legal, immigration, children, narrative, "
              "documents, substance_use_part2",
              Need::kRequired);
  verb.Option("--never", &options->excluded, "Categories that must never be released");
  verb.Option("--purpose", &options->purposes,
              "referral, service_coordination, safety_planning, legal_representation, treatment, "
              "benefits; default: referral");
  verb.Option("--case", &options->case_handle, "Case handle (UUID), or @last; default: a new one");
  verb.Option("--expires", &options->expires, "In how long: 12h, 30d; default 30d, at most 365d");
  verb.Option("--effective-in", &options->effective_in, "Takes effect later: 2d; default: now");
  verb.Option("--state", &options->jurisdiction,
              "The US state whose law applies, two capital letters; default: FAIRLEAD_STATE");
  verb.Option("--language", &options->language, "Of the form: en or es; default en");
  verb.Option("--form", &options->form_file, "Your own form's text; default: fairlead's");
  verb.Option("--form-version", &options->form_version, "Its name");
  verb.Flag("--once", &options->once, "For one hand-off only");
  verb.Flag("--two-way", &options->two_way, "The recipients may answer with data");
  verb.Flag("--safe-contact", &options->safe_contact, "How to reach the client is recorded");
  verb.Flag("--contact-prohibited", &options->contact_prohibited, "Nobody may contact the client");
  verb.Do([&context, options] { return Create(context, *options); });
}

}  // namespace

void AddReleaseVerbs(Args root, Context& context) {
  Args release = root.Group("release", "What clients allow to be shared");
  AddCreateVerb(release, context);
  AddSignVerb(release, context);
  {
    auto options = std::make_shared<RevokeOptions>();
    Args verb = release.Verb("revoke", "Take a release back: nothing sent under it opens again");
    verb.Positional("release", &options->release, "Its id, or @last");
    verb.Option("--method", &options->method, "How the client withdrew: oral, written, esigned");
    verb.Option("--etag", &options->etag, "Only if it is still at this version");
    verb.Flag("--yes", &options->yes, "Do not ask");
    verb.Do([&context, options] { return Revoke(context, *options); });
  }
  auto shown = std::make_shared<std::string>();
  Args show = release.Verb("show", "Show one");
  show.Positional("release", shown.get(), "Its id, or @last");
  show.Do([&context, shown] { return Show(context, *shown); });
  auto of_case = std::make_shared<std::string>();
  Args list = release.Verb("list", "List your agency's releases");
  list.Option("--case", of_case.get(), "Of one case handle, or @last");
  list.Do([&context, of_case] { return List(context, *of_case); });
  auto of_release = std::make_shared<std::string>();
  Args disclosures = release.Verb("disclosures", "Who was given what, when, under which release");
  disclosures.Option("--release", of_release.get(), "Of one release, or @last");
  disclosures.Option("--case", of_case.get(), "Of one case handle, or @last");
  disclosures.Do(
      [&context, of_release, of_case] { return Disclosures(context, *of_release, *of_case); });
  auto language = std::make_shared<std::string>("en");
  Args form = release.Verb("form", "Print the text that a client reads before signing");
  form.Option("--language", language.get(), "en or es; default en");
  form.Do([&context, language] { return PrintForm(context, *language); });
}

}  // namespace fairlead::cli
