// An import before it is understood: rows of the HSDS tables, whatever form they came in. CSV has
// them as they are; JSON is taken apart into the same tables (hsds_json.h).
#ifndef SERVICES_DIRECTORY_DOMAIN_IMPORT_ROWS_H_
#define SERVICES_DIRECTORY_DOMAIN_IMPORT_ROWS_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/directory/domain/hsds_documents.h"

namespace fairlead::directory {

inline constexpr size_t kMaxImportRows = 200'000;
inline constexpr size_t kMaxProblems = 100;

// What is wrong, and where a person finds it.
struct ImportProblem {
  std::string file;
  int row = 0;  // CSV: 1 is the header; JSON: the record, from 1; 0: the file as a whole
  std::string column;
  std::string reason;
  bool operator==(const ImportProblem&) const = default;
};

// Keeps the first kMaxProblems.
class Problems {
 public:
  void Add(ImportProblem problem) {
    if (list_.size() < kMaxProblems) list_.push_back(std::move(problem));
  }
  bool empty() const { return list_.empty(); }
  const std::vector<ImportProblem>& list() const { return list_; }

 private:
  std::vector<ImportProblem> list_;
};

// What a column of HSDS 3.1 is called in a file of another layout.
using ColumnNames = std::map<std::string_view, std::string_view, std::less<>>;

struct ImportRow {
  const std::string* file = nullptr;  // a name in ImportTables::files
  const ColumnNames* names = nullptr;  // of the file's columns where they differ
  int row = 0;
  std::string path;  // JSON: what stands before a column in a problem, "organization."
  std::map<std::string, std::string, std::less<>> fields;  // empty values are left out

  std::string_view Get(std::string_view column) const {
    const auto found = fields.find(column);
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
  }
  ImportProblem Problem(std::string_view column, std::string reason) const {
    if (names != nullptr) {
      if (const auto name = names->find(column); name != names->end()) column = name->second;
    }
    return {*file, row, path + std::string(column), std::move(reason)};
  }
};

struct ImportTables {
  std::map<std::string, std::vector<ImportRow>, std::less<>> tables;
  std::set<std::string> files;  // names, stable in memory
  // Tables whose file could not be read: that their rows are missing is no fault of other rows.
  std::set<std::string, std::less<>> unreadable;
  // JSON repeats what is shared (an organization inside each of its services): the first counts.
  bool repeats_allowed = false;
  size_t rows = 0;
  std::vector<Document> documents;  // the same, as it is kept

  const std::string* File(const std::string& name) { return &*files.insert(name).first; }
  // False: too many rows.
  bool Add(std::string_view table, ImportRow row) {
    if (++rows > kMaxImportRows) return false;
    tables[std::string(table)].push_back(std::move(row));
    return true;
  }
};

// How publishers write a yes and a no; what is neither is a fault.
inline bool IsTrue(std::string_view text) {
  return text == "true" || text == "TRUE" || text == "True" || text == "1" || text == "yes";
}
inline bool IsFalse(std::string_view text) {
  return text.empty() || text == "false" || text == "FALSE" || text == "False" || text == "0" ||
         text == "no";
}

// Of the table of this name; none where there is no such table.
inline const std::vector<ImportRow>& RowsOf(const ImportTables& tables, std::string_view name) {
  static const std::vector<ImportRow> none;
  const auto found = tables.tables.find(name);
  return found == tables.tables.end() ? none : found->second;
}

struct ImportText {
  std::string name;  // "services.csv"
  std::string_view content;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_IMPORT_ROWS_H_
