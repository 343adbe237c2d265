// The messaging service, for whoever hosts it.
#ifndef SERVICES_MESSAGING_SERVICE_H_
#define SERVICES_MESSAGING_SERVICE_H_

#include <memory>

#include "services/common/base/result.h"
#include "services/common/host/service.h"

namespace fairlead::messaging {

Result<std::unique_ptr<host::Service>> StartMessagingService(const host::Environment& env);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_SERVICE_H_
