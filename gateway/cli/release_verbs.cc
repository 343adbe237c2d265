// release show|list|disclosures|receipt|form, with those of release_new.h, release_create.h,
// release_sign.h and release_endings.h.
#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/release_create.h"
#include "gateway/cli/release_endings.h"
#include "gateway/cli/release_form.h"
#include "gateway/cli/release_new.h"
#include "gateway/cli/release_receipt.h"
#include "gateway/cli/release_sign.h"
#include "gateway/cli/release_view.h"
#include "gateway/cli/release_words.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/encoding.h"

namespace fairlead::cli {
namespace {

namespace v1 = consent::v1;

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

// Three years, the leap day and the day of today counted in.
constexpr int64_t kThreeYearsMs = (3 * 365 + 2) * 24LL * 3600 * 1000;

struct DisclosureOptions {
  std::string release;
  std::string case_handle;
  std::string since;
  bool three_years = false;
};

Result<void> Disclosures(Context& context, const DisclosureOptions& options) {
  v1::ListDisclosuresRequest request;
  if (!options.release.empty()) {
    FAIRLEAD_ASSIGN(const std::string id, context.Id("release", options.release));
    request.set_release_id(id);
  }
  if (!options.case_handle.empty()) {
    FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", options.case_handle));
    request.set_case_handle(handle);
  }
  if (options.three_years) {
    request.mutable_since_time()->set_seconds((context.NowMs() - kThreeYearsMs) / 1'000);
  }
  if (!options.since.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(
        SetTime(options.since, "--since", context.NowMs(), request.mutable_since_time()));
  }
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListDisclosuresResponse>(context, kListDisclosures, request));
  context.Emit(all, [&] { PrintDisclosures(context, all); });
  if (all.disclosures_size() == 0) context.Say("Nothing was disclosed.");
  return {};
}

struct ReceiptOptions {
  std::string release;
  std::string language;
  std::string html;
  bool no_names = false;
  bool force = false;
};

Result<Receipt> FetchReceipt(Context& context, const ReceiptOptions& options) {
  FAIRLEAD_ASSIGN(const std::string id, context.Id("release", options.release));
  v1::GetReleaseRequest get;
  get.set_release_id(id);
  FAIRLEAD_ASSIGN(const auto got, context.client().Call<v1::GetReleaseResponse>(kGetRelease, get));
  FAIRLEAD_RETURN_IF_ERROR(CheckRelease(context, got.release(), id));
  v1::ListDisclosuresRequest of_release;
  of_release.set_release_id(id);
  FAIRLEAD_ASSIGN(const auto disclosures, AllPages<v1::ListDisclosuresResponse>(
                                              context, kListDisclosures, of_release));
  v1::ListDestroyNoticesRequest asked;
  asked.set_release_id(id);
  asked.set_box(v1::DESTROY_NOTICE_BOX_SENT);
  FAIRLEAD_ASSIGN(const auto notices, AllPages<v1::ListDestroyNoticesResponse>(
                                          context, kListDestroyNotices, asked));
  Receipt receipt;
  receipt.release = got.release();
  receipt.disclosures = {disclosures.disclosures().rbegin(), disclosures.disclosures().rend()};
  receipt.notices = {notices.notices().rbegin(), notices.notices().rend()};
  receipt.language = FormLanguage(options.language.empty() ? got.release().signature().language()
                                                           : options.language);
  receipt.agency_name = [&context](const std::string& agency) {
    return context.AgencyName(agency);
  };
  return receipt;
}

Result<void> PrintReceipt(Context& context, const ReceiptOptions& options) {
  if (!options.language.empty() && FindReleaseForm(options.language) == nullptr) {
    return Usage("A receipt is in en or es.");
  }
  FAIRLEAD_ASSIGN(const Receipt receipt, FetchReceipt(context, options));
  if (options.html.empty()) {
    context.out() << ReceiptAsJson(receipt) << '\n';
    return {};
  }
  FAIRLEAD_RETURN_IF_ERROR(
      WriteNewFile(options.html, ReceiptAsHtml(receipt, !options.no_names), options.force));
  context.Say(options.no_names
                  ? "It names no agency. Give it only if the person says that it is safe to have."
                  : "It names agencies. Give it only if the person says that it is safe to have; "
                    "--no-names leaves them out.");
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

void AddDisclosureVerbs(Args release, Context& context) {
  auto options = std::make_shared<DisclosureOptions>();
  Args list = release.Verb("disclosures", "Who was given what, when, under which release");
  list.Option("--release", &options->release, "Of one release, or @last");
  list.Option("--case", &options->case_handle, "Of one case handle, or @last");
  list.Option("--since", &options->since, "From then on: a time, or how long ago (30d)");
  list.Flag("--three-years", &options->three_years,
            "As far back as the client may ask (42 CFR 2.24)");
  list.Do([&context, options] { return Disclosures(context, *options); });
  auto receipt = std::make_shared<ReceiptOptions>();
  Args verb = release.Verb("receipt", "What the client takes home: JSON, or a page to print");
  verb.Positional("release", &receipt->release, "Its id, or @last");
  verb.Option("--html", &receipt->html, "Write the page to this file");
  verb.Option("--language", &receipt->language, "en or es; default: that of the signature");
  verb.Flag("--no-names", &receipt->no_names, "The page numbers the agencies");
  verb.Flag("--force", &receipt->force, "Replace the file");
  verb.Do([&context, receipt] { return PrintReceipt(context, *receipt); });
}

}  // namespace

void AddReleaseVerbs(Args root, Context& context) {
  Args release = root.Group("release", "What clients allow to be shared");
  AddNewVerb(release, context);
  AddCreateVerb(release, context);
  AddSignVerb(release, context);
  AddEndingVerbs(release, context);
  auto shown = std::make_shared<std::string>();
  Args show = release.Verb("show", "Show one");
  show.Positional("release", shown.get(), "Its id, or @last");
  show.Do([&context, shown] { return Show(context, *shown); });
  auto of_case = std::make_shared<std::string>();
  Args list = release.Verb("list", "List your agency's releases");
  list.Option("--case", of_case.get(), "Of one case handle, or @last");
  list.Do([&context, of_case] { return List(context, *of_case); });
  AddDisclosureVerbs(release, context);
  auto language = std::make_shared<std::string>("en");
  Args form = release.Verb("form", "Print the text that a client reads before signing");
  form.Option("--language", language.get(), "en or es; default en");
  form.Do([&context, language] { return PrintForm(context, *language); });
}

}  // namespace fairlead::cli
