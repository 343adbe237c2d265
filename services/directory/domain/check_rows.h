// The checks of an import that need no meaning: ids, required values, references, rings of parents,
// lengths.
#ifndef SERVICES_DIRECTORY_DOMAIN_CHECK_ROWS_H_
#define SERVICES_DIRECTORY_DOMAIN_CHECK_ROWS_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/directory/domain/hsds_tables.h"
#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

inline constexpr size_t kMaxNameBytes = 500;
inline constexpr size_t kMaxTextBytes = 20'000;

// "AC148810-…" as "ac148810-…": publishers write UUIDs in either case.
std::string CanonicalId(std::string_view id);

void CheckRows(const ImportTables& tables, Problems& problems);

// What can be said of one row without the others: its id, what it must have, lengths, and that what
// it names has the form of an id.
void CheckRow(const ImportRow& row, const TableSpec& spec, Problems& problems);
// What must be a row of the same import, as far as the row names it: (column, table, id).
struct Demand {
  std::string_view column;
  std::string_view table;
  std::string id;
};
std::vector<Demand> DemandsOf(const ImportRow& row, const TableSpec& spec);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_CHECK_ROWS_H_
