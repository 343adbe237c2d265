#include "services/common/storage/sqlite/connection.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "services/common/base/encoding.h"
#include "services/common/storage/engine.h"
#include "services/common/storage/sqlite/error.h"
#include "services/common/storage/sqlite/joining_vfs.h"

namespace fairlead::storage {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

// Functions whose answer is not in the database: their effect could not be repeated.
bool IsUnrepeatable(std::string_view function) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "random",   "randomblob", "date",    "time",  "datetime",          "julianday",
      "strftime", "unixepoch",  "changes", "rowid", "last_insert_rowid", "total_changes"};
  return std::find(kNames.begin(), kNames.end(), function) != kNames.end();
}

}  // namespace

// SQLite makes files with the umask's mode; ours hold secrets.
Result<void> CreatePrivateFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::fchmod(fd, 0600) != 0) {
    if (fd >= 0) ::close(fd);
    return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "cannot open " + path);
  }
  ::close(fd);
  return {};
}

std::string AttachedPath(const std::string& main_path, const std::string& schema) {
  constexpr std::string_view kEnding = ".db";
  std::string stem = main_path;
  if (stem.ends_with(kEnding)) stem.resize(stem.size() - kEnding.size());
  return stem + "-" + schema + ".db";
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const Settings& settings) {
  if (!settings.read_only) {
    if (!settings.scratch_main) FAIRLEAD_RETURN_IF_ERROR(CreatePrivateFile(settings.path));
    for (const std::string& schema : settings.attached)
      FAIRLEAD_RETURN_IF_ERROR(CreatePrivateFile(AttachedPath(settings.path, schema)));
  }
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(settings));
  const int flags = (settings.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const std::string path = settings.scratch_main ? ":memory:" : settings.path;
  const int code = sqlite3_open_v2(path.c_str(), &connection->db_, flags, JoiningVfs());
  if (code != SQLITE_OK) return SqliteError(code, "");
  FAIRLEAD_RETURN_IF_ERROR(connection->Configure());
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement.handle);
  sqlite3_close(db_);
}

Result<void> SqliteConnection::Configure() {
  sqlite3_busy_timeout(db_, kBusyTimeoutMs);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  // SQLite 3.40 can corrupt a WAL that two connections checkpoint: readers never do.
  if (settings_.read_only) sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_hook(db_, &SqliteConnection::WalHook, this);  // also ends automatic checkpoints
  for (const std::string& schema : settings_.attached) {
    const Value path(AttachedPath(settings_.path, schema));
    FAIRLEAD_RETURN_IF_ERROR(Execute("ATTACH $1 AS " + schema, Params(&path, 1)));
  }
  // A statement's rollback journal of an attached schema must not reach a temporary file.
  std::string pragmas = "PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;";
  std::vector<std::string> schemas = settings_.attached;
  schemas.insert(schemas.begin(), "main");
  for (const std::string& schema : schemas) {
    pragmas += "PRAGMA " + schema + ".cache_size = -" + std::to_string(settings_.cache_kib) + ";";
    if (settings_.read_only) continue;
    pragmas += "PRAGMA " + schema + ".journal_mode = WAL;";
    // An attached file follows from the main one and is synced later: see attached.h.
    pragmas += "PRAGMA " + schema + ".synchronous = " + (schema == "main" ? "FULL;" : "NORMAL;");
    pragmas += "PRAGMA " + schema + ".secure_delete = ON;";
  }
  FAIRLEAD_RETURN_IF_ERROR(RunScript(pragmas));
  for (const std::string& schema : schemas) {
    if (schema == "main" && settings_.scratch_main) continue;
    FAIRLEAD_ASSIGN(const std::vector<Row> mode,
                    Query("PRAGMA " + schema + ".journal_mode", Params()));
    if (mode.size() != 1 || mode[0].Text(0) != "wal")
      return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "the file system allows no WAL");
  }
  if (!settings_.attached.empty() && !settings_.read_only)
    sqlite3_set_authorizer(db_, &SqliteConnection::Authorize, this);
  return {};
}

int SqliteConnection::WalHook(void* self, sqlite3*, const char* schema, int pages) {
  static_cast<SqliteConnection*>(self)->wal_pages_[schema] = pages;
  return SQLITE_OK;
}

int SqliteConnection::Authorize(void* self, int action, const char*, const char* second,
                                const char* schema, const char*) {
  Access* access = static_cast<SqliteConnection*>(self)->collecting_;
  if (access == nullptr) return SQLITE_OK;
  if (action == SQLITE_FUNCTION) {
    access->depends_on_more |= second != nullptr && IsUnrepeatable(second);
  } else if (schema != nullptr &&
             (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE)) {
    access->writes.emplace_back(schema);
  } else if (schema != nullptr && action == SQLITE_READ) {
    access->reads.emplace_back(schema);
  }
  return SQLITE_OK;
}

