// The HSDS 3.1 CSV folder (datapackage.json beside the tables) as rows.
#ifndef SERVICES_DIRECTORY_DOMAIN_HSDS_CSV_H_
#define SERVICES_DIRECTORY_DOMAIN_HSDS_CSV_H_

#include <vector>

#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

// Files are checked one by one: a broken one does not hide the faults of the next. Reasons beside
// those of csv.h: UNKNOWN_FILE, DUPLICATE_FILE, MISSING_COLUMN.
ImportTables ReadHsdsCsv(const std::vector<ImportText>& texts, Problems& problems);

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
