// The audit service, for whoever hosts it.
#ifndef SERVICES_AUDIT_SERVICE_H_
#define SERVICES_AUDIT_SERVICE_H_

#include <memory>

#include "services/common/base/result.h"
#include "services/common/host/service.h"

namespace fairlead::audit {

Result<std::unique_ptr<host::Service>> StartAuditService(const host::Environment& env);

}  // namespace fairlead::audit

#endif  // SERVICES_AUDIT_SERVICE_H_
