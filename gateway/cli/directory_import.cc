// directory import: the files of an HSDS folder, in one request where they fit, else in parts.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/staged_import.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace fs = std::filesystem;
namespace v1 = directory::v1;

constexpr size_t kMaxImportFileBytes = 4 * 1024 * 1024;
constexpr size_t kMaxImportFiles = 64;
// Of all together, in one request: the hub takes 6 MiB.
constexpr uintmax_t kMaxRequestBytes = 5 * 1024 * 1024;

struct ImportOptions {
  std::vector<std::string> paths;
  std::string format;
  std::string agency;
  std::vector<std::string> needs;
  std::vector<std::string> counties;
  std::string time_zone;
  std::string source;
  bool preview = false;
  bool replace = false;
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

Result<std::vector<fs::path>> AllFiles(const ImportOptions& options) {
  std::vector<fs::path> files;
  for (const std::string& path : options.paths) {
    FAIRLEAD_ASSIGN(const std::vector<fs::path> more, FilesOf(path));
    files.insert(files.end(), more.begin(), more.end());
  }
  if (files.size() > kMaxImportFiles) return Usage("An import has at most 64 files.");
  return files;
}

bool FitsOneRequest(const std::vector<fs::path>& files) {
  uintmax_t bytes = 0;
  for (const fs::path& file : files) {
    std::error_code error;
    const uintmax_t size = fs::file_size(file, error);
    if (error) continue;  // reading it says what is the matter
    if (size > kMaxImportFileBytes) return false;
    bytes += size;
  }
  return bytes <= kMaxRequestBytes;
}

Result<v1::ImportListingsResponse> ImportAtOnce(Context& context, const ImportOptions& options,
                                                const std::vector<fs::path>& files,
                                                v1::ImportFormat format,
                                                const std::string& agency_id) {
  v1::ImportListingsRequest request;
  request.set_request_id(context.RequestId());
  request.set_agency_id(agency_id);
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
  return context.client().Call<v1::ImportListingsResponse>(kImportListings, request);
}

Result<v1::ImportListingsResponse> ImportLarge(Context& context, const ImportOptions& options,
                                               const std::vector<fs::path>& files,
                                               v1::ImportFormat format,
                                               const std::string& agency_id) {
  StagedImportOptions staged;
  for (const fs::path& file : files) staged.paths.push_back(file.string());
  staged.start.set_agency_id(agency_id);
  staged.start.set_format(format);
  for (const std::string& need : options.needs) staged.start.add_default_need_codes(need);
  for (const std::string& county : options.counties) staged.start.add_default_counties(county);
  staged.start.set_default_time_zone(options.time_zone);
  staged.preview = options.preview;
  staged.replace = options.replace;
  return ImportInParts(context, staged);
}

Table ProblemTable(const v1::ImportListingsResponse& response) {
  Table table({"FILE", "ROW", "COLUMN", "PROBLEM"});
  for (const v1::ImportProblem& problem : response.problems()) {
    table.Add({problem.file(), std::to_string(problem.row()), problem.column(), problem.reason()});
  }
  return table;
}

// What was refused, with every fault that there is: the refusal itself names the first alone.
Error WithAllProblems(Context& context, ImportOptions options,
                      const std::vector<fs::path>& files, v1::ImportFormat format,
                      const std::string& agency_id, Error refused) {
  if (refused.reason != "IMPORT_INVALID" || !FitsOneRequest(files) || context.json()) {
    return refused;
  }
  options.preview = true;
  const auto preview = ImportAtOnce(context, options, files, format, agency_id);
  if (!preview || preview->problems_size() < 2) return refused;
  context.Print(ProblemTable(*preview));
  for (const char* name : {"file", "row", "column", "problem"}) refused.metadata.erase(name);
  return refused;
}

void WarnOfUnfindable(Context& context, int count, const std::string& what,
                      const std::string& option) {
  if (count == 0) return;
  context.Say(std::to_string(count) + (count == 1 ? " service states no " : " services state no ") +
              what + ": nobody finds " + (count == 1 ? "it" : "them") +
              " by it. Import again with " +
              option + ".");
}

Result<void> Import(Context& context, const ImportOptions& options) {
  FAIRLEAD_ASSIGN(const std::vector<fs::path> files, AllFiles(options));
  FAIRLEAD_ASSIGN(const v1::ImportFormat format, FormatOf(files, options.format));
  FAIRLEAD_ASSIGN(const std::string agency_id, options.agency.empty()
                                                   ? context.OwnAgencyId()
                                                   : context.AgencyId(options.agency));
  const auto make = FitsOneRequest(files) ? ImportAtOnce : ImportLarge;
  const auto made = make(context, options, files, format, agency_id);
  if (!made) {
    return Fail(WithAllProblems(context, options, files, format, agency_id, made.error()));
  }
  const v1::ImportListingsResponse& response = *made;
  context.Emit(response, [&] {
    context.out() << (options.preview ? "Would create " : "Created ") << response.created() << ", "
                  << (options.preview ? "update " : "updated ") << response.updated()
                  << ", unchanged " << response.unchanged() << ".\n";
    if (response.problems_size() > 0) context.Print(ProblemTable(response));
  });
  if (response.problems_size() > 0) {
    return Fail(Code::kInvalidArgument, "IMPORT_INVALID",
                "The import has faults: as it is, nothing of it would be kept.");
  }
  WarnOfUnfindable(context, response.services_without_need(), "need", "--default-need CODE");
  WarnOfUnfindable(context, response.services_without_area(), "county or state",
                   "--default-county FIPS");
  context.Next(options.preview ? "directory import … (without --preview)" : "directory search");
  return {};
}

}  // namespace

void AddDirectoryImport(Args directory, Context& context) {
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
  verb.Flag("--replace", &options->replace,
            "Throw away another large import that the agency has begun and not finished");
  verb.Flag("--preview", &options->preview, "Only say what would change");
  verb.Do([&context, options] { return Import(context, *options); });
}

}  // namespace fairlead::cli
