// The consent service, for whoever hosts it.
#ifndef SERVICES_CONSENT_SERVICE_H_
#define SERVICES_CONSENT_SERVICE_H_

#include <memory>

#include "services/common/base/result.h"
#include "services/common/host/service.h"

namespace fairlead::consent {

Result<std::unique_ptr<host::Service>> StartConsentService(const host::Environment& env);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_SERVICE_H_
