// The one SQL implementation of the consent store, for SQLite and PostgreSQL.
#ifndef SERVICES_CONSENT_STORE_SQL_RELEASE_STORE_H_
#define SERVICES_CONSENT_STORE_SQL_RELEASE_STORE_H_

#include <memory>

#include "services/common/storage/database.h"
#include "services/consent/store/release_store.h"

namespace fairlead::consent {

// Each lives no longer than its transaction.
std::unique_ptr<ReleaseReader> MakeSqlReleaseReader(storage::ReadTransaction& tx);
std::unique_ptr<ReleaseStore> MakeSqlReleaseStore(storage::Transaction& tx);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_STORE_SQL_RELEASE_STORE_H_
