// The directory as a program hosts it: services/hub, or services/directory/main.cc alone.
#ifndef SERVICES_DIRECTORY_SERVICE_H_
#define SERVICES_DIRECTORY_SERVICE_H_

#include <memory>

#include "services/common/base/result.h"
#include "services/common/host/service.h"

namespace fairlead::directory {

// Opens the database and adds the methods to the registry. Errors: those of OpenDatabase.
Result<std::unique_ptr<host::Service>> StartDirectoryService(const host::Environment& environment);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_SERVICE_H_
