// The embedded engine: one writer thread that commits in groups, a few readers.
//
// The writer takes what is queued (at most 64 jobs, at most 2 ms), runs each inside a SAVEPOINT of
// one transaction, commits (one fsync for all), and only then tells the callers. It never waits
// for company: a lone job commits at once, and while it does, the next group gathers by itself.
#ifndef SERVICES_COMMON_STORAGE_SQLITE_SQLITE_DATABASE_H_
#define SERVICES_COMMON_STORAGE_SQLITE_SQLITE_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "services/common/storage/database.h"

namespace fairlead::storage {

Result<std::unique_ptr<Database>> OpenSqlite(const std::string& path,
                                             const DatabaseOptions& options,
                                             const std::vector<Migrations>& sets);

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_SQLITE_SQLITE_DATABASE_H_
