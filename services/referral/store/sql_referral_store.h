// The one SQL implementation of the referral store, for SQLite and PostgreSQL.
#ifndef SERVICES_REFERRAL_STORE_SQL_REFERRAL_STORE_H_
#define SERVICES_REFERRAL_STORE_SQL_REFERRAL_STORE_H_

#include <memory>

#include "services/common/storage/database.h"
#include "services/referral/store/referral_store.h"

namespace fairlead::referral {

// Each lives no longer than its transaction.
std::unique_ptr<ReferralReader> MakeSqlReferralReader(storage::ReadTransaction& tx);
std::unique_ptr<ReferralStore> MakeSqlReferralStore(storage::Transaction& tx);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_SQL_REFERRAL_STORE_H_