// A write to an attached schema is repeated after a crash between the two files' commits (see
// attached.h), so all that it depends on must be in that schema and in its parameters.
Result<void> SqliteConnection::Classify(const Access& access, Statement& statement) const {
  for (size_t i = 0; i < settings_.attached.size(); ++i) {
    const std::string& schema = settings_.attached[i];
    const auto is_it = [&schema](const std::string& name) { return name == schema; };
    if (std::none_of(access.writes.begin(), access.writes.end(), is_it)) continue;
    if (!std::all_of(access.writes.begin(), access.writes.end(), is_it) ||
        !std::all_of(access.reads.begin(), access.reads.end(), is_it) || access.depends_on_more)
      return OurDefect("a statement that writes " + schema + " may depend on nothing else");
    statement.writes_schema = static_cast<int>(i);
  }
  return {};
}

tl::unexpected<Error> SqliteConnection::PrepareError() const {
  const int code = sqlite3_extended_errcode(db_);
  // The text of our own SQL is no secret, and its message is what finds the defect.
  if (code == SQLITE_ERROR) return OurDefect(std::string("SQLite: ") + sqlite3_errmsg(db_));
  return SqliteError(code, sqlite3_errmsg(db_));
}

Result<SqliteConnection::Statement> SqliteConnection::Prepare(std::string_view& rest,
                                                              unsigned flags) {
  Statement statement;
  const char* tail = nullptr;
  Access access;
  collecting_ = &access;
  const int code = sqlite3_prepare_v3(db_, rest.data(), static_cast<int>(rest.size()), flags,
                                      &statement.handle, &tail);
  collecting_ = nullptr;
  if (code != SQLITE_OK) return PrepareError();
  rest.remove_prefix(static_cast<size_t>(tail - rest.data()));
  if (statement.handle == nullptr) return statement;
  Result<void> fine = Classify(access, statement);
  statement.read_only = sqlite3_stmt_readonly(statement.handle) != 0;
  // "$2" is a name to SQLite, numbered as it comes: find which parameter each one is.
  const int count = sqlite3_bind_parameter_count(statement.handle);
  for (int i = 1; fine && i <= count; ++i) {
    const char* name = sqlite3_bind_parameter_name(statement.handle, i);
    const std::string_view text = name == nullptr ? "" : name;
    int number = 0;
    const auto parsed = std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (text.size() < 2 || text[0] != '$' || parsed.ec != std::errc() ||
        parsed.ptr != text.data() + text.size() || number < 1 || number > 1'000) {
      fine = OurDefect("parameters are written $1, $2, …");
    } else {
      statement.slots.push_back(number - 1);
      statement.params_needed = std::max(statement.params_needed, static_cast<size_t>(number));
    }
  }
  if (fine) return statement;
  sqlite3_finalize(statement.handle);
  return Fail(std::move(fine.error()));
}

Result<SqliteConnection::Statement*> SqliteConnection::Find(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return &found->second;
  std::string_view rest = sql;
  FAIRLEAD_ASSIGN(const Statement statement, Prepare(rest, SQLITE_PREPARE_PERSISTENT));
  if (statement.handle == nullptr) return OurDefect("an empty statement");
  if (rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    sqlite3_finalize(statement.handle);
    return OurDefect("more than one statement");
  }
  if (statements_.size() >= kMaxStatements) {  // statements made of changing text: rare
    for (auto& [text, old] : statements_) sqlite3_finalize(old.handle);
    statements_.clear();
  }
  return &statements_.emplace(std::string(sql), statement).first->second;
}

