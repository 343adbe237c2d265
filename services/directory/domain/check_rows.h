// The checks of an import that need no meaning: ids, required values, references, rings of parents,
// lengths.
#ifndef SERVICES_DIRECTORY_DOMAIN_CHECK_ROWS_H_
#define SERVICES_DIRECTORY_DOMAIN_CHECK_ROWS_H_

#include <string>
#include <string_view>

#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

inline constexpr size_t kMaxNameBytes = 500;
inline constexpr size_t kMaxTextBytes = 20'000;

// "AC148810-…" as "ac148810-…": publishers write UUIDs in either case.
std::string CanonicalId(std::string_view id);

void CheckRows(const ImportTables& tables, Problems& problems);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_CHECK_ROWS_H_
