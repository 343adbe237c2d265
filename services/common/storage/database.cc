#include "services/common/storage/database.h"

#include <algorithm>
#include <set>

#include "services/common/storage/postgres/postgres_database.h"
#include "services/common/storage/sqlite/sqlite_database.h"

namespace fairlead::storage {
namespace {

constexpr size_t kMaxAttached = 8;  // SQLite's own limit is 10
constexpr size_t kMaxSchemaName = 30;

template <class T>
const T* Get(const std::vector<Value>& columns, size_t column) {
  return column < columns.size() ? std::get_if<T>(&columns[column].variant()) : nullptr;
}

const std::string& Nothing() {
  static const std::string nothing;
  return nothing;
}

tl::unexpected<Error> BadOptions(std::string message) {
  return Fail(Code::kInvalidArgument, "INVALID_DATABASE_OPTIONS", std::move(message));
}

// Schema names go into SQL text: only plain words, none that an engine uses itself.
bool IsSchemaName(const std::string& name) {
  static const std::set<std::string_view> kReserved = {"main", "temp", "public",
                                                       "information_schema"};
  return !name.empty() && name.size() <= kMaxSchemaName && !kReserved.contains(name) &&
         !name.starts_with("pg_") && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

bool Row::IsNull(size_t column) const { return Get<std::monostate>(columns_, column) != nullptr; }

int64_t Row::Int(size_t column) const {
  const auto* number = Get<int64_t>(columns_, column);
  return number == nullptr ? 0 : *number;
}

const std::string& Row::Text(size_t column) const {
  const auto* text = Get<std::string>(columns_, column);
  return text == nullptr ? Nothing() : *text;
}

const std::string& Row::Bytes(size_t column) const {
  const auto* blob = Get<Blob>(columns_, column);
  return blob == nullptr ? Nothing() : blob->bytes;
}

std::optional<int64_t> Row::OptionalInt(size_t column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

std::optional<std::string> Row::OptionalText(size_t column) const {
  if (IsNull(column)) return std::nullopt;
  return Text(column);
}

Result<std::unique_ptr<Database>> OpenDatabase(const DatabaseOptions& options,
                                               const std::vector<Migrations>& sets) {
  std::set<std::string_view> seen;
  for (const std::string& schema : options.attached)
    if (!IsSchemaName(schema) || !seen.insert(schema).second)
      return BadOptions("'" + schema + "' is not a schema name, or stands twice");
  if (options.attached.size() > kMaxAttached) return BadOptions("too many attached schemas");
  if (options.max_queued_jobs < 1 || options.reader_threads < 1 || options.reader_threads > 64 ||
      options.postgres_connections < 1 || options.postgres_connections > 64)
    return BadOptions("a limit is out of range");
  constexpr std::string_view kSqlite = "sqlite:";
  constexpr std::string_view kPostgres = "postgres:";
  if (options.url.starts_with(kSqlite)) {
    const std::string path = options.url.substr(kSqlite.size());
    // A file name that SQLite would read as something else.
    if (path.empty() || path.starts_with(":") || path.starts_with("file:"))
      return BadOptions("sqlite: needs a path");
    return OpenSqlite(path, options, sets);
  }
  if (options.url.starts_with(kPostgres))
    return OpenPostgres(options.url.substr(kPostgres.size()), options, sets);
  // The url may hold a password: it is not repeated.
  return BadOptions("a database url starts with sqlite: or postgres:");
}

}  // namespace fairlead::storage
