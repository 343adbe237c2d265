// SQLite's result codes as errors of database.h.
#ifndef SERVICES_COMMON_STORAGE_SQLITE_ERROR_H_
#define SERVICES_COMMON_STORAGE_SQLITE_ERROR_H_

#include <sqlite3.h>

#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::storage {

// `code` is an extended result code. Messages of SQLite may quote a value (full-text search does),
// so only the names of a constraint are taken from `sqlite_message`.
tl::unexpected<Error> SqliteError(int code, std::string_view sqlite_message);

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_SQLITE_ERROR_H_
