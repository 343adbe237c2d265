#include "services/directory/domain/hsds_csv.h"

#include <algorithm>
#include <set>

#include "services/common/base/csv_line.h"
#include "services/directory/domain/csv.h"

namespace fairlead::directory {
namespace {

using Fields = std::map<std::string, std::string, std::less<>>;

}  // namespace

std::optional<std::vector<ImportRow>> ReadCsvRows(const ImportText& text, const std::string* file,
                                                  const std::vector<std::string_view>& needed,
                                                  Problems& problems) {
  auto csv = ParseCsv(text.content, kMaxImportRows);
  if (!csv) {
    problems.Add({*file, csv.error().row, csv.error().column, csv.error().reason});
    return std::nullopt;
  }
  bool good = true;
  for (const std::string_view column : needed) {
    if (std::ranges::find(csv->header, column) != csv->header.end()) continue;
    problems.Add({*file, 1, std::string(column), "MISSING_COLUMN"});
    good = false;
  }
  if (!good) return std::nullopt;
  std::vector<ImportRow> rows;
  rows.reserve(csv->records.size());
  for (std::vector<std::string>& record : csv->records) {
    ImportRow& row = rows.emplace_back();
    row.file = file;
    row.row = static_cast<int>(rows.size()) + 1;
    for (size_t c = 0; c < csv->header.size(); ++c) {
      std::string value = PlainCell(std::move(record[c]));
      if (!value.empty()) row.fields[csv->header[c]] = std::move(value);
    }
  }
  return rows;
}

std::optional<std::vector<ImportRow>> ReadHsdsRows(const ImportText& text, const TableSpec& spec,
                                                   const std::string* file, Problems& problems) {
  std::vector<std::string_view> needed = {"id"};
  needed.insert(needed.end(), spec.required.begin(), spec.required.end());
  return ReadCsvRows(text, file, needed, problems);
}

ImportTables ReadHsdsCsv(const std::vector<ImportText>& texts, Problems& problems) {
  ImportTables tables;
  const bool any = std::ranges::any_of(texts, [](const ImportText& text) {
    return text.name == "datapackage.json" || FindTable(text.name) != nullptr;
  });
  if (!any && !texts.empty()) {
    problems.Add({"", 0, "", "UNKNOWN_LAYOUT"});
    return tables;
  }
  std::set<const TableSpec*> seen;
  for (const ImportText& text : texts) {
    if (text.name == "datapackage.json") continue;  // says only which file is which table
    const std::string* file = tables.File(text.name);
    const TableSpec* spec = FindTable(text.name);
    if (spec == nullptr) {
      problems.Add({*file, 0, "", "UNKNOWN_FILE"});
      continue;
    }
    if (!seen.insert(spec).second) {
      problems.Add({*file, 0, "", "DUPLICATE_FILE"});
      continue;
    }
    auto rows = ReadHsdsRows(text, *spec, file, problems);
    if (!rows) {
      tables.unreadable.emplace(spec->name);
      continue;
    }
    for (ImportRow& row : *rows) {
      if (tables.Add(spec->name, std::move(row))) continue;
      // The import is too large as a whole.
      problems.Add({*file, 0, "", "TOO_MANY_ROWS"});
      return tables;
    }
  }
  if (problems.empty()) tables.documents = NestRows(tables, problems);
  return tables;
}

std::vector<CsvTable> MergeRows(const ImportTables& tables) {
  std::vector<CsvTable> merged;
  for (const TableSpec& spec : HsdsTables()) {
    const auto found = tables.tables.find(spec.name);
    if (found == tables.tables.end()) continue;
    std::map<std::string_view, Fields> by_id;
    std::vector<std::string_view> order;
    for (const ImportRow& row : found->second) {
      const auto [at, is_new] = by_id.try_emplace(row.Get("id"));
      if (is_new) order.push_back(at->first);
      for (const auto& [column, value] : row.fields) at->second.try_emplace(column, value);
    }
    CsvTable table{.name = std::string(spec.name), .columns = spec.columns, .rows = {}};
    for (const std::string_view id : order) {
      const Fields& fields = by_id[id];
      std::vector<std::string> cells;
      for (const std::string& column : spec.columns) {
        const auto value = fields.find(column);
        cells.push_back(value == fields.end() ? "" : value->second);
      }
      table.rows.push_back(std::move(cells));
    }
    merged.push_back(std::move(table));
  }
  return merged;
}

}  // namespace fairlead::directory
