// Which migrations a database needs. Pure: the engines read and write schema_migrations.
#ifndef SERVICES_COMMON_STORAGE_MIGRATE_H_
#define SERVICES_COMMON_STORAGE_MIGRATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::storage {

// The same in both engines.
inline constexpr std::string_view kCreateMigrationsTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations (service TEXT NOT NULL, number BIGINT NOT NULL, "
    "name TEXT NOT NULL, applied_ms BIGINT NOT NULL, PRIMARY KEY (service, number))";
inline constexpr std::string_view kSelectMigrations =
    "SELECT service, number, name FROM schema_migrations ORDER BY service, number";
inline constexpr std::string_view kInsertMigration =
    "INSERT INTO schema_migrations (service, number, name, applied_ms) VALUES ($1, $2, $3, $4)";

struct AppliedMigration {
  std::string service;
  int64_t number = 0;
  std::string name;
};

struct PendingMigration {
  std::string_view service;
  const Migration* migration = nullptr;  // points into `sets`
};

// Errors: MIGRATION_FAILED (numbers with a gap, two sets of one name, a name that changed),
// DATABASE_TOO_NEW (the database has a migration, or a set, that this program does not know).
Result<std::vector<PendingMigration>> PlanMigrations(const std::vector<Migrations>& sets,
                                                     Transaction::Engine engine,
                                                     const std::vector<AppliedMigration>& applied);

// MIGRATION_FAILED with the set, the number and the cause.
tl::unexpected<Error> MigrationFailed(const PendingMigration& pending, const Error& cause);

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_MIGRATE_H_
