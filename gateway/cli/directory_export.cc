// directory export: the listings as an HSDS 3.1 folder, CSV tables with their datapackage.json or
// JSON files, which `directory import` reads again.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "fairlead/directory/v1/export.pb.h"
#include "fairlead/directory/v1/hsds.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/csv_line.h"

namespace fairlead::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
namespace v1 = directory::v1;

constexpr int kMaxParts = 100'000;
constexpr size_t kMaxRows = 20'000'000;

struct ExportOptions {
  std::string folder;
  std::string format = "csv";
  std::string agency;
  bool mine = false;
};

// What has come of one table.
struct Gathered {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::map<std::string, size_t> row_of_id;
  std::vector<std::string> records;  // JSON

  void Add(const v1::ExportPart& part) {
    if (columns.empty()) columns = {part.columns().begin(), part.columns().end()};
    records.insert(records.end(), part.records().begin(), part.records().end());
    for (const v1::ExportRow& row : part.rows()) {
      if (row.cells_size() != part.columns_size() || row.cells().empty()) continue;
      const auto [at, is_new] = row_of_id.emplace(row.cells(0), rows.size());
      if (is_new) {
        rows.emplace_back(row.cells().begin(), row.cells().end());
        continue;
      }
      std::vector<std::string>& known = rows[at->second];
      for (size_t i = 0; i < known.size(); ++i) {
        if (known[i].empty()) known[i] = row.cells(static_cast<int>(i));
      }
    }
  }
};
using Tables = std::map<std::string, Gathered>;

Result<Tables> Fetch(Context& context, v1::ExportListingsRequest request) {
  v1::BeginExportRequest begin;
  begin.set_request_id(context.RequestId());
  begin.set_format(request.format());
  begin.set_agency_id(request.agency_id());
  FAIRLEAD_ASSIGN(const auto begun,
                  context.client().Call<v1::BeginExportResponse>(kBeginExport, begin));
  request.set_export_id(begun.export_id());
  context.Say("Exports left in these 24 hours: " + std::to_string(begun.exports_left()) + ".");
  Tables tables;
  size_t rows = 0;  // as they come: what several records share comes with each
  for (int part = 0; part < kMaxParts && rows < kMaxRows; ++part) {
    FAIRLEAD_ASSIGN(const auto response,
                    context.client().Call<v1::ExportListingsResponse>(kExportListings, request));
    for (const v1::ExportPart& one : response.parts()) {
      tables[one.table()].Add(one);
      rows += static_cast<size_t>(one.rows_size() + one.records_size());
    }
    if (part % 20 == 19) context.Say(std::to_string(part + 1) + " parts so far …");
    if (response.next_page_token().empty()) return tables;
    request.set_page_token(response.next_page_token());
  }
  return Fail(Code::kResourceExhausted, "EXPORT_TOO_LONG", "The export does not end.");
}

// A table's name comes from the hub: it becomes a file's name only when it is one.
bool IsTableName(const std::string& name) {
  return !name.empty() && name.size() < 64 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
}

std::string ToCsv(const Gathered& table) {
  std::string text = CsvLine(table.columns);
  for (const std::vector<std::string>& row : table.rows) {
    std::vector<std::string> cells;
    for (const std::string& cell : row) cells.push_back(SafeCell(cell));
    text += CsvLine(cells);
  }
  return text;
}

std::string ToJson(const Gathered& table) {
  std::string text = "[";
  for (const std::string& record : table.records) {
    text += (text.size() == 1 ? "\n" : ",\n") + record;
  }
  return text + "\n]\n";
}

// Frictionless Data Package (https://specs.frictionlessdata.io/tabular-data-package/).
std::string DataPackage(const Tables& tables) {
  json::array resources;
  for (const auto& [name, table] : tables) {
    json::array fields;
    for (const std::string& column : table.columns) {
      fields.push_back(json::object{{"name", column}, {"type", "string"}});
    }
    resources.push_back(json::object{
        {"name", name},
        {"path", name + ".csv"},
        {"profile", "tabular-data-resource"},
        {"schema", json::object{{"fields", std::move(fields)}, {"primaryKey", "id"}}}});
  }
  return json::serialize(json::object{{"name", "human-services-data"},
                                      {"profile", "tabular-data-package"},
                                      {"version", "3.1"},
                                      {"resources", std::move(resources)}}) +
         "\n";
}

Result<void> Export(Context& context, const ExportOptions& options) {
  if (options.format != "csv" && options.format != "json") {
    return Usage("--format is csv or json.");
  }
  std::error_code error;
  if (fs::exists(options.folder, error) && !fs::is_empty(options.folder, error)) {
    return Fail(Code::kAlreadyExists, "FOLDER_NOT_EMPTY",
                options.folder + " is not an empty folder: nothing was written.");
  }
  v1::ExportListingsRequest request;
  const bool csv = options.format == "csv";
  request.set_format(csv ? v1::IMPORT_FORMAT_HSDS_CSV : v1::IMPORT_FORMAT_HSDS_JSON);
  if (options.mine) {
    FAIRLEAD_ASSIGN(const std::string own, context.OwnAgencyId());
    request.set_agency_id(own);
  } else if (!options.agency.empty()) {
    FAIRLEAD_ASSIGN(const std::string agency_id, context.AgencyId(options.agency));
    request.set_agency_id(agency_id);
  }
  FAIRLEAD_ASSIGN(const Tables tables, Fetch(context, request));
  if (!fs::create_directories(options.folder, error) && !fs::is_directory(options.folder, error)) {
    return Fail(Code::kInternal, "FILE_UNWRITABLE", "Cannot make " + options.folder + ".");
  }
  for (const auto& [name, table] : tables) {
    if (!IsTableName(name)) {
      return Fail(Code::kInternal, "UNEXPECTED_ANSWER", "The hub names a table strangely.");
    }
    const std::string path = options.folder + "/" + name + (csv ? ".csv" : ".json");
    FAIRLEAD_RETURN_IF_ERROR(WriteFile(path, csv ? ToCsv(table) : ToJson(table)));
  }
  if (csv) {
    FAIRLEAD_RETURN_IF_ERROR(WriteFile(options.folder + "/datapackage.json", DataPackage(tables)));
  }
  json::object written;
  for (const auto& [name, table] : tables) written[name] = table.rows.size() + table.records.size();
  if (context.json()) {
    context.out() << json::serialize(written) << "\n";
  } else {
    Table view({"TABLE", "RECORDS"});
    for (const auto& member : written) {
      view.Add({std::string(member.key()), json::serialize(member.value())});
    }
    if (!view.empty()) context.Print(view);
  }
  size_t all = 0;
  for (const auto& [name, table] : tables) all += table.rows.size() + table.records.size();
  context.Say(all == 0 ? "There is nothing to export."
                       : std::to_string(all) + " records written to " + options.folder + ".");
  context.Next("directory import " + options.folder + " --preview");
  return {};
}

}  // namespace

void AddDirectoryExport(Args directory, Context& context) {
  auto options = std::make_shared<ExportOptions>();
  Args verb = directory.Verb(
      "export", "Write the listings you may see to a folder (administrators and coordinators)");
  verb.Positional("folder", &options->folder, "A new or empty folder");
  verb.Option("--format", &options->format, "csv (the default) or json");
  verb.Option("--agency", &options->agency, "Only that agency's listings");
  verb.Flag("--mine", &options->mine, "Only those of your own agency");
  verb.Do([&context, options] { return Export(context, *options); });
}

}  // namespace fairlead::cli
