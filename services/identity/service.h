// Identity as a program hosts it: services/hub, or services/identity/main.cc alone.
#ifndef SERVICES_IDENTITY_SERVICE_H_
#define SERVICES_IDENTITY_SERVICE_H_

#include <memory>

#include "services/common/base/result.h"
#include "services/common/host/service.h"

namespace fairlead::identity {

// Opens the database, adds the methods to the registry, follows directory's events. On a first run
// it leaves a one-time code in DATA/setup-code. Errors: those of OpenDatabase, SET_UP_CODE_FILE.
Result<std::unique_ptr<host::Service>> StartIdentityService(const host::Environment& environment);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_SERVICE_H_
