// directory import|search|show|hours|needs; directory_export.cc has export.
#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/capacity_view.h"
#include "gateway/cli/client_filters.h"
#include "gateway/cli/hours_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/nearest_need.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace fs = std::filesystem;
namespace v1 = directory::v1;

constexpr size_t kMaxImportFileBytes = 4 * 1024 * 1024;
constexpr size_t kMaxImportFiles = 64;

struct ImportOptions {
  std::vector<std::string> paths;
  std::string format;
  std::string agency;
  std::vector<std::string> needs;
  std::vector<std::string> counties;
  std::string time_zone;
  std::string source;
  bool preview = false;
};

bool HasExtension(const fs::path& path, std::string_view extension) {
  return path.extension() == extension;
}

// The files of an HSDS folder: its tables with datapackage.json, or else its JSON files.
Result<std::vector<fs::path>> FilesOf(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<fs::path>{path};
  std::vector<fs::path> tables;
  std::vector<fs::path> documents;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (HasExtension(at->path(), ".csv")) tables.push_back(at->path());
    if (HasExtension(at->path(), ".json")) documents.push_back(at->path());
  }
  if (!tables.empty()) {
    for (const fs::path& document : documents) {
      if (document.filename() == "datapackage.json") tables.push_back(document);
    }
  }
  std::vector<fs::path>& files = tables.empty() ? documents : tables;
  if (files.empty()) {
    return Fail(Code::kNotFound, "NOTHING_TO_IMPORT", path + " has neither .csv nor .json files.",
                {{"folder", path}});
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<v1::ImportFormat> FormatOf(const std::vector<fs::path>& files, const std::string& given) {
  if (given == "csv") return v1::IMPORT_FORMAT_HSDS_CSV;
  if (given == "json") return v1::IMPORT_FORMAT_HSDS_JSON;
  if (!given.empty()) return Usage("--format is csv or json.");
  const bool csv = std::any_of(files.begin(), files.end(),
                               [](const fs::path& file) { return HasExtension(file, ".csv"); });
  return csv ? v1::IMPORT_FORMAT_HSDS_CSV : v1::IMPORT_FORMAT_HSDS_JSON;
}

Result<v1::ImportListingsRequest> ReadImport(const ImportOptions& options) {
  v1::ImportListingsRequest request;
  std::vector<fs::path> files;
  for (const std::string& path : options.paths) {
    FAIRLEAD_ASSIGN(const std::vector<fs::path> more, FilesOf(path));
    files.insert(files.end(), more.begin(), more.end());
  }
  if (files.size() > kMaxImportFiles) return Usage("An import has at most 64 files.");
  FAIRLEAD_ASSIGN(const v1::ImportFormat format, FormatOf(files, options.format));
  request.set_format(format);
  for (const fs::path& path : files) {
    FAIRLEAD_ASSIGN(std::string content, ReadFile(path.string(), kMaxImportFileBytes));
    v1::ImportFile* file = request.add_files();
    file->set_name(path.filename().string());
    file->set_content(std::move(content));
  }
  for (const std::string& need : options.needs) request.add_default_need_codes(need);
  for (const std::string& county : options.counties) request.add_default_counties(county);
  request.set_default_time_zone(options.time_zone);
  request.set_source(options.source);
  request.set_preview(options.preview);
  return request;
}

Result<void> Import(Context& context, const ImportOptions& options) {
  FAIRLEAD_ASSIGN(v1::ImportListingsRequest request, ReadImport(options));
  FAIRLEAD_ASSIGN(const std::string agency_id, options.agency.empty()
                                                   ? context.OwnAgencyId()
                                                   : context.AgencyId(options.agency));
  request.set_request_id(context.RequestId());
  request.set_agency_id(agency_id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::ImportListingsResponse>(kImportListings, request));
  context.Emit(response, [&] {
    context.out() << (options.preview ? "Would create " : "Created ") << response.created() << ", "
                  << (options.preview ? "update " : "updated ") << response.updated()
                  << ", unchanged " << response.unchanged() << ".\n";
    if (response.problems_size() == 0) return;
    Table table({"FILE", "ROW", "COLUMN", "PROBLEM"});
    for (const v1::ImportProblem& problem : response.problems()) {
      table.Add(
          {problem.file(), std::to_string(problem.row()), problem.column(), problem.reason()});
    }
    context.Print(table);
  });
  context.Next(options.preview ? "directory import … (without --preview)" : "directory search");
  return {};
}

struct SearchOptions {
  std::vector<std::string> words;
  ClientFilters client;
  std::string language;
  std::string page;
  int64_t limit = 25;
};

std::string Ages(const v1::Service& service) {
  if (service.minimum_age() == 0 && service.maximum_age() == 0) return "";
  if (service.maximum_age() == 0) return std::to_string(service.minimum_age()) + "+";
  return std::to_string(service.minimum_age()) + "-" + std::to_string(service.maximum_age());
}

// Nobody who knows has looked at it for a year, or ever.
bool IsStale(const v1::Service& service) {
  return service.verification() == v1::VERIFICATION_STATE_STALE;
}

Result<void> Search(Context& context, const SearchOptions& options) {
  v1::SearchServicesRequest request;
  options.client.SetIn(request);
  request.set_language(options.language);
  request.set_text(options.words.empty() ? "" : options.words.front());
  for (size_t i = 1; i < options.words.size(); ++i) {
    request.set_text(request.text() + " " + options.words[i]);
  }
  request.set_page_size(static_cast<int32_t>(options.limit));
  request.set_page_token(options.page);
  const auto found = context.client().Call<v1::SearchServicesResponse>(kSearchServices, request);
  if (!found) return Fail(WithNearestNeed(context, found.error(), options.client.need));
  const v1::SearchServicesResponse& response = *found;
  context.Emit(response, [&] {
    Table table({"SERVICE", "AGENCY", "NEEDS", "LANGUAGES", "AGES", "HOURS", "NOTE", "ID"});
    for (const v1::Service& service : response.services()) {
      table.Add({service.name(), service.agency_name(), ListedField(service.need_codes()),
                 ListedField(service.languages()), Ages(service), OpenText(service),
                 IsStale(service) ? "NOT VERIFIED" : "", service.id()});
    }
    if (!table.empty()) context.Print(table);
  });
  if (response.misspelt()) {
    context.Say("No service has these words as they are written: these have words that are near.");
  }
  if (response.services_size() == 0 && response.next_page_token().empty()) {
    context.Say("No service fits all of that. Leave a condition out to see what is near.");
  } else if (!response.next_page_token().empty()) {
    context.Say("There are more: --page " + response.next_page_token());
  } else {
    context.Next("directory show ID");
  }
  return {};
}

// What the client's circumstances must be; "" for what is not stated.
std::vector<Field> EligibilityFields(const v1::Eligibility& eligibility) {
  std::vector<std::string> demands;
  if (eligibility.id_required()) demands.emplace_back("identity document");
  if (eligibility.sobriety_required()) demands.emplace_back("sobriety");
  const std::string target = eligibility.response_target_min() == 0
                                 ? ""
                                 : std::to_string(eligibility.response_target_min()) + " min";
  return {{"Whole states", ListedField(eligibility.states())},
          {"Genders", ListedField(eligibility.genders())},
          {"Populations", ListedField(eligibility.populations())},
          {"Exploitation", ListedField(eligibility.exploitation_types())},
          {"Household", ListedField(eligibility.household_codes())},
          {"Access", ListedField(eligibility.accessibility_codes())},
          {"Interpreters", eligibility.any_interpreter()
                               ? "any language"
                               : ListedField(eligibility.interpreted_languages())},
          {"Demands", Listed(demands)},
          {"Cost", eligibility.cost()},
          {"Warm transfer", eligibility.takes_warm_transfers() ? "yes" : ""},
          {"Answers within", target}};
}

std::string VerifiedText(const v1::Service& service) {
  const std::string last = service.has_assured_time() ? TimeText(service.assured_time()) : "never";
  if (IsStale(service)) return "NOT VERIFIED (last: " + last + "): ask before you rely on it";
  return service.has_assured_time() ? last : "";
}

Result<void> Show(Context& context, const std::string& id_or_name) {
  v1::GetServiceResponse response;
  FAIRLEAD_ASSIGN(*response.mutable_service(), ReadService(context, id_or_name));
  context.Emit(response, [&] {
    const v1::Service& service = response.service();
    const std::string confidential = service.confidential_location() ? "confidential" : "";
    std::vector<Field> fields = {{"Service", service.name()},
                                 {"Agency", service.agency_name()},
                                 {"Agency id", service.agency_id()},
                                 {"Organization", service.organization_name()},
                                 {"Status", service.status()},
                                 {"Needs", ListedField(service.need_codes())},
                                 {"Languages", ListedField(service.languages())},
                                 {"Ages", Ages(service)},
                                 {"Hours", OpenText(service)},
                                 {"Counties", ListedField(service.counties())}};
    const std::vector<Field> eligibility = EligibilityFields(service.eligibility());
    fields.insert(fields.end(), eligibility.begin(), eligibility.end());
    const std::vector<Field> rest = {{"Cities", ListedField(service.cities())},
                                     {"Location", confidential},
                                     {"Phones", ListedField(service.phones())},
                                     {"E-mail", service.email()},
                                     {"Web", service.url()},
                                     {"Description", service.description()},
                                     {"Updated", TimeText(service.update_time())},
                                     {"Verified", VerifiedText(service)},
                                     {"Id", service.id()}};
    fields.insert(fields.end(), rest.begin(), rest.end());
    PrintFields(context.out(), fields);
  });
  context.home().SetLast("service", response.service().id());
  context.Next("release create --to " + response.service().agency_id() +
               " --category identity,needs,safe_contact --state STATE");
  return {};
}

Result<void> Needs(Context& context) {
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::ListNeedsResponse>(kListNeeds, v1::ListNeedsRequest()));
  context.Emit(response, [&] {
    Table table({"CODE", "ENGLISH", "SPANISH"});
    for (const v1::Need& need : response.needs()) {
      const std::string indent = need.parent_code().empty() ? "" : "  ";
      table.Add({indent + need.code(), need.label_en(), need.label_es()});
    }
    context.Print(table);
  });
  return {};
}

}  // namespace

