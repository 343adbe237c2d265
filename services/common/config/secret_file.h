// Secrets come from files only: never from flags (any user sees them in `ps`), never from the
// environment (children inherit it), never from the configuration file (it is copied around).
//
//   FAIRLEAD_ASSIGN(const std::string url, config::ReadSecret(service.database_url_file));
#ifndef SERVICES_COMMON_CONFIG_SECRET_FILE_H_
#define SERVICES_COMMON_CONFIG_SECRET_FILE_H_

#include <string>

#include "services/common/base/result.h"

namespace fairlead::config {

// The contents, at most 64 KiB, less one line end. Everyone on the machine must not be able to
// read the file (mode & 0007 is refused), except under /run/secrets and /run/credentials, which
// are private mounts. Errors (FAILED_PRECONDITION; the message names the path, never the
// contents): SECRET_FILE_UNREADABLE, SECRET_FILE_OPEN_TO_ALL, SECRET_FILE_EMPTY,
// SECRET_FILE_TOO_LARGE.
Result<std::string> ReadSecret(const std::string& path);

}  // namespace fairlead::config

#endif  // SERVICES_COMMON_CONFIG_SECRET_FILE_H_