Result<void> SqliteConnection::Bind(const Statement& statement, Params params) {
  if (params.size() != statement.params_needed)
    return OurDefect("the statement takes " + std::to_string(statement.params_needed) +
                     " parameters, not " + std::to_string(params.size()));
  for (size_t i = 0; i < statement.slots.size(); ++i) {
    const Value::Variant& value = params[static_cast<size_t>(statement.slots[i])].variant();
    const int index = static_cast<int>(i) + 1;
    int code = SQLITE_OK;
    if (const auto* number = std::get_if<int64_t>(&value)) {
      code = sqlite3_bind_int64(statement.handle, index, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      if (text->find('\0') != std::string::npos || !IsUtf8(*text))
        return Fail(Code::kInvalidArgument, "INVALID_TEXT", "text is UTF-8 without NUL");
      code = sqlite3_bind_text64(statement.handle, index, text->data(), text->size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      code = sqlite3_bind_blob64(statement.handle, index, blob->bytes.data(), blob->bytes.size(),
                                 SQLITE_STATIC);
    } else {
      code = sqlite3_bind_null(statement.handle, index);
    }
    if (code != SQLITE_OK) return SqliteError(code, "");
  }
  return {};
}

Result<Row> SqliteConnection::ReadRow(sqlite3_stmt* handle) const {
  const int count = sqlite3_column_count(handle);
  std::vector<Value> columns;
  columns.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    switch (sqlite3_column_type(handle, i)) {
      case SQLITE_NULL:
        columns.emplace_back();
        break;
      case SQLITE_INTEGER:
        columns.emplace_back(static_cast<int64_t>(sqlite3_column_int64(handle, i)));
        break;
      case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle, i));
        const auto size = static_cast<size_t>(sqlite3_column_bytes(handle, i));
        columns.emplace_back(std::string(text, size));
        break;
      }
      case SQLITE_BLOB: {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle, i));
        const auto size = static_cast<size_t>(sqlite3_column_bytes(handle, i));
        columns.emplace_back(Blob{size == 0 ? std::string() : std::string(bytes, size)});
        break;
      }
      default:
        return OurDefect("a column of type REAL: cast it to INTEGER or TEXT in the SQL");
    }
  }
  return Row(std::move(columns));
}

Result<int64_t> SqliteConnection::Run(Statement& statement, std::string_view sql, Params params,
                                      std::vector<Row>* rows) {
  Result<void> fine = Bind(statement, params);
  const int64_t before = TotalChanges();
  int code = SQLITE_DONE;
  if (fine) {
    writes_begun_ += statement.read_only ? 0 : 1;
    while ((code = sqlite3_step(statement.handle)) == SQLITE_ROW) {
      if (rows == nullptr) continue;
      Result<Row> row = ReadRow(statement.handle);
      if (!row) {
        fine = Fail(std::move(row.error()));
        break;
      }
      rows->push_back(std::move(*row));
    }
    if (fine && code != SQLITE_DONE)
      fine = SqliteError(sqlite3_extended_errcode(db_), sqlite3_errmsg(db_));
  }
  const int64_t changes = TotalChanges() == before ? 0 : sqlite3_changes64(db_);
  sqlite3_reset(statement.handle);
  sqlite3_clear_bindings(statement.handle);  // they point to memory of the caller
  if (!fine) return Fail(std::move(fine.error()));
  if (statement.writes_schema >= 0 && on_attached_write_)
    on_attached_write_(statement.writes_schema, sql, params);
  return statement.read_only ? 0 : changes;
}

Result<std::vector<Row>> SqliteConnection::Query(std::string_view sql, Params params) {
  FAIRLEAD_ASSIGN(Statement* const statement, Find(sql));
  std::vector<Row> rows;
  FAIRLEAD_RETURN_IF_ERROR(Run(*statement, sql, params, &rows));
  return rows;
}

Result<int64_t> SqliteConnection::Execute(std::string_view sql, Params params) {
  FAIRLEAD_ASSIGN(Statement* const statement, Find(sql));
  return Run(*statement, sql, params, nullptr);
}

Result<void> SqliteConnection::RunScript(std::string_view script) {
  std::string_view rest = script;
  while (!rest.empty()) {
    const std::string_view from_here = rest;
    FAIRLEAD_ASSIGN(Statement statement, Prepare(rest, 0));
    if (statement.handle == nullptr) break;  // only white space or comments were left
    const std::string_view sql = from_here.substr(0, from_here.size() - rest.size());
    const Result<int64_t> done = Run(statement, sql, {}, nullptr);
    sqlite3_finalize(statement.handle);
    if (!done) return Fail(done.error());
  }
  return {};
}

bool SqliteConnection::HasDeferredViolations() const {
  int current = 0;
  int highest = 0;
  sqlite3_db_status(db_, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0);
  return current != 0;
}

int64_t SqliteConnection::WalPages(const std::string& schema) const {
  const auto found = wal_pages_.find(schema);
  return found == wal_pages_.end() ? 0 : found->second;
}

Result<void> SqliteConnection::Checkpoint(const std::string& schema, int mode) {
  const int code = sqlite3_wal_checkpoint_v2(db_, schema.c_str(), mode, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteError(code, "");
  // After these two the journal starts over, and nothing in it counts any more.
  if (mode == SQLITE_CHECKPOINT_TRUNCATE || mode == SQLITE_CHECKPOINT_RESTART) {
    wal_pages_[schema] = 0;
  }
  return {};
}

}  // namespace fairlead::storage