void AddDirectoryVerbs(Args root, Context& context) {
  Args directory = root.Group("directory", "Services that agencies list");
  {
    auto options = std::make_shared<ImportOptions>();
    Args verb = directory.Verb("import", "Import listings (HSDS 3.1): all or nothing");
    verb.Positional("paths", &options->paths,
                    "An HSDS CSV folder with its datapackage.json, an older one (Ohana), or HSDS "
                    "JSON files");
    verb.Option("--format", &options->format, "csv or json; default: what the files are");
    verb.Option("--agency", &options->agency, "Whose listings; default: your own agency's");
    verb.Option("--default-need", &options->needs, "Need codes for services that name none");
    verb.Option("--default-county", &options->counties,
                "County (FIPS) for services that state no coverage");
    verb.Option("--default-zone", &options->time_zone,
                "Time zone (America/New_York) for schedules that state none; default: UTC");
    verb.Option("--source", &options->source,
                "Of an older folder with numbers for ids (Ohana): its name, if you have several");
    verb.Flag("--preview", &options->preview, "Only say what would change");
    verb.Do([&context, options] { return Import(context, *options); });
  }
  AddDirectoryExport(directory, context);
  AddDirectoryVerify(directory, context);
  AddDirectoryHistory(directory, context);
  {
    auto options = std::make_shared<SearchOptions>();
    Args verb = directory.Verb("search", "Find services; all conditions given must hold");
    verb.Option("--text", &options->words, "Words of the listing, or their beginnings");
    options->client.AddTo(verb, Need::kOptional);
    verb.Option("--language", &options->language, "BCP 47: es, zh-Hant");
    verb.Option("--limit", &options->limit, 1, 100, "At most so many");
    verb.Option("--page", &options->page, "The next page, as the last answer named it");
    verb.Do([&context, options] { return Search(context, *options); });
  }
  AddMatchVerb(directory, context);
  auto id = std::make_shared<std::string>();
  Args show = directory.Verb("show", "Show one service");
  show.Positional("service", id.get(), kServiceHelp);
  show.Do([&context, id] { return Show(context, *id); });
  Args hours = directory.Verb("hours", "When a service is open in the next 14 days");
  hours.Positional("service", id.get(), kServiceHelp);
  hours.Do([&context, id] { return ShowHours(context, *id); });
  directory.Verb("needs", "List the need codes").Do([&context] { return Needs(context); });
}

}  // namespace fairlead::cli
