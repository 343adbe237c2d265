#include "services/common/storage/migrate.h"

#include <algorithm>
#include <set>

namespace fairlead::storage {
namespace {

tl::unexpected<Error> Broken(std::string message) {
  return Fail(Code::kInternal, "MIGRATION_FAILED", std::move(message));
}

tl::unexpected<Error> TooNew(std::string message) {
  return Fail(Code::kFailedPrecondition, "DATABASE_TOO_NEW",
              "the database was made by a newer version of this program: " + message +
                  ". Start that version, or restore the backup made before it ran");
}

}  // namespace

Result<std::vector<PendingMigration>> PlanMigrations(const std::vector<Migrations>& sets,
                                                     Transaction::Engine engine,
                                                     const std::vector<AppliedMigration>& applied) {
  std::vector<PendingMigration> pending;
  std::set<std::string_view> names;
  for (const Migrations& set : sets) {
    const std::string name(set.service);
    if (name.empty() || !names.insert(set.service).second)
      return Broken("two sets of migrations are named '" + name + "'");
    const std::vector<Migration>& known =
        engine == Transaction::Engine::kSqlite ? set.sqlite : set.postgres;
    for (size_t i = 0; i < known.size(); ++i)
      if (known[i].number != static_cast<int>(i) + 1)
        return Broken(name + ": migration " + std::to_string(i + 1) + " is missing");
    size_t done = 0;
    for (const AppliedMigration& past : applied) {
      if (past.service != set.service) continue;
      if (past.number != static_cast<int64_t>(done) + 1)
        return Broken(name + ": the database lacks migration " + std::to_string(done + 1));
      if (done >= known.size())
        return TooNew("it has migration " + std::to_string(past.number) + " of " + name +
                      ", this program knows " + std::to_string(known.size()));
      if (known[done].name != past.name)
        return Broken(name + ": migration " + std::to_string(past.number) + " was '" + past.name +
                      "' when it was applied and is '" + std::string(known[done].name) + "' now");
      ++done;
    }
    for (size_t i = done; i < known.size(); ++i)
      pending.push_back(PendingMigration{set.service, &known[i]});
  }
  for (const AppliedMigration& past : applied)
    if (!names.contains(past.service))
      return TooNew("it has migrations of " + past.service + ", which this program does not know");
  return pending;
}

tl::unexpected<Error> MigrationFailed(const PendingMigration& pending, const Error& cause) {
  return Broken(std::string(pending.service) + ": migration " +
                std::to_string(pending.migration->number) + " (" +
                std::string(pending.migration->name) + "): " + ToString(cause));
}

}  // namespace fairlead::storage
