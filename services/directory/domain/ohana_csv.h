// The CSV folder that Ohana API imports (organizations.csv, locations.csv, services.csv,
// regular_schedules.csv …: the Human Services Data Specification before its version 1.0), as rows
// of HSDS 3.1. What is read of each file: docs/hsds.md.
#ifndef SERVICES_DIRECTORY_DOMAIN_OHANA_CSV_H_
#define SERVICES_DIRECTORY_DOMAIN_OHANA_CSV_H_

#include <string>
#include <vector>

#include "services/common/calendar/rule.h"
#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

struct OhanaSource {
  std::string agency_id;  // UUID: ids of different agencies never meet
  std::string name;       // tells several sources of one agency apart; may be empty
  // Holidays without a year (they have 0001) are those of this year and the next, and one that
  // goes on since last year (RangesOf).
  calendar::Date today;
};

// By the names of the files, and by the columns of services.csv.
bool IsOhana(const std::vector<ImportText>& texts);

// Their ids are numbers of a table: each becomes the UUIDv5 of (source, table, id), so the same
// folder again is the same import. Problems are named by the file's own columns. Reasons: those of
// ReadHsdsCsv; INVALID_VALUE for a weekday, a time or a date that cannot be read.
ImportTables ReadOhanaCsv(const std::vector<ImportText>& texts, const OhanaSource& source,
                          Problems& problems);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_OHANA_CSV_H_
