#include "services/common/storage/sqlite/error.h"

#include <map>
#include <string>

namespace fairlead::storage {
namespace {

// "UNIQUE constraint failed: offer.id, offer.agency" -> "offer.id, offer.agency".
std::map<std::string, std::string> ConstraintOf(std::string_view message) {
  constexpr std::string_view kMark = "constraint failed: ";
  const size_t at = message.find(kMark);
  if (at == std::string_view::npos) return {};
  return {{"constraint", std::string(message.substr(at + kMark.size()))}};
}

}  // namespace

tl::unexpected<Error> SqliteError(int code, std::string_view sqlite_message) {
  const std::string text = sqlite3_errstr(code);
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Fail(Code::kAlreadyExists, "UNIQUE_VIOLATION", "such a row is there already",
                  ConstraintOf(sqlite_message));
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Fail(Code::kFailedPrecondition, "FOREIGN_KEY_VIOLATION",
                  "a row that this one names is missing, or is still named by another");
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return Fail(Code::kFailedPrecondition, "CHECK_VIOLATION", "a value is not allowed here",
                  ConstraintOf(sqlite_message));
    case SQLITE_BUSY:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOLFS:
    case SQLITE_NOMEM:
    case SQLITE_NOTADB:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
      return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE",
                  "SQLite: " + text + " (" + std::to_string(code) + ")");
    default:
      return Fail(Code::kInternal, "STORAGE_ERROR",
                  "SQLite: " + text + " (" + std::to_string(code) + ")");
  }
}

}  // namespace fairlead::storage
