// A large import, part by part: checked as a whole, and made into listings a few at a time, so that
// it need not be in memory but for its text and 100 bytes a row.
//
//   ImportWhole whole(/*is_json=*/false);
//   for (ImportPart& part : parts) whole.Add(std::move(part), problems);
//   whole.Link(known_places, problems);
//   while (whole.Next(defaults, problems, set)) { … }   // only without problems
#ifndef SERVICES_DIRECTORY_DOMAIN_IMPORT_WHOLE_H_
#define SERVICES_DIRECTORY_DOMAIN_IMPORT_WHOLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/directory/domain/build_import.h"
#include "services/directory/domain/row_graph.h"

namespace fairlead::directory {

inline constexpr size_t kMaxWholeRows = 2'000'000;

// Records of one file that stand in it one after the other.
struct ImportPart {
  std::string file;  // "services.csv"
  int first_record = 0;  // how many of the file stand before
  std::string content;   // CSV: with the header; JSON: an array
  bool operator==(const ImportPart&) const = default;
};

// What is wrong with a part by itself. Reasons: those of reading such a file.
void CheckPart(const ImportPart& part, bool is_json, Problems& problems);

class ImportWhole {
 public:
  explicit ImportWhole(bool is_json) : is_json_(is_json), graph_(is_json) {}

  // Reasons: those of ReadHsdsCsv or ReadHsdsJson, and of rows by themselves (check_rows.h).
  void Add(ImportPart part, Problems& problems);
  // `known_places`: confidential already. Reasons: DUPLICATE_ID, UNKNOWN_REFERENCE, UNKNOWN_LAYOUT,
  // EMPTY_IMPORT, OLDER_LAYOUT (of Ohana API: in one request only).
  void Link(const std::set<std::string>& known_places, Problems& problems);

  // The next listings and records, organizations first; false: there are no more. `defaults`: with
  // `confidential_places` those of the whole. Reasons: those of BuildImport.
  bool Next(const ImportDefaults& defaults, Problems& problems, ImportSet& set);
  // Of all records how many have come; 0 to 100.
  int percent() const;

  // Ids of places that are confidential, with where they stand.
  const std::map<std::string, ImportProblem>& confidential_places() const { return places_; }
  bool any_confidential() const { return graph_.any_confidential(); }
  bool HasService(std::string_view id) const;

 private:
  struct Part {
    ImportPart given;
    std::string_view header;  // CSV
  };
  struct Record {
    uint32_t part = 0;
    uint32_t offset = 0;
    uint32_t length = 0;
    int row = 0;  // as problems have it
  };

  void AddCsv(Part& part, Problems& problems);
  void AddJson(Part& part, Problems& problems);
  void AddRow(ImportRow& row, const TableSpec& spec, uint32_t record, Problems& problems);
  ImportProblem At(RowGraph::Index row, std::string_view column, const char* reason) const;
  std::string_view TextOf(const Record& record) const;
  ImportTables Read(const std::set<uint32_t>& records, Problems& problems) const;
  ImportTables ReadCsvRecords(const std::set<uint32_t>& records, Problems& problems) const;
  ImportTables ReadJsonRecords(const std::set<uint32_t>& records, Problems& problems) const;

  const bool is_json_;
  RowGraph graph_;
  // Not moved once they are there: headers are views of them.
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<ImportText> heads_;  // of CSV: each part's
  std::vector<Record> records_;
  std::map<std::string, uint16_t> path_numbers_;
  std::vector<std::string> paths_;
  std::map<std::string_view, std::string> file_of_table_;
  std::set<std::string, std::less<>> unreadable_;
  std::map<std::string, ImportProblem> places_;
  size_t rows_ = 0;
  bool full_ = false;
  bool any_table_ = false;
  size_t next_root_ = 0;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_IMPORT_WHOLE_H_
