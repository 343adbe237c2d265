#include "services/directory/domain/import_whole.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "services/common/base/text_records.h"
#include "services/directory/domain/check_rows.h"
#include "services/directory/domain/hsds_csv.h"
#include "services/directory/domain/hsds_json.h"
#include "services/directory/domain/ohana_csv.h"

namespace fairlead::directory {
namespace {

// At a time: some megabytes of rows and documents.
constexpr size_t kRootsAtOnce = 200;
constexpr size_t kRowsAtOnce = 20'000;
constexpr size_t kBytesAtOnce = 4 * 1024 * 1024;
constexpr size_t kMaxPaths = UINT16_MAX;

// Of the first record of a file.
int FirstRow(bool is_json) { return is_json ? 1 : 2; }

// A problem of a part, as it is one of the file: the header is everybody's.
ImportProblem OfFile(ImportProblem problem, const ImportPart& part, bool is_json) {
  if (problem.row >= FirstRow(is_json)) problem.row += part.first_record;
  return problem;
}

void AddAll(const Problems& found, const ImportPart& part, bool is_json, Problems& problems) {
  for (const ImportProblem& problem : found.list()) {
    problems.Add(OfFile(problem, part, is_json));
  }
}

bool SaysNothing(const ImportPart& part, bool is_json) {
  return !is_json && part.file == "datapackage.json";
}

}  // namespace

void CheckPart(const ImportPart& part, bool is_json, Problems& problems) {
  if (SaysNothing(part, is_json)) return;
  Problems found;
  const ImportText text{part.file, part.content};
  if (is_json) {
    ReadHsdsJson({text}, found);
  } else if (const TableSpec* spec = FindTable(part.file); spec != nullptr) {
    ReadHsdsRows(text, *spec, &part.file, found);
  } else {
    found.Add({part.file, 0, "", "UNKNOWN_FILE"});
  }
  AddAll(found, part, is_json, problems);
}

void ImportWhole::Add(ImportPart given, Problems& problems) {
  if (SaysNothing(given, is_json_)) {
    any_table_ = true;
    return;
  }
  parts_.push_back(std::make_unique<Part>(Part{std::move(given), {}}));
  if (is_json_) {
    AddJson(*parts_.back(), problems);
  } else {
    AddCsv(*parts_.back(), problems);
  }
}

void ImportWhole::AddCsv(Part& part, Problems& problems) {
  const ImportPart& given = part.given;
  heads_.push_back({given.file, given.content});
  const TableSpec* spec = FindTable(given.file);
  if (spec == nullptr) return problems.Add({given.file, 0, "", "UNKNOWN_FILE"});
  any_table_ = true;
  if (file_of_table_.try_emplace(spec->name, given.file).first->second != given.file) {
    return problems.Add({given.file, 0, "", "DUPLICATE_FILE"});
  }
  Problems found;
  auto rows = ReadHsdsRows({given.file, given.content}, *spec, &given.file, found);
  AddAll(found, given, is_json_, problems);
  const std::vector<std::string_view> lines = CsvRecords(given.content);
  if (!rows || lines.size() != rows->size() + 1) {
    if (found.empty()) problems.Add({given.file, 0, "", "INVALID_CSV"});
    unreadable_.emplace(spec->name);
    return;
  }
  part.header = lines.front();
  const auto number = static_cast<uint32_t>(parts_.size() - 1);
  for (size_t i = 0; i < rows->size(); ++i) {
    ImportRow& row = (*rows)[i];
    row.row += given.first_record;
    records_.push_back({.part = number,
                        .offset = static_cast<uint32_t>(lines[i + 1].data() - given.content.data()),
                        .length = static_cast<uint32_t>(lines[i + 1].size()),
                        .row = row.row});
    AddRow(row, *spec, static_cast<uint32_t>(records_.size() - 1), problems);
  }
}

void ImportWhole::AddJson(Part& part, Problems& problems) {
  const ImportPart& given = part.given;
  any_table_ = true;
  Problems found;
  ImportTables tables = ReadHsdsJson({{given.file, given.content}}, found);
  AddAll(found, given, is_json_, problems);
  const auto records = JsonRecords(given.content);
  if (!records) {
    if (found.empty()) problems.Add({given.file, 0, "", "INVALID_JSON"});
    return;
  }
  const auto base = static_cast<uint32_t>(records_.size());
  const auto number = static_cast<uint32_t>(parts_.size() - 1);
  for (size_t i = 0; i < records->size(); ++i) {
    const std::string_view text = (*records)[i];
    records_.push_back({.part = number,
                        .offset = static_cast<uint32_t>(text.data() - given.content.data()),
                        .length = static_cast<uint32_t>(text.size()),
                        .row = given.first_record + static_cast<int>(i) + 1});
  }
  for (const TableSpec& spec : HsdsTables()) {
    const auto rows = tables.tables.find(spec.name);
    if (rows == tables.tables.end()) continue;
    for (ImportRow& row : rows->second) {
      const auto at = static_cast<uint32_t>(row.row - 1);
      if (at >= records->size()) continue;  // there is none: every row has its record
      row.row += given.first_record;
      AddRow(row, spec, base + at, problems);
    }
  }
}

void ImportWhole::AddRow(ImportRow& row, const TableSpec& spec, uint32_t record,
                         Problems& problems) {
  CheckRow(row, spec, problems);
  for (const Demand& demand : DemandsOf(row, spec)) {
    if (!ToRowId(demand.id)) problems.Add(row.Problem(demand.column, "UNKNOWN_REFERENCE"));
  }
  if (++rows_ > kMaxWholeRows || paths_.size() > kMaxPaths) {
    if (!std::exchange(full_, true)) problems.Add({*row.file, 0, "", "TOO_MANY_ROWS"});
    return;
  }
  const auto [path, is_new] =
      path_numbers_.try_emplace(row.path, static_cast<uint16_t>(paths_.size()));
  if (is_new) paths_.push_back(row.path);
  graph_.Add(row, spec, record, path->second);
}

ImportProblem ImportWhole::At(RowGraph::Index index, std::string_view column,
                              const char* reason) const {
  const RowGraph::Row& row = graph_.row(index);
  const Record& record = records_[row.record];
  return {parts_[record.part]->given.file, record.row, paths_[row.path] + std::string(column),
          reason};
}

void ImportWhole::Link(const std::set<std::string>& known_places, Problems& problems) {
  // Its numbers become ids by what the whole folder says.
  if (IsOhana(heads_)) return problems.Add({"", 0, "", "OLDER_LAYOUT"});
  if (!any_table_) return problems.Add({"", 0, "", "UNKNOWN_LAYOUT"});
  graph_.Link(known_places);
  for (const RowGraph::Index row : graph_.duplicates()) {
    problems.Add(At(row, "id", "DUPLICATE_ID"));
  }
  for (const RowGraph::Missing& missing : graph_.missing()) {
    if (unreadable_.contains(missing.table)) continue;
    problems.Add(At(missing.row, missing.column, "UNKNOWN_REFERENCE"));
  }
  for (const RowGraph::Index row : graph_.confidential_places()) {
    places_.emplace(ToUuid(graph_.row(row).id), At(row, "id", ""));
  }
  if (graph_.roots().empty() && problems.empty()) problems.Add({"", 0, "", "EMPTY_IMPORT"});
}

bool ImportWhole::HasService(std::string_view id) const {
  const std::optional<RowId> row = ToRowId(id);
  return row && graph_.Find("services", *row) != RowGraph::kNone;
}

int ImportWhole::percent() const {
  const size_t all = graph_.roots().size();
  return all == 0 ? 100 : static_cast<int>(next_root_ * 100 / all);
}

bool ImportWhole::Next(const ImportDefaults& defaults, Problems& problems, ImportSet& set) {
  set = {};
  const std::vector<RowGraph::Index>& roots = graph_.roots();
  if (next_root_ == roots.size()) return false;
  const RowGraph::Index first = roots[next_root_];
  std::set<uint32_t> records;
  std::set<std::pair<std::string_view, std::string>> wanted;
  size_t bytes = 0;
  while (next_root_ < roots.size() && wanted.size() < kRootsAtOnce &&
         records.size() < kRowsAtOnce && bytes < kBytesAtOnce) {
    const RowGraph::Index root = roots[next_root_++];
    std::set<RowGraph::Index> rows;
    if (!graph_.Reach(root, rows)) {
      problems.Add(At(root, "id", "DOCUMENT_TOO_LARGE"));
      continue;
    }
    wanted.emplace(RowGraph::SpecOf(graph_.row(root)).name, ToUuid(graph_.row(root).id));
    for (const RowGraph::Index row : rows) {
      const uint32_t record = graph_.row(row).record;
      if (records.insert(record).second) bytes += records_[record].length;
    }
  }
  // They have been read before, each by itself: only together can they be too many.
  Problems found;
  ImportTables tables = Read(records, found);
  if (!found.empty()) {
    problems.Add(At(first, "id", "DOCUMENT_TOO_LARGE"));
    return true;
  }
  std::erase_if(tables.documents, [&](const Document& document) {
    // An organization's may be wanted by its services, which have it in passing (JSON).
    return !wanted.contains({document.table, document.id});
  });
  set = BuildImport(std::move(tables), defaults, problems);
  std::erase_if(set.organizations, [&](const ImportedOrganization& one) {
    return !wanted.contains({"organizations", one.organization.id});
  });
  std::erase_if(set.listings, [&](const ImportedListing& one) {
    return !wanted.contains({"services", one.listing.id});
  });
  return true;
}

std::string_view ImportWhole::TextOf(const Record& record) const {
  return std::string_view(parts_[record.part]->given.content).substr(record.offset, record.length);
}

ImportTables ImportWhole::Read(const std::set<uint32_t>& records, Problems& problems) const {
  if (is_json_) return ReadJsonRecords(records, problems);
  ImportTables tables = ReadCsvRecords(records, problems);
  tables.documents = NestRows(tables, problems);
  return tables;
}

ImportTables ImportWhole::ReadCsvRecords(const std::set<uint32_t>& records,
                                         Problems& problems) const {
  ImportTables tables;
  for (auto at = records.begin(); at != records.end();) {
    const uint32_t number = records_[*at].part;
    const Part& part = *parts_[number];
    std::string text(part.header);
    std::vector<int> numbers;
    for (; at != records.end() && records_[*at].part == number; ++at) {
      text += TextOf(records_[*at]);
      // The last line of a file may have no end.
      if (!text.ends_with('\n')) text += '\n';
      numbers.push_back(records_[*at].row);
    }
    const TableSpec& spec = *FindTable(part.given.file);
    const std::string* file = tables.File(part.given.file);
    auto rows = ReadHsdsRows({part.given.file, text}, spec, file, problems);
    if (!rows) continue;
    for (size_t i = 0; i < rows->size(); ++i) {
      (*rows)[i].row = numbers.at(i);
      tables.Add(spec.name, std::move((*rows)[i]));
    }
  }
  return tables;
}

ImportTables ImportWhole::ReadJsonRecords(const std::set<uint32_t>& records,
                                          Problems& problems) const {
  struct File {
    std::string text = "[";
    std::vector<int> numbers = {};
  };
  std::map<std::string, File> files;
  for (const uint32_t number : records) {
    const Record& record = records_[number];
    File& file = files[parts_[record.part]->given.file];
    if (!file.numbers.empty()) file.text += ',';
    file.text += TextOf(record);
    file.numbers.push_back(record.row);
  }
  std::vector<ImportText> texts;
  for (auto& [name, file] : files) {
    file.text += ']';
    texts.push_back({name, file.text});
  }
  ImportTables tables = ReadHsdsJson(texts, problems);
  for (auto& [table, rows] : tables.tables) {
    for (ImportRow& row : rows) {
      const std::vector<int>& numbers = files.at(*row.file).numbers;
      if (row.row > 0) row.row = numbers.at(static_cast<size_t>(row.row) - 1);
    }
  }
  return tables;
}

}  // namespace fairlead::directory
