// The production engine: a pool of connections to a PostgreSQL server, each with a thread of its
// own. Single-row commits gain from several connections (the server then shares its fsync), not
// from pipelining one.
//
// Writes are SERIALIZABLE. What the server refuses as a conflict (SQLSTATE 40001, 40P01) is run
// again: a few times beside the others, then alone, so that it is sure to get through.
#ifndef SERVICES_COMMON_STORAGE_POSTGRES_POSTGRES_DATABASE_H_
#define SERVICES_COMMON_STORAGE_POSTGRES_POSTGRES_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "services/common/storage/database.h"

namespace fairlead::storage {

// `conninfo` is a libpq connection string
// (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING).
Result<std::unique_ptr<Database>> OpenPostgres(const std::string& conninfo,
                                               const DatabaseOptions& options,
                                               const std::vector<Migrations>& sets);

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_POSTGRES_POSTGRES_DATABASE_H_
