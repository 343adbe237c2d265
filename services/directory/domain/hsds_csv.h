// The HSDS 3.1 CSV folder (datapackage.json beside the tables) as rows.
#ifndef SERVICES_DIRECTORY_DOMAIN_HSDS_CSV_H_
#define SERVICES_DIRECTORY_DOMAIN_HSDS_CSV_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/directory/domain/hsds_tables.h"
#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

// Files are checked one by one: a broken one does not hide the faults of the next. Reasons beside
// those of csv.h: UNKNOWN_FILE, DUPLICATE_FILE, MISSING_COLUMN; UNKNOWN_LAYOUT (not one of the
// files is a table of HSDS).
ImportTables ReadHsdsCsv(const std::vector<ImportText>& texts, Problems& problems);

// The rows of one file, which must have the `needed` columns; cells are taken back from what
// spreadsheets must not take for formulas (SafeCell). nullopt: with a problem.
std::optional<std::vector<ImportRow>> ReadCsvRows(const ImportText& text, const std::string* file,
                                                  const std::vector<std::string_view>& needed,
                                                  Problems& problems);

// The rows of a file that is the table `spec`: with the columns that it must have.
std::optional<std::vector<ImportRow>> ReadHsdsRows(const ImportText& text, const TableSpec& spec,
                                                   const std::string* file, Problems& problems);

// A table: what its columns are, and its rows.
struct CsvTable {
  std::string name;  // "services"
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};
// The tables that have rows. Rows with the same id become one, with the columns of all: what a row
// that stands in several places says of each.
std::vector<CsvTable> MergeRows(const ImportTables& tables);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_HSDS_CSV_H_
