// One sqlite3 connection: settings, cached statements, parameters, errors. Not thread-safe: each
// thread has its own.
#ifndef SERVICES_COMMON_STORAGE_SQLITE_CONNECTION_H_
#define SERVICES_COMMON_STORAGE_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::storage {

// The file of an attached database: "/srv/a.db" and "custody" give "/srv/a-custody.db".
std::string AttachedPath(const std::string& main_path, const std::string& schema);

// An empty file that nobody else may read, unless there is one. Error: STORAGE_UNAVAILABLE.
Result<void> CreatePrivateFile(const std::string& path);

class SqliteConnection {
 public:
  struct Settings {
    std::string path = {};
    std::vector<std::string> attached = {};
    bool read_only = false;
    bool scratch_main = false;  // main in memory, the attached ones in their files beside `path`
    int cache_kib = 4096;
  };
  // Creates the files (mode 0600) unless read-only. Errors: as in database.h.
  static Result<std::unique_ptr<SqliteConnection>> Open(const Settings& settings);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // The statement is prepared once and kept.
  Result<std::vector<Row>> Query(std::string_view sql, Params params);
  // Rows changed; 0 for what is not INSERT, UPDATE or DELETE.
  Result<int64_t> Execute(std::string_view sql, Params params = {});

  // Called with each successful statement that wrote the attached schema of that index.
  using AttachedWriteFn = std::function<void(int schema, std::string_view sql, Params params)>;
  void OnAttachedWrite(AttachedWriteFn listener) { on_attached_write_ = std::move(listener); }

  // Runs the statements of a script one after another, within the caller's transaction.
  Result<void> RunScript(std::string_view script);

  // False when an error has made SQLite roll the whole transaction back.
  bool InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }
  // Foreign keys declared DEFERRED that nothing satisfies as yet.
  bool HasDeferredViolations() const;
  int64_t TotalChanges() const { return sqlite3_total_changes64(db_); }
  // Statements begun that may write, whatever came of them.
  int64_t writes_begun() const { return writes_begun_; }
  // Pages in the journal of a schema after the last commit ("main" or an attached one).
  int64_t WalPages(const std::string& schema) const;
  // `mode` is a SQLITE_CHECKPOINT_ constant.
  Result<void> Checkpoint(const std::string& schema, int mode);

 private:
  struct Statement {
    sqlite3_stmt* handle = nullptr;
    std::vector<int> slots;  // bind index i + 1 takes params[slots[i]]
    size_t params_needed = 0;
    int writes_schema = -1;  // index into attached; -1: none
    bool read_only = true;
  };
  // What the authorizer saw while a statement was prepared.
  struct Access {
    std::vector<std::string> reads;
    std::vector<std::string> writes;
    bool depends_on_more = false;  // on the clock, chance or the connection
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  explicit SqliteConnection(Settings settings) : settings_(std::move(settings)) {}
  Result<void> Configure();
  Result<Statement*> Find(std::string_view sql);
  // Advances `rest` past the statement. A null handle: only white space or comments were left.
  Result<Statement> Prepare(std::string_view& rest, unsigned flags);
  Result<void> Classify(const Access& access, Statement& statement) const;
  Result<void> Bind(const Statement& statement, Params params);
  Result<int64_t> Run(Statement& statement, std::string_view sql, Params params,
                      std::vector<Row>* rows);
  Result<Row> ReadRow(sqlite3_stmt* handle) const;
  tl::unexpected<Error> PrepareError() const;
  static int Authorize(void* self, int action, const char* first, const char* second,
                       const char* schema, const char* trigger);
  static int WalHook(void* self, sqlite3*, const char* schema, int pages);

  Settings settings_;
  sqlite3* db_ = nullptr;
  int64_t writes_begun_ = 0;
  Access* collecting_ = nullptr;
  AttachedWriteFn on_attached_write_;
  std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
  std::unordered_map<std::string, int64_t> wal_pages_;
};

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_SQLITE_CONNECTION_H_
