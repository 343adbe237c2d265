// The HSDS 3.1 CSV folder (datapackage.json beside the tables) as rows.
#ifndef SERVICES_DIRECTORY_DOMAIN_HSDS_CSV_H_
#define SERVICES_DIRECTORY_DOMAIN_HSDS_CSV_H_

#include <vector>

#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

// Files are checked one by one: a broken one does not hide the faults of the next. Reasons beside
// those of csv.h: UNKNOWN_FILE, DUPLICATE_FILE, MISSING_COLUMN.
ImportTables ReadHsdsCsv(const std::vector<ImportText>& texts, Problems& problems);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_HSDS_CSV_H_
