// A service's database for one test, on either engine, with its migrations done.
#ifndef SERVICES_COMMON_TESTING_TEST_DATABASE_H_
#define SERVICES_COMMON_TESTING_TEST_DATABASE_H_

#include <memory>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::testing {

// Each is a process of the server's: for tests without races of their own.
inline constexpr int kFewConnections = 2;

// A file in `folder`, or a database on the shared PostgreSQL server: there a copy of one that was
// migrated once for the whole test program, since migrations take longer than most tests.
// `options`: its limits and attached schemas; the url is set here. Errors: of OpenDatabase and of
// PostgresServer.
Result<std::unique_ptr<storage::Database>> OpenTestDatabase(
    storage::Transaction::Engine engine, const TempDir& folder,
    const std::vector<storage::Migrations>& sets, storage::DatabaseOptions options = {});

}  // namespace fairlead::testing

#endif  // SERVICES_COMMON_TESTING_TEST_DATABASE_H_
