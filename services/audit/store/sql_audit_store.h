// The one SQL implementation of the audit store, for both engines.
#ifndef SERVICES_AUDIT_STORE_SQL_AUDIT_STORE_H_
#define SERVICES_AUDIT_STORE_SQL_AUDIT_STORE_H_

#include <memory>

#include "services/audit/store/audit_store.h"
#include "services/common/storage/database.h"

namespace fairlead::audit {

// The transaction outlives them.
std::unique_ptr<AuditReader> MakeSqlAuditReader(storage::ReadTransaction& tx);
std::unique_ptr<AuditStore> MakeSqlAuditStore(storage::Transaction& tx);

}  // namespace fairlead::audit

#endif  // SERVICES_AUDIT_STORE_SQL_AUDIT_STORE_H_
