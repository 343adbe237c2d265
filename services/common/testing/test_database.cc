#include "services/common/testing/test_database.h"

#include <map>
#include <mutex>
#include <string>

#include "services/common/testing/postgres_server.h"

namespace fairlead::testing {
namespace {

// What makes two databases alike before their first row.
std::string SchemaOf(const std::vector<storage::Migrations>& sets,
                     const storage::DatabaseOptions& options) {
  std::string schema;
  for (const storage::Migrations& set : sets) {
    schema.append(set.service).append(":").append(std::to_string(set.postgres.size())).append(" ");
  }
  for (const std::string& attached : options.attached) schema.append("+").append(attached);
  return schema;
}

// The name of a database with this schema that nobody has open.
Result<std::string> Migrated(PostgresServer& server, const std::vector<storage::Migrations>& sets,
                             storage::DatabaseOptions options) {
  static std::mutex mutex;
  static std::map<std::string, std::string> names;
  const std::lock_guard lock(mutex);
  std::string& name = names[SchemaOf(sets, options)];
  if (!name.empty()) return name;
  FAIRLEAD_ASSIGN(options.url, server.NewDatabase());
  FAIRLEAD_ASSIGN(const auto database, storage::OpenDatabase(options, sets));
  database->Close();
  name = options.url.substr(options.url.find("dbname=") + std::string_view("dbname=").size());
  return name;
}

}  // namespace

Result<std::unique_ptr<storage::Database>> OpenTestDatabase(
    storage::Transaction::Engine engine, const TempDir& folder,
    const std::vector<storage::Migrations>& sets, storage::DatabaseOptions options) {
  if (engine == storage::Transaction::Engine::kSqlite) {
    options.url = "sqlite:" + folder.File("test.db");
  } else {
    FAIRLEAD_ASSIGN(PostgresServer * server, PostgresServer::Shared());
    FAIRLEAD_ASSIGN(const std::string from, Migrated(*server, sets, options));
    FAIRLEAD_ASSIGN(options.url, server->NewDatabase(from));
  }
  return storage::OpenDatabase(options, sets);
}

}  // namespace fairlead::testing
