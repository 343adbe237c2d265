#include "gateway/cli/release_create.h"

#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/release_form.h"
#include "gateway/cli/release_view.h"
#include "services/common/base/encoding.h"
#include "services/common/base/us_states.h"

namespace fairlead::cli {
namespace {

namespace v1 = consent::v1;

constexpr size_t kMaxFormBytes = 256 * 1024;

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

// Of the release that it is to replace, else as given, else a new one.
Result<void> SetCase(Context& context, const CreateOptions& options,
                     v1::CreateReleaseRequest* request) {
  if (!options.supersedes.empty()) {
    v1::GetReleaseRequest get;
    FAIRLEAD_ASSIGN(const std::string id, context.Id("release", options.supersedes));
    get.set_release_id(id);
    FAIRLEAD_ASSIGN(const auto old,
                    context.client().Call<v1::GetReleaseResponse>(kGetRelease, get));
    FAIRLEAD_RETURN_IF_ERROR(CheckRelease(context, old.release(), id));
    request->set_supersedes_release_id(id);
    request->set_case_handle(old.release().case_handle());
  }
  if (!options.case_handle.empty()) {
    FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", options.case_handle));
    request->set_case_handle(handle);
  }
  if (request->case_handle().empty()) request->set_case_handle(context.NewId());
  return {};
}

}  // namespace

Result<v1::CreateReleaseResponse> CreateDraft(Context& context, const CreateOptions& options) {
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
  const std::string state = options.jurisdiction.empty() ? context.Variable("FAIRLEAD_STATE")
                                                         : options.jurisdiction;
  const std::string by_number = UsStateOfFips(state);
  request.set_jurisdiction(by_number.empty() ? state : by_number);
  FAIRLEAD_RETURN_IF_ERROR(SetCase(context, options, &request));
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
  return response;
}

namespace {

Result<void> Create(Context& context, const CreateOptions& options) {
  FAIRLEAD_ASSIGN(const auto response, CreateDraft(context, options));
  context.Emit(response, [&] { PrintRelease(context, response.release()); });
  context.Next("release sign " + response.release().id() +
               " --capacity self --method written "
               "--language " +
               options.language + " --statement all");
  return {};
}

}  // namespace

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
  verb.Option("--supersedes", &options->supersedes,
              "A release in force, of the same case, whose place it takes when it is signed");
  verb.Option("--expires", &options->expires, "In how long: 12h, 30d; default 30d, at most 365d");
  verb.Option("--effective-in", &options->effective_in, "Takes effect later: 2d; default: now");
  verb.Option("--state", &options->jurisdiction,
              "The US state whose law applies: TX, or its two digits; default: FAIRLEAD_STATE");
  verb.Option("--language", &options->language, "Of the form: en or es; default en");
  verb.Option("--form", &options->form_file, "Your own form's text; default: fairlead's");
  verb.Option("--form-version", &options->form_version, "Its name");
  verb.Flag("--once", &options->once, "For one hand-off only");
  verb.Flag("--two-way", &options->two_way, "The recipients may answer with data");
  verb.Flag("--safe-contact", &options->safe_contact, "How to reach the client is recorded");
  verb.Flag("--contact-prohibited", &options->contact_prohibited, "Nobody may contact the client");
  verb.Do([&context, options] { return Create(context, *options); });
}

}  // namespace fairlead::cli
